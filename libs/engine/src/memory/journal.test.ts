import type { CollectiveId, ExperienceId } from '@waggle/protocol'
import { DEFAULT_TENANT } from '@waggle/protocol'
import { expect, test } from 'vitest'
import { JOURNAL_STORE, journalKey, type Scope } from '../state/keyspace.ts'
import { openTestEngine, type TestEngine } from '../testing/test-engine.ts'
import { readCollective } from './collective/collective-rows.ts'
import { decodeJournalRow, type JournalRow } from './journal.ts'

const openWithCollective = async (): Promise<{ test: TestEngine; collective: CollectiveId; scope: Scope }> => {
  const engine = await openTestEngine()
  const { collective } = await engine.call('collective.create', { name: 'bees', dimension: 2 })
  const { id } = collective as { id: CollectiveId }
  const stored = readCollective(engine.store, DEFAULT_TENANT, id)
  if (stored === undefined) throw new Error('the collective is not there')
  return { test: engine, collective: id, scope: stored.scope }
}

/** The journal from its first row on, without its numbering. */
const journalOf = async ({ store }: TestEngine, scope: Scope): Promise<readonly JournalRow[]> => {
  const rows: JournalRow[] = []
  const gte = journalKey(scope, JOURNAL_STORE.memory, { sequence: 0, index: 0 } as Scope['incarnation'])
  for await (const [key, value] of store.scan({ gte })) {
    if (key.length !== gte.length || Buffer.compare(key.subarray(0, -12), gte.subarray(0, -12)) !== 0) break
    rows.push(decodeJournalRow(value))
  }
  return rows
}

test('F7 every change leaves one row, and what changes nothing leaves none', async () => {
  const { test: engine, collective, scope } = await openWithCollective()
  const { id } = (await engine.call('experience.record', {
    collective,
    content: 'one',
    embedding: [1, 2],
  })) as unknown as {
    id: ExperienceId
  }
  const address = { collective, id }
  await engine.call('experience.update', { ...address, patch: { importance: 1 } })
  await engine.call('experience.update', { ...address, patch: {} })
  await engine.call('experience.archive', address)
  await engine.call('experience.archive', address)
  await engine.call('experience.unarchive', address)
  await engine.call('experience.reinforce', address)
  engine.clock.advance(5)
  await engine.call('experience.delete', address)
  const rows = await journalOf(engine, scope)
  expect(rows.map(({ kind, entity }) => `${entity} ${kind}`)).toEqual([
    'collective created',
    'experience created',
    'experience updated',
    'experience archived',
    'experience updated',
    'experience updated',
    'experience deleted',
  ])
  expect(new Set(rows.slice(1).map((row) => row.id))).toEqual(new Set([id]))
  expect(rows[0]?.id).toBe(collective)
  expect(rows.at(-1)?.timeMs).toBe(engine.clock.nowMs())
})

test('F4 F7 the changes of one batch are rows of one sequence, in their order', async () => {
  const { test: engine, collective, scope } = await openWithCollective()
  const experiences = Array.from({ length: 3 }, (_, n) => ({ content: `n ${n}`, embedding: [n, 1] }))
  const { ids } = await engine.call('experience.recordMany', { collective, experiences })
  expect((await journalOf(engine, scope)).map(({ id }) => id)).toEqual([collective, ...(ids as ExperienceId[])])
})

test('F7 deleting a collective is the last row of its journal, until it is swept', async () => {
  const { test: engine, collective, scope } = await openWithCollective()
  await engine.call('collective.delete', { collective })
  expect((await journalOf(engine, scope)).at(-1)).toMatchObject({ kind: 'deleted', entity: 'collective' })
})

/** Batches: all or none, each command seeing what those before it would leave. */
import { isFault } from '@waggle/kernel'
import { limits } from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { openTestEngine, type TestEngine } from '../testing/test-engine.ts'

const idOf = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`

let engine: TestEngine
let collective: string

beforeEach(async () => {
  engine = await openTestEngine()
  const created = await engine.call('collective.create', { name: 'bees', dimension: 2 })
  collective = (created.collective as { id: string }).id
})

const record = (n: number) => ({
  operation: 'experience.record',
  ...{ id: idOf(n), content: `record ${n}`, embedding: [1, n] },
})
const commit = async (commands: readonly object[], more: object = {}) =>
  engine.call('batch.commit', { collective, commands, ...more })

const refusalOf = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isFault(error)) throw new Error(`not refused: ${String(error)}`)
  return [error.code, error.details.field]
}

const contents = async (): Promise<string[]> => {
  const { items } = await engine.call('experience.list', { collective })
  return (items as { content: string }[]).map(({ content }) => content)
}

describe('batch.commit', () => {
  test('P3 C1 a command sees what those before it would leave', async () => {
    const { results } = await commit([
      record(1),
      record(2),
      { operation: 'experience.reinforce', id: idOf(1) },
      { operation: 'experience.reinforce', id: idOf(1) },
      { operation: 'relation.create', source: idOf(1), target: idOf(2), type: 'supports' },
      { operation: 'insight.store', content: 'both', embedding: [1, 1], sources: [idOf(1), idOf(2)], type: 'pattern' },
      { operation: 'experience.update', id: idOf(2), patch: { importance: 1 }, ifVersion: 1 },
      { operation: 'experience.delete', id: idOf(1) },
    ])
    expect(results).toMatchObject([
      { id: idOf(1) },
      { id: idOf(2) },
      { applications: 1, version: 2 },
      { applications: 2, version: 3 },
      {},
      {},
      { version: 2 },
      {},
    ])
    expect(await contents()).toEqual(['record 2'])
    const { stats } = await engine.call('collective.stats', { collective })
    expect(stats).toMatchObject({ experienceCount: 1, relationCount: 0, insightCount: 1 })
  })

  test('P3 C2 the first command that is refused refuses all, and the fault names it', async () => {
    expect(await refusalOf(commit([record(1), record(1)]))).toEqual(['ALREADY_EXISTS', 'commands[1].id'])
    expect(await refusalOf(commit([record(1), { ...record(2), embedding: [1] }]))).toEqual([
      'DIMENSION_MISMATCH',
      'commands[1].embedding',
    ])
    const missing = { operation: 'experience.delete', id: idOf(9) }
    expect(await refusalOf(commit([record(1), missing, missing]))).toEqual(['NOT_FOUND', 'commands[1]'])
    const self = { operation: 'relation.create', source: idOf(1), target: idOf(1), type: 'supports' }
    expect(await refusalOf(commit([record(1), self]))).toEqual(['INVALID_FIELD', 'commands[1].target'])
    expect(await contents()).toEqual([])
  })

  test.each<[string, unknown, string, string]>([
    ['an operation that is none', [{ operation: 'collective.delete' }], 'INVALID_FIELD', 'commands[0].operation'],
    ['no operation', [{}], 'INVALID_FIELD', 'commands[0].operation'],
    [
      'a field of another operation',
      [{ operation: 'experience.archive', id: idOf(1), patch: {} }],
      'UNKNOWN_FIELD',
      'commands[0].patch',
    ],
    [
      'a collective of its own',
      [{ operation: 'experience.archive', id: idOf(1), collective: idOf(2) }],
      'UNKNOWN_FIELD',
      'commands[0].collective',
    ],
    ['no id', [{ operation: 'experience.archive' }], 'REQUIRED_FIELD', 'commands[0].id'],
    ['a command that is none', [null], 'INVALID_FIELD', 'commands[0]'],
    ['no list', 'all', 'INVALID_FIELD', 'commands'],
    [
      'too many',
      Array.from({ length: limits.BATCH_ITEMS_MAX + 1 }, () => ({ operation: 'experience.archive', id: idOf(1) })),
      'TOO_MANY_ITEMS',
      'commands',
    ],
  ])('P10 %s is refused', async (_, commands, code, field) => {
    expect(await refusalOf(commit(commands as readonly object[]))).toEqual([code, field])
  })

  test('P2 C3 ids that nobody gave are the same when it is sent again', async () => {
    const commands = [1, 2].map((n) => ({ operation: 'experience.record', content: `${n}`, embedding: [1, n] }))
    const first = await commit(commands, { idempotencyKey: 'k' })
    expect(await commit(commands, { idempotencyKey: 'k' })).toEqual(first)
    const ids = (first.results as { id: string }[]).map(({ id }) => id)
    expect(new Set(ids).size).toBe(2)
    const alone = await engine.call('experience.record', {
      collective,
      ...{ content: '1', embedding: [1, 1] },
      idempotencyKey: 'k',
    })
    expect(ids).not.toContain(alone.id)
    expect(await contents()).toHaveLength(3)
  })

  test('P3 P4 its changes are of one sequence, in the order of the commands', async () => {
    await commit([record(2), record(1), { operation: 'experience.archive', id: idOf(2) }])
    const { changes } = await engine.call('watch.next', { collective, from: 'start' })
    expect((changes as { kind: string; id: string }[]).slice(1).map(({ kind, id }) => [kind, id])).toEqual([
      ['created', idOf(2)],
      ['created', idOf(1)],
      ['archived', idOf(2)],
    ])
  })

  test('K5 C4 a batch that would write too many rows is refused, all of it', async () => {
    const sources = Array.from({ length: limits.INSIGHT_SOURCES_MAX }, (_, n) => idOf(n))
    await commit(sources.map((_, n) => record(n)))
    const conclusions = (count: number) =>
      Array.from({ length: count }, () => ({
        ...{ operation: 'insight.store', content: 'so it is', embedding: [1, 1], sources, type: 'pattern' },
      }))
    expect(await refusalOf(commit(conclusions(250)))).toEqual(['TOO_MANY_ITEMS', 'commands'])
    const { stats } = await engine.call('collective.stats', { collective })
    expect(stats).toMatchObject({ insightCount: 0 })
    await commit(conclusions(200))
  }, 60_000)

  test('P11 C4 short commands that would rewrite large records too often are refused, all of them', async () => {
    const relatedFiles = Array.from({ length: limits.RELATED_FILES_MAX }, (_, n) => String(n).padStart(500, '/'))
    await commit([{ ...record(1), relatedFiles }])
    const reinforcing = (count: number) =>
      Array.from({ length: count }, () => ({ operation: 'experience.reinforce', id: idOf(1) }))
    expect(await refusalOf(commit(reinforcing(500)))).toEqual(['TOO_MANY_ITEMS', 'commands'])
    expect(await commit(reinforcing(400))).toMatchObject({ results: { 399: { applications: 400 } } })
    // Nor do several such batches become one record.
    const tokens = (await Promise.all([1, 2, 3].map(() => commit(reinforcing(250))))).map(({ token }) => token)
    expect(new Set(tokens).size).toBe(3)
  }, 60_000)

  test('an empty batch changes nothing; one on a collective that is not there is refused', async () => {
    expect(await commit([])).toMatchObject({ results: [] })
    const call = engine.call('batch.commit', { collective: idOf(77), commands: [] })
    expect(await refusalOf(call)).toEqual(['NOT_FOUND', undefined])
  })

  test('P3 F3 a batch that is larger than a record takes effect whole', async () => {
    const content = 'x'.repeat(90_000)
    await commit(Array.from({ length: 40 }, (_, n) => ({ ...record(n), content })))
    expect(await contents()).toHaveLength(40)
    const rebuilt = await openTestEngine({ stream: engine.stream })
    expect(await rebuilt.engine.digest()).toEqual(await engine.engine.digest())
  })
})

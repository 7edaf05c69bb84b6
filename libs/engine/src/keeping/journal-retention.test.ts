import { decodeEntries, decodeRecord, DEFAULT_TENANT, fault, type Address, type CollectiveId } from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { engineFault } from '../errors.ts'
import { Maintenance } from '../maintenance.ts'
import { readCollective } from '../memory/collective/collective-rows.ts'
import { readJournalHorizon } from '../memory/journal.ts'
import { addressOfJournalKey, JOURNAL_STORE, journalPrefix, type Scope } from '../state/keyspace.ts'
import { prefixRange } from '../store/prefix-range.ts'
import { openTestEngine, type TestEngine } from '../testing/test-engine.ts'
import { silentLogger, systemTimers } from '@waggle/kernel'
import { countPrunable } from './journal-commands.ts'
import { JournalPruner } from './journal-pruner.ts'

const KEEP_MS = 1_000

let engine: TestEngine
let maintenance: Maintenance

const maintenanceOf = ({ engine: opened, store }: TestEngine): Maintenance =>
  new Maintenance({
    clock: { nowMs: () => 0 },
    store,
    timeMs: () => opened.position.timeMs,
    timers: systemTimers,
    logger: silentLogger,
    submit: (command) => opened.submit(command),
  })

beforeEach(async () => {
  engine = await openTestEngine()
  maintenance = maintenanceOf(engine)
})

const create = async (name: string): Promise<{ id: CollectiveId; scope: Scope }> => {
  const { collective } = await engine.call('collective.create', { name, dimension: 1 })
  const { id } = collective as { id: CollectiveId }
  return { id, scope: readCollective(engine.store, DEFAULT_TENANT, id)!.scope }
}

const record = async (collective: CollectiveId, count: number): Promise<void> => {
  const experiences = Array.from({ length: count }, (_, n) => ({ content: `n ${n}`, embedding: [n + 1] }))
  await engine.call('experience.recordMany', { collective, experiences })
}

/** A write after `durationMs`, so that the log's time moves on. */
const pass = async (durationMs: number): Promise<void> => {
  engine.clock.advance(durationMs)
  await engine.call('collective.create', { name: `at ${engine.clock.nowMs()}`, dimension: 1 })
}

const journalOf = async (scope: Scope, { store } = engine): Promise<Address[]> => {
  const rows: Address[] = []
  for await (const key of store.scanKeys(prefixRange(journalPrefix(scope, JOURNAL_STORE.memory))))
    rows.push(addressOfJournalKey(key))
  return rows
}

const horizonOf = (scope: Scope): Address => readJournalHorizon(engine.store, scope, JOURNAL_STORE.memory)

/** How many rows each event of the log so far pruned. */
const prunedByEvent = (): number[] => {
  const counts: number[] = []
  for (let sequence = 1; sequence <= engine.stream.bounds().last; sequence += 1) {
    const decoded = decodeRecord(engine.stream.at(sequence)!)
    if ('defect' in decoded) throw new Error(decoded.defect)
    for (const { events } of decodeEntries(decoded.record.payload))
      for (const [kind, body] of events)
        if (kind === 'JournalPruned') counts.push((body.addresses as readonly unknown[]).length)
  }
  return counts
}

const pruneAll = async (keepMs = KEEP_MS): Promise<number> => {
  for (let pruned = 0; ;) {
    const step = await maintenance.pruneJournals(keepMs)
    pruned += step.pruned
    if (step.done) return pruned
  }
}

describe('retention of journals', () => {
  test('F7 J1 rows older than what is kept go, others stay, and the horizon tells the first that is left', async () => {
    const { id, scope } = await create('bees')
    await record(id, 2)
    await pass(KEEP_MS)
    await record(id, 3)
    expect(horizonOf(scope)).toEqual(scope.incarnation)
    expect(await pruneAll()).toBe(0)
    await pass(1)
    const rows = await journalOf(scope)
    expect(rows).toHaveLength(6)
    expect(await pruneAll()).toBe(3)
    expect(await journalOf(scope)).toEqual(rows.slice(3))
    expect(horizonOf(scope)).toEqual(rows[3])
  })

  test('F7 J2 the newest row of a journal stays, whatever its age', async () => {
    const { id, scope } = await create('bees')
    await record(id, 5)
    await pass(10 * KEEP_MS)
    const newest = (await journalOf(scope)).at(-1)
    await pruneAll()
    expect(await journalOf(scope)).toEqual([newest])
    expect(horizonOf(scope)).toEqual(newest)
    const before = engine.stream.bounds().last
    expect(await pruneAll(0)).toBe(0)
    expect(engine.stream.bounds().last).toBe(before)
  })

  test('F7 age is told by the time of the log: a shard without writes prunes nothing', async () => {
    const { id, scope } = await create('bees')
    await record(id, 5)
    engine.clock.advance(10 * KEEP_MS)
    expect(await pruneAll()).toBe(0)
    expect(await journalOf(scope)).toHaveLength(6)
  })

  test('K5 J3 an event removes at most 256 rows', async () => {
    const { id, scope } = await create('bees')
    await record(id, 600)
    await pass(2 * KEEP_MS)
    expect(await pruneAll()).toBe(600)
    expect(prunedByEvent()).toEqual([256, 256, 88])
    expect(await journalOf(scope)).toHaveLength(1)
  })

  test('K5 a journal whose rows are a multiple of a step ends without an empty event', async () => {
    const { id } = await create('bees')
    await record(id, 512)
    await pass(2 * KEEP_MS)
    expect(await pruneAll()).toBe(512)
    expect(prunedByEvent()).toEqual([256, 256])
  })

  test('K5 a call is bounded, and the next goes on where it stopped', async () => {
    for (let n = 0; n < 70; n += 1) await record((await create(`n ${n}`)).id, 1)
    await pass(2 * KEEP_MS)
    expect(await maintenance.pruneJournals(KEEP_MS)).toEqual({ pruned: 64, done: false })
    expect(await maintenance.pruneJournals(KEEP_MS)).toEqual({ pruned: 6, done: true })
    expect(await maintenance.pruneJournals(KEEP_MS)).toEqual({ pruned: 0, done: true })
  })

  test('F2 journals of every tenant are pruned, each from its own rows', async () => {
    const mine = await create('bees')
    const { collective } = await engine.engine.execute('other' as typeof DEFAULT_TENANT, 'collective.create', {
      name: 'wasps',
      dimension: 1,
    })
    const { id } = collective as { id: CollectiveId }
    await engine.engine.execute('other' as typeof DEFAULT_TENANT, 'experience.record', {
      collective: id,
      content: 'x',
      embedding: [1],
    })
    const { scope } = readCollective(engine.store, 'other' as typeof DEFAULT_TENANT, id)!
    await pass(2 * KEEP_MS)
    expect(await pruneAll()).toBe(1)
    expect(await journalOf(scope)).toHaveLength(1)
    expect(await journalOf(mine.scope)).toHaveLength(1)
  })

  test('K5 the journal of a deleted collective is left to the sweep', async () => {
    const { id, scope } = await create('bees')
    await record(id, 5)
    await pass(2 * KEEP_MS)
    const [first, second] = await journalOf(scope)
    await engine.call('collective.delete', { collective: id })
    const command = {
      name: 'maintenance.pruneJournal' as const,
      tenant: DEFAULT_TENANT,
      fields: { collective: id, scope, store: JOURNAL_STORE.memory, addresses: [first], next: second, keepMs: 0 },
    }
    expect((await engine.engine.submit(command)).result).toEqual({ pruned: 0 })
    await engine.call('collective.create', { id, name: 'bees', dimension: 1 })
    expect((await engine.engine.submit(command)).result).toEqual({ pruned: 0 })
    expect(prunedByEvent()).toEqual([])
  })

  test('F7 a step that was decided already changes nothing when it comes again', async () => {
    const { id, scope } = await create('bees')
    await record(id, 5)
    await pass(2 * KEEP_MS)
    const rows = await journalOf(scope)
    const step = (count: number) =>
      engine.engine.submit({
        name: 'maintenance.pruneJournal',
        tenant: DEFAULT_TENANT,
        fields: {
          ...{ collective: id, scope, store: JOURNAL_STORE.memory, keepMs: KEEP_MS },
          ...{ addresses: rows.slice(0, count), next: rows[count] },
        },
      })
    expect((await step(3)).result).toEqual({ pruned: 3 })
    expect((await step(3)).result).toEqual({ pruned: 0 })
    expect((await step(2)).result).toEqual({ pruned: 0 })
    expect((await step(4)).result).toEqual({ pruned: 1 })
    expect(horizonOf(scope)).toEqual(rows[4])
  })

  test('whoever asks while a call is under way is given its answer, and a stopped one goes no further', async () => {
    await record((await create('bees')).id, 600)
    await pass(2 * KEEP_MS)
    const [first, second] = [maintenance.pruneJournals(KEEP_MS), maintenance.pruneJournals(KEEP_MS)]
    expect(await second).toBe(await first)
    await record((await create('wasps')).id, 600)
    await pass(2 * KEEP_MS)
    const begun = maintenance.pruneJournals(KEEP_MS)
    await maintenance.stop()
    expect(await begun).toMatchObject({ done: false })
  })

  test('a refusal reaches whoever asked, and the next call goes on', async () => {
    const { id } = await create('bees')
    await record(id, 2)
    await pass(2 * KEEP_MS)
    const replica = await openTestEngine({ stream: engine.stream, fence: 'log', lead: false })
    await expect(maintenanceOf(replica).pruneJournals(KEEP_MS)).rejects.toMatchObject({ code: 'NOT_LEADING' })
    expect(await pruneAll()).toBe(2)
  })

  test('F7 a journal of keys has no age: without a rule all of it stays', async () => {
    const { id, scope } = await create('bees')
    for (const key of ['a', 'b', 'c']) await engine.call('keys.put', { collective: id, entries: [[key, 'value']] })
    await record(id, 2)
    await pass(2 * KEEP_MS)
    expect(await pruneAll()).toBe(2)
    const rows: Uint8Array[] = []
    for await (const key of engine.store.scanKeys(prefixRange(journalPrefix(scope, JOURNAL_STORE.keys)))) rows.push(key)
    expect(rows).toHaveLength(3)
  })

  test('F7 K5 journals of keys are pruned by their rules in the same walk, and count towards its bound', async () => {
    const { scope } = await create('bees')
    const left = [256, 256, 3]
    const pruner = new JournalPruner({
      ...{ store: engine.store, timeMs: () => engine.engine.position.timeMs, isStopped: () => false },
      logger: silentLogger,
      submit: (command) => engine.engine.submit(command),
      applyRule: async (of) => (of.incarnation.sequence === scope.incarnation.sequence ? (left.shift() ?? 0) : 0),
    })
    expect(await pruner.prune(KEEP_MS)).toEqual({ pruned: 515, done: true })
    left.push(...Array.from({ length: 70 }, () => 256))
    expect(await pruner.prune(KEEP_MS)).toEqual({ pruned: 64 * 256, done: false })
    expect(await pruner.prune(KEEP_MS)).toEqual({ pruned: 6 * 256, done: true })
  })

  test('F7 what fails for one collective keeps no other waiting; what is refused for now is told', async () => {
    const [ill, well] = [await create('bees'), await create('wasps')]
    for (const { id } of [ill, well]) await record(id, 2)
    await pass(2 * KEEP_MS)
    const told: string[] = []
    const pruner = new JournalPruner({
      ...{ store: engine.store, timeMs: () => engine.engine.position.timeMs, isStopped: () => false },
      logger: { ...silentLogger, error: (message) => void told.push(message) },
      async submit(command) {
        const { collective } = command.fields as { readonly collective: CollectiveId }
        if (collective === ill.id) throw engineFault('CORRUPT', 'a damaged row')
        return engine.engine.submit(command)
      },
      applyRule: () => Promise.reject(told.length < 3 ? new Error('a damaged rule') : fault('BUSY', 'too many writes')),
    })
    await expect(pruner.prune(KEEP_MS)).rejects.toMatchObject({ code: 'BUSY' })
    expect(told).toHaveLength(3)
    expect(await journalOf(ill.scope)).toHaveLength(3)
    expect(await journalOf(well.scope)).toHaveLength(1)
  })

  test('P8 a rebuild from the log reaches the same digest and the same horizon', async () => {
    const { id, scope } = await create('bees')
    await record(id, 300)
    await pass(2 * KEEP_MS)
    await record(id, 1)
    await pruneAll()
    const digest = await engine.engine.digest()
    await engine.engine.close()
    const rebuilt = await openTestEngine({ stream: engine.stream })
    expect(await rebuilt.engine.digest()).toEqual(digest)
    expect(await journalOf(scope, rebuilt)).toHaveLength(1)
    expect(readJournalHorizon(rebuilt.store, scope, JOURNAL_STORE.memory)).toEqual(horizonOf(scope))
  })

  test('K5 sweeping a deleted collective takes the horizon of its journal along', async () => {
    const { id, scope } = await create('bees')
    await record(id, 3)
    await pass(2 * KEEP_MS)
    await pruneAll()
    expect(horizonOf(scope)).not.toEqual(scope.incarnation)
    await engine.call('collective.delete', { collective: id })
    for (let turn = 0; turn < 1_000 && (await journalOf(scope)).length > 0; turn += 1)
      await new Promise((resolve) => setImmediate(resolve))
    expect(await journalOf(scope)).toEqual([])
    expect(horizonOf(scope)).toEqual(scope.incarnation)
  })
})

describe('which rows may go', () => {
  const rows = [1, 2, 3, 4].map((n) => ({ address: { sequence: n, index: 0 } as Address, timeMs: 10 * n }))

  test.each([
    ['none is old', 10, undefined, 0],
    ['some are', 25, undefined, 2],
    ['all are', 99, undefined, 4],
    ['all are, and a cursor has seen the second', 99, { sequence: 2, index: 0 }, 2],
    ['all are, and a cursor has seen all before the third', 99, { sequence: 2, index: 7 }, 2],
    ['all are, and a cursor has seen only what was pruned', 99, { sequence: 0, index: 0 }, 0],
    ['all are, and a cursor has seen them', 99, { sequence: 4, index: 0 }, 4],
    ['some are, and a cursor has seen more', 15, { sequence: 2, index: 0 }, 1],
  ])('P9 J1 J4 %s', (_, cutOffMs, cursor, count) => {
    expect(countPrunable(rows, cutOffMs, cursor as Address | undefined)).toBe(count)
  })
})

import { present, systemTimers } from '@waggle/kernel'
import { DEFAULT_TENANT, type CollectiveId, type ExperienceId, type SearchHit } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { readCollective } from '../memory/collective/collective-rows.ts'
import { readExperience } from '../memory/experience/experience-rows.ts'
import { FairTurns } from '../query/fair-turns.ts'
import { embeddingKey, experienceKey } from '../state/keyspace.ts'
import type { StoreReader } from '../store/key-value-store.ts'
import { openTestEngine, type TestEngine } from '../testing/test-engine.ts'
import { CollectiveIndexes } from './collective-indexes.ts'
import { IndexMemory } from './index-memory.ts'

const NEW_ID = '00000000-0000-7000-8000-000000000001' as ExperienceId

const createCollective = async (engine: TestEngine, name: string): Promise<CollectiveId> => {
  const { collective } = await engine.call('collective.create', { name, dimension: 2 })
  return (collective as { id: CollectiveId }).id
}

const record = async (engine: TestEngine, collective: CollectiveId, content: string): Promise<ExperienceId> => {
  const { id } = await engine.call('experience.record', { collective, content, embedding: [1, content.length] })
  return id as ExperienceId
}

const conclude = async (engine: TestEngine, collective: CollectiveId, source: ExperienceId): Promise<void> => {
  const fields = { content: 'so', embedding: [1, 2], sources: [source], type: 'pattern' }
  await engine.call('insight.store', { collective, ...fields })
}

const indexesOver = (memory: IndexMemory): CollectiveIndexes =>
  new CollectiveIndexes({ memory, turns: new FairTurns(systemTimers) })

const indexesWithin = (bytesMax?: number): CollectiveIndexes => indexesOver(new IndexMemory(bytesMax))

/** A reader whose scans wait until it is opened. */
const gatedReader = (reader: StoreReader): { readonly reader: StoreReader; open(): void } => {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  async function* late<Item>(items: AsyncIterable<Item>): AsyncIterableIterator<Item> {
    await opened
    yield* items
  }
  return {
    reader: {
      get: (key) => reader.get(key),
      scan: (range) => late(reader.scan(range)),
      scanChunks: (range) => late(reader.scanChunks(range)),
      scanKeys: (range) => late(reader.scanKeys(range)),
    },
    open,
  }
}

const search = async (engine: TestEngine, collective: CollectiveId): Promise<readonly string[]> => {
  const reply = await engine.call('experience.search', { collective, embedding: [1, 1], k: 1_000 })
  return (reply.results as { experience: { content: string } }[]).map(({ experience }) => experience.content).sort()
}

const stored = (engine: TestEngine, collective: CollectiveId) => {
  const found = readCollective(engine.store, DEFAULT_TENANT, collective)
  if (found === undefined) throw new Error('no such collective')
  return found
}

describe('CollectiveIndexes', () => {
  test('X1 what is applied while an index is built is in it', async () => {
    const engine = await openTestEngine()
    const collective = await createCollective(engine, 'bees')
    const ids: ExperienceId[] = []
    for (let n = 0; n < 50; n += 1) ids.push(await record(engine, collective, `before ${n}`))
    const building = search(engine, collective)
    const writes = [
      record(engine, collective, 'meanwhile'),
      engine.call('experience.delete', { collective, id: ids[7] }),
      engine.call('experience.archive', { collective, id: ids[8] }),
    ]
    await building
    await Promise.all(writes)
    const found = await search(engine, collective)
    expect(found).toContain('meanwhile')
    expect(found).not.toContain('before 7')
    expect(found).not.toContain('before 8')
    expect(found).toHaveLength(49)
  })

  test('P7 an acknowledged write is searchable at once, and a deleted one never again', async () => {
    const engine = await openTestEngine()
    const collective = await createCollective(engine, 'bees')
    expect(await search(engine, collective)).toEqual([])
    const id = await record(engine, collective, 'one')
    expect(await search(engine, collective)).toEqual(['one'])
    await engine.call('experience.archive', { collective, id })
    expect(await search(engine, collective)).toEqual([])
    await engine.call('experience.unarchive', { collective, id })
    expect(await search(engine, collective)).toEqual(['one'])
    await engine.call('experience.delete', { collective, id })
    expect(await search(engine, collective)).toEqual([])
  })

  test('X2 P11 beyond the budget the index unused for longest goes, and comes back when it is asked for', async () => {
    const engine = await openTestEngine()
    const [first, second] = [await createCollective(engine, 'first'), await createCollective(engine, 'second')]
    for (const collective of [first, second]) for (let n = 0; n < 10; n += 1) await record(engine, collective, `n ${n}`)
    const indexes = indexesWithin(0)
    const indexOf = async (collective: CollectiveId) =>
      present(
        await indexes.use(stored(engine, collective), engine.store, ['experience'], ({ experience }) => experience),
        'index',
      )
    const before = await indexOf(first)
    expect(await indexOf(first)).toBe(before)
    await indexOf(second)
    const after = await indexOf(first)
    expect(after).not.toBe(before)
    expect(after.size).toBe(10)
  })

  test('X2 M1 P11 all kinds share one budget: what is searched by words makes the vectors of others go', async () => {
    const engine = await openTestEngine()
    const [first, second] = [await createCollective(engine, 'first'), await createCollective(engine, 'second')]
    for (const collective of [first, second]) {
      const id = await record(engine, collective, 'evidence')
      for (let n = 0; n < 10; n += 1) await conclude(engine, collective, id)
    }
    const indexes = indexesWithin(0)
    const both = (collective: CollectiveId) =>
      indexes.use(stored(engine, collective), engine.store, ['experience', 'insight'], (found) => found)
    const before = await both(first)
    expect([before?.experience.size, before?.insight.size]).toEqual([1, 10])
    await indexes.use(stored(engine, second), engine.store, ['text'], (found) => found)
    const after = await both(first)
    expect(after?.experience).not.toBe(before?.experience)
    expect(after?.insight).not.toBe(before?.insight)
  })

  test('X2 M1 P11 stores that share their memory make the indexes of one another go', async () => {
    const engines = [await openTestEngine({ seed: 1 }), await openTestEngine({ seed: 2 })]
    const memory = new IndexMemory(0)
    const stores = await Promise.all(
      engines.map(async (engine) => {
        const collective = await createCollective(engine, 'bees')
        await record(engine, collective, 'one')
        const indexes = indexesOver(memory)
        const use = async () =>
          indexes.use(stored(engine, collective), engine.store, ['experience'], ({ experience }) => experience)
        return { indexes, use }
      }),
    )
    const [first, second] = stores as [(typeof stores)[0], (typeof stores)[0]]
    const before = await first.use()
    await second.use()
    expect(await first.use()).not.toBe(before)
    for (const { indexes } of stores) indexes.clear()
    expect(memory.budget.bytes).toBe(0)
  })

  test.each(['experience', 'text', 'session'] as const)('P11 building %s lets others have their turn', async (name) => {
    const engine = await openTestEngine()
    const collective = await createCollective(engine, 'bees')
    const experiences = Array.from({ length: 100 }, (_, n) => ({
      content: `record ${n}`,
      embedding: [1, n],
      sourceTask: 't',
    }))
    for (let call = 0; call < 9; call += 1) await engine.call('experience.recordMany', { collective, experiences })
    let turns = 0
    const timers = { yield: async () => void (turns += 1) }
    const indexes = new CollectiveIndexes({ memory: new IndexMemory(), turns: new FairTurns(timers) })
    await indexes.use(stored(engine, collective), engine.store, [name], (found) => found)
    expect(turns).toBeGreaterThan(1)
  })

  test('X2 X3 what a search is waiting to use is not evicted, and follows what is applied meanwhile', async () => {
    const engine = await openTestEngine()
    const [first, second] = [await createCollective(engine, 'first'), await createCollective(engine, 'second')]
    const known = await record(engine, first, 'one')
    await record(engine, second, 'one')
    const { scope } = stored(engine, first)
    const indexes = indexesWithin(0)
    await indexes.use(stored(engine, first), engine.store, ['experience'], (found) => found)
    const slow = gatedReader(engine.store)
    const waiting = indexes.use(stored(engine, first), slow.reader, ['experience', 'insight'], ({ experience }) => ({
      size: experience.size,
    }))
    await indexes.use(stored(engine, second), engine.store, ['experience'], (found) => found)
    const embedding = Float32Array.of(1, 1)
    const row = { ...present(readExperience(engine.store, scope, known), 'row'), id: NEW_ID }
    indexes.apply([{ kind: 'put', table: 'experience', scope, row, embedding }])
    slow.open()
    expect(await waiting).toEqual({ size: 2 })
  })

  test('a collective that is dropped while an index of it is built is told, not searched', async () => {
    const engine = await openTestEngine()
    const collective = await createCollective(engine, 'bees')
    await record(engine, collective, 'one')
    const indexes = indexesWithin()
    const slow = gatedReader(engine.store)
    const waiting = indexes.use(stored(engine, collective), slow.reader, ['experience'], (found) => found)
    indexes.apply([{ kind: 'drop', scope: stored(engine, collective).scope }])
    slow.open()
    expect(await waiting).toBeUndefined()
  })

  test('X1 what changes the energy of a record reaches an index that was built before', async () => {
    const engine = await openTestEngine()
    const collective = await createCollective(engine, 'bees')
    const ids: ExperienceId[] = []
    for (const content of ['a', 'bb', 'ccc', 'dddd']) ids.push(await record(engine, collective, content))
    const [first, second, third, fourth] = ids as [ExperienceId, ExperienceId, ExperienceId, ExperienceId]
    const byEnergy = async (asked: TestEngine): Promise<readonly (readonly [ExperienceId, number])[]> => {
      const weights = { similarity: 0, energy: 1 }
      const reply = await asked.call('experience.search', { collective, embedding: [1, 1], weights })
      return (reply.results as readonly SearchHit[]).map(({ experience, energy }) => [experience.id, energy as number])
    }
    expect((await byEnergy(engine)).map(([, energy]) => energy)).toEqual([0.5, 0.5, 0.5, 0.5])
    await engine.call('experience.update', { collective, id: second, patch: { importance: 1 } })
    await engine.call('experience.reinforce', { collective, id: third })
    await engine.call('experience.update', { collective, id: first, patch: { importance: 0.25 } })
    await engine.call('experience.archive', { collective, id: fourth })
    const lifted = Math.fround(0.5 * (1 + 0.25 * Math.LN2))
    const expected = [
      [second, 1],
      [third, lifted],
      [first, 0.25],
    ]
    expect(await byEnergy(engine)).toEqual(expected)
    const rebuilt = await openTestEngine(engine)
    expect(await byEnergy(rebuilt)).toEqual(expected)
  })

  test.each(['experience', 'embedding'] as const)('S4 an %s without its other half is CORRUPT', async (gone) => {
    const engine = await openTestEngine()
    const collective = await createCollective(engine, 'bees')
    const ids = [await record(engine, collective, 'a'), await record(engine, collective, 'bb')]
    const { scope } = stored(engine, collective)
    const keyOf = gone === 'experience' ? experienceKey : embeddingKey
    for (const id of ids) {
      await engine.store.write([{ key: keyOf(scope, id), value: undefined }], { sync: true })
      // Reads see what is applied, and this was written past the engine: another one over the same rows meets it.
      const reopened = await openTestEngine(engine)
      await expect(search(reopened, collective)).rejects.toMatchObject({ code: 'CORRUPT' })
    }
  })
})

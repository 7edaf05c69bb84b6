import type { CollectiveId, ExperienceId } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { readCollective } from '../memory/collective-rows.ts'
import { embeddingKey, experienceKey } from '../state/keyspace.ts'
import { openTestEngine, type TestEngine } from '../testing/test-engine.ts'
import { DEFAULT_TENANT } from '@waggle/protocol'
import { CollectiveIndexes } from './collective-indexes.ts'

const createCollective = async (engine: TestEngine, name: string): Promise<CollectiveId> => {
  const { collective } = await engine.call('collective.create', { name, dimension: 2 })
  return (collective as { id: CollectiveId }).id
}

const record = async (engine: TestEngine, collective: CollectiveId, content: string): Promise<ExperienceId> => {
  const { id } = await engine.call('experience.record', { collective, content, embedding: [1, content.length] })
  return id as ExperienceId
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
    const indexes = new CollectiveIndexes(10 * 2 * 4)
    const indexOf = (collective: CollectiveId) => indexes.of(stored(engine, collective), engine.store)
    const before = await indexOf(first)
    expect(await indexOf(first)).toBe(before)
    await indexOf(second)
    const after = await indexOf(first)
    expect(after).not.toBe(before)
    expect(after.size).toBe(10)
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

import { limits, type CollectiveId, type ExperienceId, type RelationId, type ResultOf } from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { DEFAULT_SETTINGS } from '../settings.ts'
import { openTestEngine, type TestEngine } from '../testing/test-engine.ts'

const UNKNOWN = '00000000-0000-7000-8000-000000000000'

type Context = ResultOf<'context.get'>

let engine: TestEngine
let collective: CollectiveId

const record = async (fields: object = {}): Promise<ExperienceId> => {
  const experience = { content: 'x', embedding: [1, 1], ...fields }
  return (await engine.call('experience.record', { collective, ...experience })).id as ExperienceId
}

const relate = async (source: string, target: string, fields: object = {}): Promise<RelationId> => {
  const relation = { source, target, type: 'supports', ...fields }
  return (await engine.call('relation.create', { collective, ...relation })).id as RelationId
}

const conclude = async (source: string, fields: object = {}): Promise<string> => {
  const insight = { content: 'so', sources: [source], type: 'pattern', embedding: [1, 0], ...fields }
  return (await engine.call('insight.store', { collective, ...insight })).id as string
}

const context = async (options: object = {}): Promise<Context> =>
  (await engine.call('context.get', { collective, embedding: [1, 0], ...options })) as unknown as Context

const ids = (items: readonly { readonly id: string }[]): readonly string[] => items.map(({ id }) => id)
const similarIds = ({ similar }: Context): readonly string[] => ids(similar.map(({ experience }) => experience))

beforeEach(async () => {
  engine = await openTestEngine()
  const created = await engine.call('collective.create', { name: 'bees', dimension: 2 })
  collective = (created.collective as { id: CollectiveId }).id
})

describe('context', () => {
  test('of an empty collective is empty', async () => {
    expect(await context()).toMatchObject({ similar: [], recent: [], insights: [], relations: [], activeAgents: [] })
  })

  test('holds what each of the questions alone would answer', async () => {
    const made: ExperienceId[] = []
    for (let n = 0; n < 30; n += 1) made.push(await record({ embedding: [1, n - 15], importance: n / 30 }))
    await relate(made[15] as string, made[0] as string)
    await conclude(made[3] as string, { embedding: [0, 1] })
    await conclude(made[4] as string, { embedding: [1, 0] })
    await engine.call('activity.register', { collective, agent: 'scout', task: 'forage' })
    const filter = { minImportance: 0.2 }
    const weights = { similarity: 0.4, energy: 0.6 }
    const found = await context({ maxSimilar: 3, maxRecent: 4, filter, weights })
    const asked = { collective, embedding: [1, 0] }
    const search = await engine.call('experience.search', { ...asked, k: 3, filter, weights })
    const recent = await engine.call('experience.recent', { collective, limit: 4, filter })
    const insights = await engine.call('insight.search', { ...asked, k: 3 })
    const active = await engine.call('activity.active', { collective })
    expect(found.similar).toEqual(search.results)
    expect(found.recent).toEqual(recent.items)
    expect(found.insights).toEqual((insights.results as { insight: object }[]).map(({ insight }) => insight))
    expect(found.activeAgents).toEqual(active.items)
  })

  test("takes PulseDB's numbers where none are given", async () => {
    for (let n = 0; n < 30; n += 1) await record()
    const found = await context()
    expect([found.similar.length, found.recent.length]).toEqual([20, 10])
  })

  test('leaves out what is not wanted', async () => {
    const [first, second] = [await record(), await record()]
    await relate(first, second)
    await conclude(first)
    await engine.call('activity.register', { collective, agent: 'scout' })
    const none = { includeInsights: false, includeRelations: false, includeActiveAgents: false }
    expect(await context(none)).toMatchObject({ insights: [], relations: [], activeAgents: [] })
    const all = await context()
    expect([all.insights, all.relations, all.activeAgents].map(({ length }) => length)).toEqual([1, 1, 1])
  })

  test('relations of every returned experience in both directions, each once, as they are met', async () => {
    const near = await record({ embedding: [1, 0] })
    const next = await record({ embedding: [1, 0.1] })
    const far = await record({ embedding: [-1, 0] })
    const newest = await record({ embedding: [-1, 0.1] })
    const relations = {
      nextNear: await relate(next, near),
      nearFar: await relate(near, far),
      nearNext: await relate(near, next, { type: 'relatedTo' }),
      farNewest: await relate(far, newest),
      farNext: await relate(far, next),
    }
    const found = await context({ maxSimilar: 2, maxRecent: 1 })
    expect([similarIds(found), ids(found.recent)]).toEqual([[near, next], [newest]])
    const { nearFar, nearNext, nextNear, farNext, farNewest } = relations
    // near: out, out, in; next: (out and in are known), in; newest: in.
    expect(ids(found.relations)).toEqual([nearFar, nearNext, nextNear, farNext, farNewest])
    expect(found.relations[0]).toMatchObject({ collective, source: near, target: far, type: 'supports', strength: 1 })
  })

  test('C2 the filter is of the experiences alone, and archived ones hide unless they are asked for', async () => {
    const [kept, other] = [await record({ domain: ['a'] }), await record({ domain: ['b'] })]
    await engine.call('experience.archive', { collective, id: other })
    const insight = await conclude(other, { domain: ['b'] })
    const found = await context({ filter: { domains: ['a'] } })
    expect([similarIds(found), ids(found.recent), ids(found.insights)]).toEqual([[kept], [kept], [insight]])
    const all = await context({ filter: { includeArchived: true } })
    expect([similarIds(all).length, all.recent.length]).toEqual([2, 2])
  })

  test('embeddings come where they are asked for', async () => {
    await conclude(await record())
    const plain = await context()
    const full = await context({ include: ['embedding'] })
    const embeddings = ({ similar, recent, insights }: Context) =>
      [similar[0]?.experience, recent[0], insights[0]].map((item) => item?.embedding)
    expect(embeddings(plain)).toEqual([undefined, undefined, undefined])
    expect(embeddings(full)).toEqual([Float32Array.of(1, 1), Float32Array.of(1, 1), Float32Array.of(1, 0)])
  })

  test('`now` pins the time of energies and of presence', async () => {
    await record({ importance: 1 })
    await engine.call('activity.register', { collective, agent: 'scout' })
    const then = engine.clock.nowMs()
    engine.clock.advance(DEFAULT_SETTINGS.activityStaleMs + 1)
    const weights = { similarity: 0.5, energy: 0.5 }
    const late = await context({ weights })
    expect([late.activeAgents.length, (late.similar[0]?.energy as number) < 1]).toEqual([0, true])
    const early = await context({ weights, now: then })
    expect([early.activeAgents.length, early.similar[0]?.energy]).toEqual([1, 1])
  })

  test('K8 relations that would not fit into a reply are refused, not cut', async () => {
    const hub = await record()
    const metadata = 'm'.repeat(limits.RELATION_METADATA_BYTES_MAX)
    const count = Math.ceil(limits.REPLY_BYTES_MAX / metadata.length)
    await Promise.all(Array.from({ length: count }, async () => relate(hub, await record(), { metadata })))
    await expect(context({ maxSimilar: 1_000 })).rejects.toMatchObject({ code: 'RESULT_TOO_LARGE' })
    expect((await context({ includeRelations: false })).similar).toHaveLength(20)
  })
})

describe('the order of checks', () => {
  const wrong = { weights: { similarity: 2, energy: 2 }, collective: UNKNOWN, embedding: [1] }

  test.each([
    ['INVALID_FIELD', { field: 'maxSimilar' }, { ...wrong, maxSimilar: 0, maxRecent: 0 }],
    ['INVALID_FIELD', { field: 'maxSimilar' }, { ...wrong, maxSimilar: 1_001 }],
    ['INVALID_FIELD', { field: 'maxRecent' }, { ...wrong, maxRecent: 0 }],
    ['INVALID_FIELD', { field: 'weights' }, wrong],
    ['NOT_FOUND', { entity: 'collective' }, { ...wrong, weights: undefined }],
    ['DIMENSION_MISMATCH', { field: 'embedding' }, { embedding: [1] }],
    ['INVALID_FIELD', { field: 'embedding' }, { embedding: [0, 0] }],
  ])('P10 %s %o', async (code, details, options) => {
    await expect(context(options)).rejects.toMatchObject({ code, details })
  })
})

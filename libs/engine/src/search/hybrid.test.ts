import {
  DECAY_DEFAULT,
  NEIGHBOURS_DEFAULT,
  type CollectiveId,
  type ExperienceId,
  type SearchHit,
} from '@waggle/protocol'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { openTestEngine, type TestEngine } from '../testing/test-engine.ts'

let engine: TestEngine
let collective: CollectiveId

const record = async (content: string, degrees: number, fields: object = {}): Promise<ExperienceId> => {
  const angle = (degrees / 180) * Math.PI
  const embedding = [Math.cos(angle), Math.sin(angle)]
  const { id } = await engine.call('experience.record', { collective, content, embedding, ...fields })
  return id as ExperienceId
}

const search = async (options: object): Promise<readonly SearchHit[]> =>
  (await engine.call('experience.search', { collective, ...options })).results as readonly SearchHit[]

const contents = (hits: readonly SearchHit[]): readonly string[] => hits.map(({ experience }) => experience.content)

const begin = async (): Promise<void> => {
  const created = await engine.call('collective.create', { name: 'bees', dimension: 2 })
  collective = (created.collective as { id: CollectiveId }).id
}

beforeEach(async () => {
  engine = await openTestEngine()
  await begin()
})

const EAST = { embedding: [1, 0] }
const LEDGER = { text: 'ledger locks' }

describe('a text alone', () => {
  test('finds what shares a word with it, by its words, and tells no similarity', async () => {
    await record('the ledger', 0)
    await record('the ledger locks', 180)
    await record('bees dance', 0)
    const hits = await search(LEDGER)
    expect(contents(hits)).toEqual(['the ledger locks', 'the ledger'])
    for (const hit of hits) {
      expect(hit.score).toBe(hit.bm25)
      expect(Object.keys(hit)).toEqual(['experience', 'bm25', 'score'])
    }
  })

  test('P7 exactly k when k match: archived, expired and filtered ones are passed over', async () => {
    for (let n = 0; n < 12; n += 1) {
      const id = await record(`ledger ${n}`, n, { domain: n % 2 === 0 ? ['even'] : [] })
      if (n % 6 === 0) await engine.call('experience.archive', { collective, id })
    }
    await record('ledger gone', 0, { domain: ['even'], ttlMs: 1_000 })
    engine.clock.advance(2_000)
    const filter = { domains: ['even'] }
    expect(contents(await search({ text: 'ledger', k: 4, filter })).toSorted()).toEqual(
      [2, 4, 8, 10].map((n) => `ledger ${n}`).toSorted(),
    )
    expect(await search({ text: 'ledger', k: 20, filter: { ...filter, includeArchived: true } })).toHaveLength(6)
  })

  test('weighed with energy, what is alive goes before what says it better', async () => {
    await record('ledger locks', 0, { importance: 0.1 })
    await record('the ledger of the bees', 0, { importance: 1 })
    const weights = { similarity: 0.3, energy: 0.7 }
    const [alive] = await search({ ...LEDGER, weights })
    expect(alive).toMatchObject({ experience: { content: 'the ledger of the bees' }, energy: 1, score: 0.7 })
    expect(alive?.parts).toEqual({ text: 0, energy: 1 })
  })

  test('P7 nothing that was deleted is found, and nothing by words that it had', async () => {
    const id = await record('ledger', 0)
    expect(await search(LEDGER)).toHaveLength(1)
    await engine.call('experience.delete', { collective, id })
    expect(await search(LEDGER)).toEqual([])
    await record('bees', 0, { id })
    expect(await search(LEDGER)).toEqual([])
    expect(contents(await search({ text: 'bees' }))).toEqual(['bees'])
  })
})

describe('S1 a part that weighs nothing is not looked at', () => {
  beforeEach(async () => {
    for (let n = 0; n < 20; n += 1) await record(n % 3 === 0 ? 'ledger' : 'bees', n * 17, { importance: n / 20 })
  })

  test('an embedding with words of no weight is an embedding alone', async () => {
    const both = { ...EAST, ...LEDGER }
    expect(await search({ ...both, weights: { similarity: 1, text: 0, energy: 0 } })).toEqual(await search(EAST))
    const weights = { similarity: 0.25, energy: 0.75 }
    expect(await search({ ...both, weights: { ...weights, text: 0 } })).toEqual(await search({ ...EAST, weights }))
  })

  test('words with an embedding of no weight are words alone', async () => {
    const both = { ...EAST, ...LEDGER }
    expect(await search({ ...both, weights: { similarity: 0, text: 1, energy: 0 } })).toEqual(await search(LEDGER))
  })

  test('P10 a weight on what was not asked for is refused', async () => {
    const weights = { similarity: 0.5, text: 0.5, energy: 0 }
    for (const [asked, field] of [
      [EAST, 'weights.text'],
      [LEDGER, 'weights.similarity'],
    ] as const)
      await expect(search({ ...asked, weights })).rejects.toMatchObject({ code: 'INVALID_FIELD', details: { field } })
  })
})

describe('both', () => {
  test('what is neither the nearest nor the best by its words can be the best', async () => {
    await record('bees dance', 0)
    await record('the ledger locks at night', 20)
    await record('ledger locks', 170)
    const [best] = await search({ ...EAST, ...LEDGER })
    expect(best?.experience.content).toBe('the ledger locks at night')
    expect(Object.keys(best ?? {})).toEqual(['experience', 'similarity', 'bm25', 'score', 'parts'])
  })

  test('P7 exactly k, also where fewer share a word', async () => {
    await record('ledger', 170)
    for (let n = 0; n < 30; n += 1) await record('bees', n, { domain: n % 2 === 0 ? ['even'] : [] })
    expect(await search({ ...EAST, ...LEDGER, k: 31 })).toHaveLength(31)
    const filtered = await search({ ...EAST, ...LEDGER, k: 31, filter: { domains: ['even'] } })
    expect(filtered).toHaveLength(15)
    expect(contents(filtered)).not.toContain('ledger')
  })

  test('weights of two halve that of relevance, weights of three are as they say', async () => {
    for (let n = 0; n < 9; n += 1) await record(n % 2 === 0 ? `ledger ${n}` : 'bees', n * 20, { importance: n / 9 })
    const both = { ...EAST, ...LEDGER }
    const three = await search({ ...both, weights: { similarity: 0.3, text: 0.3, energy: 0.4 } })
    expect(await search({ ...both, weights: { similarity: 0.6, energy: 0.4 } })).toEqual(three)
    for (const { score, parts } of three)
      expect(score).toBeCloseTo(0.3 * parts!.similarity! + 0.3 * parts!.text! + 0.4 * parts!.energy!, 12)
    const even = await search({ ...both, weights: { similarity: 0.5, text: 0.5, energy: 0 } })
    expect(await search(both)).toEqual(even)
    await engine.call('collective.update', {
      collective,
      decay: { ...DECAY_DEFAULT, weights: { similarity: 0.6, energy: 0.4 } },
    })
    expect(await search(both)).toEqual(three)
  })

  test('P7 the whole collective is ranked: what is far away wins by its energy', async () => {
    await record('nothing', 180, { importance: 1 })
    for (let n = 0; n < 300; n += 1) await record('ledger', n / 10, { importance: 0.01 })
    const weights = { similarity: 0.05, text: 0.05, energy: 0.9 }
    expect(contents(await search({ ...EAST, ...LEDGER, weights, k: 1 }))).toEqual(['nothing'])
  })

  test('a least score leaves out what scores lower, alone and together', async () => {
    for (let n = 0; n < 10; n += 1) await record(n < 5 ? 'ledger' : 'bees', n * 18)
    for (const asked of [EAST, { ...EAST, ...LEDGER }]) {
      const all = await search({ ...asked, k: 10 })
      const minScore = all[3]?.score as number
      expect(await search({ ...asked, k: 10, minScore })).toEqual(all.filter(({ score }) => score >= minScore))
      expect(await search({ ...asked, k: 2, minScore })).toEqual(all.slice(0, 2))
    }
  })

  test('diversity takes another one before a twin, and still as many as were asked for', async () => {
    await record('east', 0)
    await record('east again', 1)
    await record('north', 90)
    for (const asked of [EAST, { ...EAST, text: 'east' }]) {
      expect(contents(await search({ ...asked, k: 2, diversity: 0.6 }))).toEqual(['east', 'north'])
      expect(await search({ ...asked, k: 3, diversity: 0.6 })).toHaveLength(3)
      expect(await search({ ...asked, diversity: 0 })).toEqual(await search(asked))
    }
    await expect(search({ ...EAST, k: 101, diversity: 0.5 })).rejects.toMatchObject({ code: 'INVALID_FIELD' })
  })
})

describe('neighbours', () => {
  const answers = async (options: object): Promise<readonly string[]> => contents(await search(options))

  test('H3 an answer is found by the question before it, in its task alone', async () => {
    await record('who locks the ledger?', 90, { sourceTask: 'one', sourceAgent: 'ana' })
    await record('an entry of another task', 90, { sourceTask: 'two', sourceAgent: 'ana' })
    await record('the night shift', 90, { sourceTask: 'one', sourceAgent: 'bo' })
    await record('bees', 90, { sourceTask: 'one', sourceAgent: 'ana' })
    expect(await answers(LEDGER)).toEqual(['who locks the ledger?'])
    expect(await answers({ ...LEDGER, neighbours: true })).toEqual(['who locks the ledger?', 'the night shift'])
    expect(await answers({ ...LEDGER, neighbours: { sameAgent: true } })).toEqual(['who locks the ledger?', 'bees'])
    expect(await search({ ...LEDGER, neighbours: false })).toEqual(await search(LEDGER))
    expect(await search({ ...LEDGER, neighbours: NEIGHBOURS_DEFAULT })).toEqual(
      await search({ ...LEDGER, neighbours: true }),
    )
  })

  test('P7 H3 one that the filter hides lends nothing and is not found', async () => {
    await record('who locks the ledger?', 90, { sourceTask: 'one', domain: ['a'] })
    await record('the night shift', 90, { sourceTask: 'one', domain: ['b'] })
    const asked = { ...LEDGER, neighbours: true }
    expect(await answers({ ...asked, filter: { domains: ['a'] } })).toEqual(['who locks the ledger?'])
    expect(await answers({ ...asked, filter: { domains: ['b'] } })).toEqual([])
  })

  test('P5 they are those that are there now', async () => {
    const question = await record('who locks the ledger?', 90, { sourceTask: 'one' })
    const asked = { ...LEDGER, neighbours: true }
    expect(await answers(asked)).toHaveLength(1)
    const answer = await record('the night shift', 90, { sourceTask: 'one' })
    expect(await answers(asked)).toEqual(['who locks the ledger?', 'the night shift'])
    await engine.call('experience.delete', { collective, id: answer })
    await record('at ten', 90, { sourceTask: 'one' })
    expect(await answers(asked)).toEqual(['who locks the ledger?', 'at ten'])
    await engine.call('experience.delete', { collective, id: question })
    expect(await answers(asked)).toEqual([])
  })
})

const WORDS = ['ledger', 'locks', 'night', 'bees', 'dance']

const arbitraryRecord = fc.record({
  words: fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 5 }),
  degrees: fc.integer({ min: 0, max: 35 }).map((n) => n * 10),
  task: fc.constantFrom('one', 'two'),
})

test('H1 H2 H3 P7 scores are those that the two searches alone and the list of all records lead to', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(arbitraryRecord, { minLength: 1, maxLength: 14 }),
      fc.constantFrom(0.25, 0.5),
      fc.constantFrom(undefined, NEIGHBOURS_DEFAULT),
      async (records, share, neighbours) => {
        await begin()
        for (const { words, degrees, task } of records) await record(words.join(' '), degrees, { sourceTask: task })
        const weights = { similarity: share, text: 1 - share, energy: 0 }
        const asked = { ...EAST, ...LEDGER, weights, k: 1_000, ...(neighbours === undefined ? {} : { neighbours }) }
        const hits = await search(asked)
        expect(hits).toHaveLength(records.length)
        const expected = await naive(share, neighbours)
        for (const { experience, score } of hits) expect(score).toBeCloseTo(expected.get(experience.id) as number, 9)
        expect(hits.map(({ score }) => score)).toEqual(hits.map(({ score }) => score).toSorted((a, b) => b - a))
      },
    ),
    { numRuns: 40 },
  )
})

const naive = async (share: number, neighbours = { before: 0, after: 0 }): Promise<ReadonlyMap<string, number>> => {
  const near = new Map(
    (await search({ ...EAST, k: 1_000 })).map((hit) => [hit.experience.id, hit.similarity as number]),
  )
  const worded = new Map((await search({ ...LEDGER, k: 1_000 })).map((hit) => [hit.experience.id, hit.bm25 as number]))
  const { items } = (await engine.call('experience.list', { collective, limit: 1_000 })) as unknown as {
    items: { id: ExperienceId; sourceTask: string }[]
  }
  const scaledOf = (values: readonly number[]) => {
    const [least, most] = [Math.min(...values), Math.max(...values)]
    return values.map((value) => (most === least ? Number(most > 0) : (value - least) / (most - least)))
  }
  const similarity = scaledOf(items.map(({ id }) => near.get(id) as number))
  const text = scaledOf(items.map(({ id }) => worded.get(id) ?? 0))
  const relevance = items.map((_, at) => share * similarity[at]! + (1 - share) * text[at]!)
  const lent = (at: number, step: -1 | 1): number => {
    let other = at + step
    while (items[other] !== undefined && items[other]?.sourceTask !== items[at]?.sourceTask) other += step
    return relevance[other] ?? 0
  }
  return new Map(
    items.map(({ id }, at) => [id, relevance[at]! + neighbours.before * lent(at, -1) + neighbours.after * lent(at, 1)]),
  )
}

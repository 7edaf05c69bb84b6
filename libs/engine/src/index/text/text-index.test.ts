import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { ExperienceId } from '@waggle/protocol'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { analyserOf, type Analyser } from './analyser.ts'
import { TextIndex, type TextHit } from './text-index.ts'

const K1 = 0.9
const B = 0.4

const idOf = (n: number): ExperienceId => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}` as ExperienceId
const anyone = (): boolean => true

/** Every text as it stands; nothing is summed up before it is asked for. */
class PlainBm25 {
  readonly texts = new Map<ExperienceId, readonly string[]>()
  readonly #analyser: Analyser

  constructor(analyser: Analyser) {
    this.#analyser = analyser
  }

  put(id: ExperienceId, text: string): void {
    const terms = this.#analyser.termsOf(text)
    if (terms.length === 0) this.texts.delete(id)
    else this.texts.set(id, terms)
  }

  score(query: string, id: ExperienceId): number {
    const terms = this.texts.get(id) ?? []
    const count = this.texts.size
    const average = [...this.texts.values()].reduce((sum, { length }) => sum + length, 0) / Math.max(1, count)
    const asked = this.#analyser.termsOf(query)
    return [...new Set(asked)].reduce((sum, term) => {
      const frequency = Math.min(255, timesOf(term, terms))
      const having = [...this.texts.values()].filter((text) => text.includes(term)).length
      const weight = timesOf(term, asked) * Math.log(1 + (count - having + 0.5) / (having + 0.5))
      return frequency === 0
        ? sum
        : sum + (weight * frequency) / (frequency + K1 * (1 - B + (B * terms.length) / average))
    }, 0)
  }

  search(query: string, k: number, accept: (id: ExperienceId) => boolean): readonly TextHit[] {
    return [...this.texts.keys()]
      .map((id) => ({ id, score: this.score(query, id) }))
      .filter(({ id, score }) => score > 0 && accept(id))
      .sort((left, right) => right.score - left.score || (left.id < right.id ? -1 : 1))
      .slice(0, k)
  }
}

const timesOf = (term: string, terms: readonly string[]): number => terms.filter((each) => each === term).length

let english: Analyser

beforeAll(async () => {
  english = await analyserOf('english')
})

const indexOf = (texts: readonly string[]): TextIndex => {
  const index = new TextIndex(english)
  texts.forEach((text, n) => index.put(idOf(n), text))
  return index
}

const found = (index: TextIndex, text: string, k = 10): readonly string[] =>
  index.search({ text, k, accept: anyone }).map(({ id }) => id)

/** Few words, so that lists grow, shrink and empty, and scores tie. */
const word = fc.constantFrom('lock', 'locks', 'table', 'ledger', 'slow', 'Anna', 'the', 'retry', '東京', '!')
const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(' '))
const change = fc.record({ n: fc.nat({ max: 12 }), text: fc.option(text, { nil: undefined }) })

describe('against plain BM25', () => {
  test('B1 B2 B3 P7 exactly the k best of those accepted, after every change; nothing is left of what went', () => {
    const run = (
      changes: readonly { n: number; text: string | undefined }[],
      query: string,
      k: number,
      odd: boolean,
    ) => {
      const index = new TextIndex(english)
      const plain = new PlainBm25(english)
      const accept = odd ? (id: ExperienceId) => Number(id.at(-1)) % 2 === 1 : anyone
      for (const { n, text: content } of changes) {
        if (content === undefined) index.remove(idOf(n))
        else index.put(idOf(n), content)
        if (content === undefined) plain.texts.delete(idOf(n))
        else plain.put(idOf(n), content)
        expect(index.size).toBe(plain.texts.size)
        const hits = index.search({ text: query, k, accept })
        const wanted = plain.search(query, k, accept)
        expect(hits.map(({ score }) => score)).toEqual(wanted.map(({ score }) => expect.closeTo(score, 10) as number))
        const ids = Array.from({ length: 13 }, (_, each) => idOf(each))
        const scores = index.score(query, ids)
        ids.forEach((id, each) => expect(scores[each]).toBeCloseTo(plain.score(query, id), 10))
        // Rounding may part what plain arithmetic ties, and the other way round: the order is that of our own scores.
        const own = ids
          .map((id, each) => ({ id, score: scores[each] as number }))
          .filter(({ id, score }) => score > 0 && accept(id))
          .sort((left, right) => right.score - left.score || (left.id < right.id ? -1 : 1))
        expect(hits).toEqual(own.slice(0, k))
      }
    }
    fc.assert(fc.property(fc.array(change, { maxLength: 30 }), text, fc.integer({ min: 1, max: 8 }), fc.boolean(), run))
  })

  test('B1 an index that lost all its texts is like a new one', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 40 }), (texts) => {
        const index = indexOf(texts)
        texts.forEach((_, n) => index.remove(idOf(n)))
        expect(index.size).toBe(0)
        texts.forEach((each, n) => index.put(idOf(n), each))
        const query = 'lock table retry'
        const hits = index.search({ text: query, k: 100, accept: anyone })
        expect(hits).toEqual(indexOf(texts).search({ text: query, k: 100, accept: anyone }))
      }),
    )
  })
})

describe('what is found', () => {
  test('equal texts have equal scores and come by id', () => {
    const index = indexOf(['a slow table', 'locks', 'a slow table', 'a slow table'])
    expect(found(index, 'slow table', 2)).toEqual([idOf(0), idOf(2)])
  })

  test('P7 a filter that refuses the best still leaves k', () => {
    const index = indexOf(Array.from({ length: 500 }, (_, n) => `ledger ${'row '.repeat(n % 50)}`))
    const accept = (id: ExperienceId): boolean => Number(id.slice(-3)) % 50 > 45
    expect(index.search({ text: 'ledger', k: 40, accept })).toHaveLength(40)
    expect(index.search({ text: 'ledger', k: 41, accept })).toHaveLength(40)
  })

  test('accept is asked best first, and no more often than it takes', () => {
    const index = indexOf(Array.from({ length: 300 }, (_, n) => `ledger ${'row '.repeat(n)}`))
    const asked: ExperienceId[] = []
    index.search({ text: 'ledger', k: 3, accept: (id) => asked.push(id) > 2 })
    expect(asked).toEqual([0, 1, 2, 3, 4].map(idOf))
  })

  test('a text that is replaced is found by its new words alone', () => {
    const index = indexOf(['locks the ledger', 'other'])
    index.put(idOf(0), 'retries payments')
    expect([found(index, 'ledger'), found(index, 'payment')]).toEqual([[], [idOf(0)]])
    expect(index.size).toBe(2)
  })

  test('nothing in an empty index, for a query without words, or with words that no text has', () => {
    expect(found(indexOf([]), 'ledger')).toEqual([])
    expect(found(indexOf(['ledger']), '?!')).toEqual([])
    expect(found(indexOf(['ledger']), 'wasp')).toEqual([])
    expect(indexOf(['ledger']).score('wasp', [idOf(0), idOf(7)])).toEqual([0, 0])
  })

  test('a search inside the accept of another one disturbs neither', () => {
    const index = indexOf(['ledger', 'table', 'ledger table'])
    const seen: (readonly string[])[] = []
    const accept = (): boolean => seen.push(found(index, 'table')) > 0
    expect(index.search({ text: 'ledger', k: 5, accept }).map(({ id }) => id)).toEqual([idOf(0), idOf(2)])
    expect(seen).toEqual([
      [idOf(1), idOf(2)],
      [idOf(1), idOf(2)],
    ])
  })
})

describe('long queries', () => {
  const words = Array.from({ length: 300 }, (_, n) => `word${n}x`)

  test('B4 P11 count by their 256 rarest terms', () => {
    // Each word is in one text of its own, the first 44 in another one, too.
    const index = indexOf([words.slice(0, 44).join(' '), ...words])
    const hits = index.search({ text: words.join(' '), k: 1_000, accept: anyone })
    expect(hits.map(({ id }) => id)).toEqual(words.slice(44).map((_, n) => idOf(n + 45)))
    expect(index.score(words.join(' '), [idOf(0), idOf(45)])).toEqual([0, hits[0]?.score])
    expect(found(index, words.slice(0, 256).join(' '), 1_000)).toHaveLength(257)
  })
})

describe('P11 memory', () => {
  test('an empty index takes next to nothing', () => {
    expect(new TextIndex(english).bytes).toBe(0)
  })

  test('texts that come and go take no more than those that are there at most', () => {
    const index = new TextIndex(english)
    const turn = (from: number): void => {
      for (let n = from; n < from + 200; n += 1) index.put(idOf(n), `ledger ${n} waits for table ${n % 7}`)
      for (let n = from; n < from + 200; n += 1) index.remove(idOf(n))
    }
    turn(0)
    const after = index.bytes
    for (let round = 1; round < 20; round += 1) turn(round * 200)
    expect(index.bytes).toBe(after)
  })

  test('a text is not kept whole by the words that were cut out of it', () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    const heapBytes = (): number => {
      collectGarbage()
      return process.memoryUsage().heapUsed
    }
    const index = new TextIndex(english)
    const before = heapBytes()
    for (let n = 0; n < 400; n += 1)
      index.put(
        idOf(n),
        `${'lorem ipsum '.repeat(4_000)} ${String(n).padStart(20, 'x')} ${String(n).padStart(40, 'y')}`,
      )
    // The texts are 19 MB.
    expect(heapBytes() - before).toBeLessThan(8_000_000)
    expect(index.size).toBe(400)
  })

  test('more is there, more it takes', () => {
    const few = indexOf(Array.from({ length: 100 }, (_, n) => `ledger ${n}`))
    const many = indexOf(Array.from({ length: 1_000 }, (_, n) => `ledger ${n}`))
    expect(many.bytes).toBeGreaterThan(5 * few.bytes)
  })
})

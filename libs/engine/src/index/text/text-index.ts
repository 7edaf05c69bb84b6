/**
 * A collective's texts by their words: BM25 over the terms of an analyser. A cache of the state like every index; all
 * changes are idempotent.
 *
 * B1  Scores are those of the texts that are here now: how many there are, how long they are and how many share a term
 *     is exact after every change, and nothing is left of a text that went.
 * B2  A term that stands twice in a query counts twice; one that stands in a text more often than 255 times counts 255
 *     times.
 * B3  Texts without terms are not here: they match nothing and count for nothing.
 * B4  A query counts by its 256 rarest terms: whole pages ask for what is special in them, at a bounded cost (P11).
 */
import type { ExperienceId } from '@waggle/protocol'
import type { Analyser } from './analyser.ts'
import { inverseFrequency, saturation, ScoreBoard, slopeOf } from './bm25.ts'
import { highestFirst } from './highest-first.ts'
import { PostingLists } from './posting-lists.ts'
import { withRoom } from './run-space.ts'
import { TermLists } from './term-lists.ts'
import { Vocabulary } from './vocabulary.ts'

/** What a term takes beside its postings, and a text beside its terms: strings and entries of maps, measured. */
const TERM_BYTES = 80
const TEXT_BYTES = 105

const QUERY_TERMS_MAX = 256

const board = new ScoreBoard()

export interface TextHit {
  readonly id: ExperienceId
  /** BM25, above 0. */
  readonly score: number
}

export interface TextQuery {
  readonly text: string
  /** 1 or more. */
  readonly k: number
  /** Asked best first, for no more ids than it takes to find k. */
  readonly accept: (id: ExperienceId) => boolean
}

/** A term of a query that some text has. */
interface WeighedTerm {
  readonly term: number
  readonly weight: number
}

export class TextIndex {
  readonly #analyser: Analyser
  readonly #vocabulary = new Vocabulary()
  readonly #postings = new PostingLists()
  readonly #terms = new TermLists()
  readonly #rows = new Map<ExperienceId, number>()
  /** By row; of those that are free, the last id that had it. */
  readonly #ids: ExperienceId[] = []
  readonly #free: number[] = []
  /** Terms of a text, repeats counted. */
  #lengths = new Uint32Array(0)
  #lengthsSum = 0

  constructor(analyser: Analyser) {
    this.#analyser = analyser
  }

  /** Texts that have terms. */
  get size(): number {
    return this.#rows.size
  }

  get bytes(): number {
    const columns = this.#postings.bytes + this.#terms.bytes + this.#lengths.byteLength
    return columns + TERM_BYTES * this.#vocabulary.size + TEXT_BYTES * this.#ids.length
  }

  /** Adds a text, or replaces the one of that id. */
  put(id: ExperienceId, text: string): void {
    this.remove(id)
    const words = this.#analyser.termsOf(text)
    if (words.length === 0) return
    const row = this.#free.pop() ?? this.#ids.length
    const terms: number[] = []
    for (const word of words) {
      const term = this.#vocabulary.add(word)
      if (this.#postings.add(term, row)) terms.push(term)
    }
    this.#terms.set(row, terms)
    this.#ids[row] = id
    this.#rows.set(id, row)
    this.#lengths = withRoom(this.#lengths, row + 1)
    this.#lengths[row] = words.length
    this.#lengthsSum += words.length
  }

  remove(id: ExperienceId): void {
    const row = this.#rows.get(id)
    if (row === undefined) return
    for (const term of this.#terms.take(row)) {
      this.#postings.remove(term, row)
      if (this.#postings.count(term) === 0) this.#vocabulary.remove(term)
    }
    this.#lengthsSum -= this.#lengths[row] as number
    this.#rows.delete(id)
    this.#free.push(row)
  }

  /** The k best of those that share a term with the query, best first, ties by id: exactly k when k match (P7). */
  search({ text, k, accept }: TextQuery): readonly TextHit[] {
    const slope = this.#slope
    board.reserve(this.#ids.length)
    for (const { term, weight } of this.#weighed(text))
      board.add({ list: this.#postings.list(term), weight, lengths: this.#lengths, slope })
    const { rows, scores } = board.take()
    const idAt = (place: number): ExperienceId => this.#ids[rows[place] as number] as ExperienceId
    const hits: TextHit[] = []
    for (const place of highestFirst(scores, k, (left, right) => idAt(left) < idAt(right))) {
      const id = idAt(place)
      if (!accept(id)) continue
      hits.push({ id, score: scores[place] as number })
      if (hits.length === k) break
    }
    return hits
  }

  /** The scores of these for a query, in their order; 0 where no term is shared, or the id is not here. */
  score(text: string, ids: readonly ExperienceId[]): readonly number[] {
    const terms = this.#weighed(text)
    const slope = this.#slope
    return ids.map((id) => {
      const row = this.#rows.get(id)
      if (row === undefined) return 0
      let sum = 0
      for (const { term, weight } of terms) {
        const frequency = this.#postings.frequency(term, row)
        if (frequency > 0) sum += weight * saturation(frequency, this.#lengths[row] as number, slope)
      }
      return sum
    })
  }

  get #slope(): number {
    return slopeOf(this.#lengthsSum / this.size)
  }

  /** The terms of a query that texts here have, in its order, each once. */
  #weighed(text: string): readonly WeighedTerm[] {
    const times = new Map<number, number>()
    for (const word of this.#analyser.termsOf(text)) {
      const term = this.#vocabulary.find(word)
      if (term !== undefined) times.set(term, (times.get(term) ?? 0) + 1)
    }
    return this.#rarest([...times.keys()]).map((term) => {
      const count = times.get(term) as number
      return { term, weight: count * inverseFrequency(this.size, this.#postings.count(term)) }
    })
  }

  /** B4. */
  #rarest(terms: readonly number[]): readonly number[] {
    if (terms.length <= QUERY_TERMS_MAX) return terms
    const having = (term: number): number => this.#postings.count(term)
    return terms.toSorted((left, right) => having(left) - having(right)).slice(0, QUERY_TERMS_MAX)
  }
}

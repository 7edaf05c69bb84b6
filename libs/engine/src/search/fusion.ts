/**
 * Scores that are put together of several figures: how near an experience is, which words it shares, how alive it is,
 * and what stands beside it. A pure core: who the candidates are and what their figures are is asked of `Figures`.
 *
 * H1  The candidates are the best of each part. Each of them is judged by its exact figures in every part, so where it
 *     was found makes no difference.
 * H2  Similarity and words are scaled to 0..1 over the candidates that they brought, the best to 1, and then weighed:
 *     a cosine and a BM25 have no common measure of their own. (Ranks have one, and lose by it what tells the first
 *     from the second: ADR 0029.)
 * H3  Neighbours lend a share of their relevance, never of their energy, and only those that match: a result depends on
 *     nothing that the caller may not find. They become candidates themselves.
 * H4  Ties are broken by similarity, then by words, then by id.
 */
import { present } from '@waggle/kernel'
import type { ExperienceId, Neighbours, SearchParts } from '@waggle/protocol'
import type { Beside } from '../index/session-order.ts'
import type { PartWeights } from './weights.ts'

/** What experiences are judged by; undefined for a part that is not looked at. */
export interface Figures {
  readonly similarity: ((id: ExperienceId) => number) | undefined
  /** In the order of the ids. */
  readonly bm25: ((ids: readonly ExperienceId[]) => readonly number[]) | undefined
  readonly energy: ((id: ExperienceId) => number) | undefined
  /** Those beside one, where they match. */
  readonly beside: (id: ExperienceId) => Beside
}

export interface FusionQuery {
  /** Candidates by relevance, in any order, all of which match; repetitions count for nothing. */
  readonly relevant: readonly ExperienceId[]
  /** Candidates by their energy, likewise. */
  readonly alive: readonly ExperienceId[]
  readonly weights: PartWeights
  readonly neighbours: Neighbours | undefined
  /** How many hits are wanted at the most. */
  readonly k: number
}

/** A hit without its record. */
export interface FusedHit {
  readonly id: ExperienceId
  readonly similarity?: number
  readonly bm25?: number
  readonly score: number
  readonly energy?: number
  readonly parts: SearchParts
}

/** The k best candidates, best first. */
export const fuse = (
  figures: Figures,
  { relevant, alive, weights, neighbours, k }: FusionQuery,
): readonly FusedHit[] => {
  const judge = new Judge(figures, weights, relevant)
  const candidates = new Set([...relevant, ...alive])
  if (neighbours !== undefined) {
    for (const id of [...candidates]) for (const other of judge.around(id)) candidates.add(other)
    judge.learn([...candidates].flatMap((id) => judge.around(id)))
  }
  judge.learn(candidates)
  const scored = [...candidates].map((id): Scored => {
    const judgement = judge.of(id)
    const energy = figures.energy?.(id)
    const lent = neighbours === undefined ? undefined : judge.lent(id, neighbours)
    const score = judgement.relevance + weights.energy * (energy ?? 0) + (lent ?? 0)
    return { id, judgement, energy, lent, score }
  })
  return scored.sort(byScore).slice(0, k).map(hitOf)
}

/** What an experience is worth on its own. */
interface Judgement {
  readonly similarity: number | undefined
  readonly bm25: number | undefined
  /** Similarity and words scaled (H2); 0 for what is not looked at. */
  readonly near: number
  readonly worded: number
  readonly relevance: number
}

interface Scored {
  readonly id: ExperienceId
  readonly judgement: Judgement
  readonly energy: number | undefined
  readonly lent: number | undefined
  readonly score: number
}

/** Knows experiences by their figures, each asked for once. */
class Judge {
  readonly #figures: Figures
  readonly #weights: PartWeights
  readonly #known = new Map<ExperienceId, Judgement>()
  readonly #besides = new Map<ExperienceId, Beside>()
  /** H2: over these; what lies below the least of them, as a neighbour may, counts as 0. */
  readonly #ranges: { readonly similarity: Range; readonly bm25: Range }

  constructor(figures: Figures, weights: PartWeights, relevant: readonly ExperienceId[]) {
    this.#figures = figures
    this.#weights = weights
    const ids = [...new Set(relevant)]
    const similarities = figures.similarity && ids.map(figures.similarity)
    const bm25s = figures.bm25?.(ids)
    this.#ranges = { similarity: rangeOf(similarities ?? []), bm25: rangeOf(bm25s ?? []) }
    for (const [at, id] of ids.entries()) this.#known.set(id, this.#judged(similarities?.[at], bm25s?.[at]))
  }

  learn(ids: Iterable<ExperienceId>): void {
    const unknown = [...new Set(ids)].filter((id) => !this.#known.has(id))
    const bm25s = this.#figures.bm25?.(unknown)
    for (const [at, id] of unknown.entries())
      this.#known.set(id, this.#judged(this.#figures.similarity?.(id), bm25s?.[at]))
  }

  of(id: ExperienceId): Judgement {
    return present(this.#known.get(id), 'judgement of a candidate')
  }

  around(id: ExperienceId): readonly ExperienceId[] {
    const { before, after } = this.#beside(id)
    return [before, after].filter((other) => other !== undefined)
  }

  /** H3. */
  lent(id: ExperienceId, shares: Neighbours): number {
    const { before, after } = this.#beside(id)
    const worth = (other: ExperienceId | undefined): number => (other === undefined ? 0 : this.of(other).relevance)
    return shares.before * worth(before) + shares.after * worth(after)
  }

  #beside(id: ExperienceId): Beside {
    const known = this.#besides.get(id) ?? this.#figures.beside(id)
    this.#besides.set(id, known)
    return known
  }

  #judged(similarity: number | undefined, bm25: number | undefined): Judgement {
    const near = similarity === undefined ? 0 : within(this.#ranges.similarity, similarity)
    const worded = bm25 === undefined ? 0 : within(this.#ranges.bm25, bm25)
    const relevance = this.#weights.similarity * near + this.#weights.text * worded
    return { similarity, bm25, near, worded, relevance }
  }
}

interface Range {
  readonly least: number
  readonly most: number
}

const rangeOf = (values: readonly number[]): Range => ({
  least: values.reduce((least, value) => Math.min(least, value), Infinity),
  most: values.reduce((most, value) => Math.max(most, value), -Infinity),
})

/** Where all are alike, each is the best, unless there is nothing to be good at. */
const within = ({ least, most }: Range, value: number): number => {
  if (most === least) return most > 0 && value >= most ? 1 : 0
  return Math.min(1, Math.max(0, (value - least) / (most - least)))
}

/** H4. */
const byScore = (left: Scored, right: Scored): number =>
  right.score - left.score ||
  (right.judgement.similarity ?? 0) - (left.judgement.similarity ?? 0) ||
  (right.judgement.bm25 ?? 0) - (left.judgement.bm25 ?? 0) ||
  (left.id < right.id ? -1 : 1)

const hitOf = ({ id, judgement, energy, lent, score }: Scored): FusedHit => {
  const { similarity, bm25, near, worded } = judgement
  return {
    id,
    ...(similarity === undefined ? {} : { similarity }),
    ...(bm25 === undefined ? {} : { bm25 }),
    score,
    ...(energy === undefined ? {} : { energy }),
    parts: {
      ...(similarity === undefined ? {} : { similarity: near }),
      ...(bm25 === undefined ? {} : { text: worded }),
      ...(energy === undefined ? {} : { energy }),
      ...(lent === undefined ? {} : { neighbours: lent }),
    },
  }
}

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

/** What an experience is judged by; undefined for a part that is not looked at. */
export interface Figure {
  readonly similarity: number | undefined
  readonly bm25: number | undefined
}

export interface Figures {
  /** In the order of the ids. */
  readonly of: (ids: readonly ExperienceId[]) => readonly Figure[]
  /** Absent where it is not weighed. */
  readonly energy?: (id: ExperienceId) => number
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

/** All candidates, best first. */
export const fuse = (figures: Figures, { relevant, alive, weights, neighbours }: FusionQuery): readonly FusedHit[] => {
  const known = new Map<ExperienceId, Figure>()
  const learn = (ids: Iterable<ExperienceId>): void => {
    const unknown = [...new Set(ids)].filter((id) => !known.has(id))
    for (const [at, figure] of figures.of(unknown).entries()) known.set(unknown[at] as ExperienceId, figure)
  }
  const around = (id: ExperienceId): readonly ExperienceId[] => {
    const { before, after } = figures.beside(id)
    return [before, after].filter((other) => other !== undefined)
  }
  const figureOf = (id: ExperienceId): Figure => present(known.get(id), 'figure of a candidate')

  learn(relevant)
  const scale = scaleOf([...known.values()])
  const candidates = new Set([...relevant, ...alive])
  if (neighbours !== undefined) for (const id of [...candidates]) for (const other of around(id)) candidates.add(other)
  learn(candidates)
  if (neighbours !== undefined) learn([...candidates].flatMap(around))

  const relevanceOf = (id: ExperienceId | undefined): number => {
    if (id === undefined) return 0
    const { similarity = 0, text = 0 } = scale(figureOf(id))
    return weights.similarity * similarity + weights.text * text
  }
  const hitOf = (id: ExperienceId): FusedHit => {
    const { similarity, bm25 } = figureOf(id)
    const energy = figures.energy?.(id)
    const lent = neighbours === undefined ? undefined : lentBy(figures.beside(id), neighbours, relevanceOf)
    return {
      id,
      ...(similarity === undefined ? {} : { similarity }),
      ...(bm25 === undefined ? {} : { bm25 }),
      score: relevanceOf(id) + weights.energy * (energy ?? 0) + (lent ?? 0),
      ...(energy === undefined ? {} : { energy }),
      parts: {
        ...scale(figureOf(id)),
        ...(energy === undefined ? {} : { energy }),
        ...(lent === undefined ? {} : { neighbours: lent }),
      },
    }
  }
  return [...candidates].map(hitOf).sort(byScore)
}

/** H3. */
const lentBy = (
  { before, after }: Beside,
  shares: Neighbours,
  relevanceOf: (id: ExperienceId | undefined) => number,
): number => shares.before * relevanceOf(before) + shares.after * relevanceOf(after)

/** H2. What lies below the least candidate, as a neighbour may, counts as 0. */
const scaleOf = (figures: readonly Figure[]): ((figure: Figure) => Pick<SearchParts, 'similarity' | 'text'>) => {
  const similarity = rangeOf(figures.map((figure) => figure.similarity))
  const text = rangeOf(figures.map((figure) => figure.bm25))
  return (figure) => ({
    ...(figure.similarity === undefined ? {} : { similarity: within(similarity, figure.similarity) }),
    ...(figure.bm25 === undefined ? {} : { text: within(text, figure.bm25) }),
  })
}

interface Range {
  readonly least: number
  readonly most: number
}

const rangeOf = (values: readonly (number | undefined)[]): Range => {
  const present = values.filter((value) => value !== undefined)
  return {
    least: present.reduce((least, value) => Math.min(least, value), Infinity),
    most: present.reduce((most, value) => Math.max(most, value), -Infinity),
  }
}

/** Where all are alike, each is the best, unless there is nothing to be good at. */
const within = ({ least, most }: Range, value: number): number => {
  if (most === least) return most > 0 && value >= most ? 1 : 0
  return Math.min(1, Math.max(0, (value - least) / (most - least)))
}

/** H4. */
const byScore = (left: FusedHit, right: FusedHit): number =>
  right.score - left.score ||
  (right.similarity ?? 0) - (left.similarity ?? 0) ||
  (right.bm25 ?? 0) - (left.bm25 ?? 0) ||
  (left.id < right.id ? -1 : 1)

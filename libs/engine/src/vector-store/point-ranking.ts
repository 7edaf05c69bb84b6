/**
 * Vectors in the order of their nearness to a query, taken as far as somebody asks.
 *
 * O1  The order is total: by score, then by id. Scores are reckoned once.
 * O2  Rows are chosen in rounds: each finds, in one pass over the scores, the best that no round before it found, and
 *     sorts those alone. The first is as large as a search without a filter needs; later ones grow.
 */
import { assert } from '@waggle/kernel'
import type { Uint64Text, VectorMetric } from '@waggle/protocol'
import { distanceTo, isDistance } from './distances.ts'
import type { Block, PointView } from './point-index.ts'
import type { Turns } from './turns.ts'

/** A row of a block, and its score. */
export interface RankedPoint {
  readonly block: Block
  readonly at: number
  readonly id: Uint64Text
  readonly score: number
}

export interface RankingQuery {
  readonly vector: Float32Array
  readonly metric: VectorMetric
  /** How many are likely to be asked for. */
  readonly k: number
}

/** What each round is larger than the one before, and how large one may be: sorting it takes some milliseconds. */
const ROUND_GROWTH = 4
const ROUND_ROWS_MAX = 8_192

/** The rounds, one after the other. */
export async function* nearestFirst(
  view: PointView,
  { vector, metric, k }: RankingQuery,
  turns: Turns,
): AsyncGenerator<readonly RankedPoint[]> {
  const scores = await scoresOf(view, vector, metric, turns)
  const sign = isDistance(metric) ? 1 : -1
  let behind: RankedPoint | undefined
  for (let size = k, left = view.size; left > 0; size = Math.min(size * ROUND_GROWTH, ROUND_ROWS_MAX)) {
    const round = await bestOf(view, scores, { size: Math.min(size, left), behind, sign }, turns)
    assert(round.length > 0, 'a round finds rows as long as there are some')
    yield round
    behind = round.at(-1)
    left -= round.length
  }
}

/** O1. */
const scoresOf = async (
  { blocks }: PointView,
  query: Float32Array,
  metric: VectorMetric,
  turns: Turns,
): Promise<readonly Float64Array[]> => {
  const distance = distanceTo(metric, query)
  const scores: Float64Array[] = []
  for (const block of blocks) {
    const ofBlock = new Float64Array(block.length)
    for (let row = 0; row < ofBlock.length; row += 1) ofBlock[row] = distance(block, row)
    scores.push(ofBlock)
    const pause = turns.spend(ofBlock.length * query.length)
    if (pause !== undefined) await pause
  }
  return scores
}

interface Round {
  readonly size: number
  /** The last row of the round before. */
  readonly behind: RankedPoint | undefined
  /** 1 where the smaller score is the nearer, -1 where the greater is. */
  readonly sign: 1 | -1
}

/** O2. The best rows behind one of them, best first. */
const bestOf = async (
  { blocks }: PointView,
  scores: readonly Float64Array[],
  { size, behind, sign }: Round,
  turns: Turns,
): Promise<readonly RankedPoint[]> => {
  const order = (left: RankedPoint, right: RankedPoint): number =>
    sign * (left.score - right.score) || compareIds(left.id, right.id)
  let kept: RankedPoint[] = []
  let worst: RankedPoint | undefined
  const cut = (): void => {
    kept = kept.sort(order).slice(0, size)
    if (kept.length === size) worst = kept.at(-1)
  }
  for (const [index, block] of blocks.entries()) {
    const ofBlock = scores[index] as Float64Array
    for (let at = 0; at < ofBlock.length; at += 1) {
      const score = ofBlock[at] as number
      // Most rows end here, without becoming anything in memory.
      if (behind !== undefined && sign * (score - behind.score) < 0) continue
      if (worst !== undefined && sign * (score - worst.score) > 0) continue
      const row = { block, at, id: block.ids[at] as Uint64Text, score }
      if (behind !== undefined && order(row, behind) <= 0) continue
      if (worst !== undefined && order(row, worst) >= 0) continue
      kept.push(row)
      if (kept.length === 2 * size) cut()
    }
    const pause = turns.spend(ofBlock.length * STEPS_PER_ROW)
    if (pause !== undefined) await pause
  }
  cut()
  return kept
}

/** To compare a row with those that were kept. */
const STEPS_PER_ROW = 8

/** By number: digits without leading zeros, so the longer ones are the greater. */
const compareIds = (left: Uint64Text, right: Uint64Text): number =>
  left.length - right.length || (left < right ? -1 : left === right ? 0 : 1)

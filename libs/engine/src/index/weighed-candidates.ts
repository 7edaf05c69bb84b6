/** Candidates of a search that weighs similarity and energy: bounds of similarities become bounds of scores. */
import { clampUnit } from '../memory/experience/energy.ts'
import type { Candidates } from './candidates.ts'
import type { ExperienceColumns } from './experience-columns.ts'
import type { ScanSink } from './scan/row-blocks.ts'
import type { Ranking } from './vector-index.ts'

/** More than the rounding of a score in double precision. */
const ROUNDING = 1e-9

export class WeighedCandidates implements ScanSink {
  readonly #candidates: Candidates
  readonly #columns: ExperienceColumns
  readonly #ranking: Ranking

  /** @param candidates is told of scores */
  constructor(candidates: Candidates, columns: ExperienceColumns, ranking: Ranking) {
    this.#candidates = candidates
    this.#columns = columns
    this.#ranking = ranking
  }

  /** What is less similar is not among the best even with an energy of 1. */
  get threshold(): number {
    const { similarity, energy } = this.#ranking.weights
    const needed = this.#candidates.threshold - energy - ROUNDING
    return needed > 0 && similarity > 0 ? needed / similarity - ROUNDING : -Infinity
  }

  /** The energy itself costs most: it is asked for only where the most that it can be does not rule the row out. */
  offer(row: number, least: number, most: number): void {
    const { weights, decay, nowMs } = this.#ranking
    const upper = weights.similarity * clampUnit(most)
    if (upper + weights.energy * this.#columns.energyMax(row, decay) < this.#candidates.threshold) return
    const energy = weights.energy * this.#columns.energy(row, nowMs, decay)
    this.#candidates.offer(row, weights.similarity * clampUnit(least) + energy, upper + energy)
  }
}

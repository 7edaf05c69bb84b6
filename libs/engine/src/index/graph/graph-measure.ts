/**
 * Measures a graph against the flat tier, whose results are the truth: with vectors that the graph does not know, as
 * queries are. (A vector that is in the graph is found more easily than one that is not.)
 */
import type { Clock, Timers, Uuid } from '@waggle/kernel'
import type { VectorIndex, VectorRows } from '../vector-index.ts'
import { MEASURED_K, type GraphFigures, type SearchTimes } from './graph-plan.ts'

/** The exact tier, whose rows the graph is of. */
export type FlatTier = VectorIndex & VectorRows

export interface MeasureParts {
  readonly flat: FlatTier
  readonly dimension: number
  /** Whether the graph knows a row. */
  readonly knows: (row: number) => boolean
  /** Rows of the graph's candidates, or `undefined` where it cannot be asked now. */
  readonly candidates: (query: Float32Array, ef: number) => Promise<Uint32Array | undefined>
  /** Whether the index is no longer kept: nothing may be asked of it then. */
  readonly isStopped: () => boolean
  readonly clock: Clock
  readonly timers: Timers
}

/** What was found out about a graph. */
export interface Measurement {
  readonly figures: GraphFigures
  readonly times: SearchTimes
  /** Whether it finds enough, and that sooner than the flat tier does. */
  readonly isWorthIt: boolean
}

interface Truth {
  readonly query: Float32Array
  /** Similarity of the tenth. */
  readonly least: number
}

/** What is tried, in this order; 1.5 times more at least takes 1.3 times longer. */
const EFS = [16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768]

/**
 * Share of the ten nearest that has to be found. What is promised is 0.99; a hundred queries tell a share of 0.99 to
 * within 0.003.
 */
const RECALL_MIN = 0.995

/**
 * Looks for the smallest `ef` that finds enough, as long as that is faster than the flat tier.
 * @param sample rows that the graph does not know
 * @param known figures that were found before: it is only timed
 * @returns what was tried last; `undefined` where the graph cannot be asked
 */
export const measureGraph = async (
  parts: MeasureParts,
  sample: readonly number[],
  known?: GraphFigures,
): Promise<Measurement | undefined> => {
  const measuring = await Measuring.begin(parts, sample)
  let last: Measurement | undefined
  for (const ef of known === undefined ? EFS : [known.ef]) {
    const found = await measuring.probe(ef)
    if (found === undefined) return undefined
    const isFaster = found.times.graphMs < found.times.flatMs
    const figures = known ?? { ef, recall: found.recall, rows: parts.flat.size }
    last = { figures, times: found.times, isWorthIt: isFaster && figures.recall >= RECALL_MIN }
    if (last.isWorthIt || !isFaster) break
  }
  return last
}

class Measuring {
  readonly #parts: MeasureParts
  readonly #truths: readonly Truth[]
  readonly #flatMs: number

  private constructor(parts: MeasureParts, truths: readonly Truth[], flatMs: number) {
    this.#parts = parts
    this.#truths = truths
    this.#flatMs = flatMs
  }

  static async begin(parts: MeasureParts, sample: readonly number[]): Promise<Measuring> {
    const { flat, dimension, knows, isStopped, clock, timers } = parts
    const truths: Truth[] = []
    const times: number[] = []
    for (const row of sample) {
      // A search a turn: others wait for no more than one.
      await timers.yield()
      if (isStopped()) break
      if (flat.idAt(row) === undefined) continue
      const query = new Float32Array(dimension)
      flat.readVector(row, query)
      const begunMs = clock.monotonicMs()
      flat.search({ embedding: query, k: MEASURED_K })
      times.push(clock.monotonicMs() - begunMs)
      const accept = (id: Uuid): boolean => knows(flat.rowOf(id) as number)
      const nearest = flat.search({ embedding: query, k: MEASURED_K, accept })
      const last = nearest.at(-1)
      if (last !== undefined) truths.push({ query, least: last.similarity })
    }
    return new Measuring(parts, truths, medianOf(times))
  }

  async probe(ef: number): Promise<{ readonly recall: number; readonly times: SearchTimes } | undefined> {
    const { flat, candidates, isStopped, clock } = this.#parts
    const times: number[] = []
    let found = 0
    for (const { query, least } of this.#truths) {
      const begunMs = clock.monotonicMs()
      const rows = await candidates(query, ef)
      if (rows === undefined || isStopped()) return undefined
      const hits = flat.searchAmong(rows, { embedding: query, k: MEASURED_K })
      times.push(clock.monotonicMs() - begunMs)
      // One as near as the tenth is as good as it.
      found += hits.filter(({ similarity }) => similarity >= least).length
    }
    const recall = found / (this.#truths.length * MEASURED_K)
    return { recall, times: { graphMs: medianOf(times), flatMs: this.#flatMs, flatRows: flat.size } }
  }
}

const medianOf = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Infinity

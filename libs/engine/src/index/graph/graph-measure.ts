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

export interface Measured {
  readonly recall: number
  readonly times: SearchTimes
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
 * The smallest `ef` that finds enough; `undefined` where that takes longer than the flat tier does.
 * @param sample rows that the graph does not know
 */
export const measureGraph = async (
  parts: MeasureParts,
  sample: readonly number[],
): Promise<{ readonly figures: GraphFigures; readonly times: SearchTimes } | undefined> => {
  const measuring = await Measuring.begin(parts, sample)
  for (const ef of EFS) {
    const found = await measuring.probe(ef)
    if (found === undefined || found.times.graphMs > found.times.flatMs) return undefined
    if (found.recall >= RECALL_MIN)
      return { figures: { ef, recall: found.recall, rows: measuring.known }, times: found.times }
  }
  return undefined
}

/** Times alone, by an `ef` that is known. @returns `undefined` where the graph cannot be asked */
export const measureTimes = async (
  parts: MeasureParts,
  sample: readonly number[],
  ef: number,
): Promise<SearchTimes | undefined> => (await (await Measuring.begin(parts, sample)).probe(ef))?.times

class Measuring {
  readonly #parts: MeasureParts
  readonly #truths: readonly Truth[]
  readonly #flatMs: number
  readonly known: number

  private constructor(parts: MeasureParts, truths: readonly Truth[], flatMs: number) {
    this.#parts = parts
    this.#truths = truths
    this.#flatMs = flatMs
    this.known = parts.flat.size
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

  async probe(ef: number): Promise<Measured | undefined> {
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

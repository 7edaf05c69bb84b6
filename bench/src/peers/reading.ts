/** What a contestant reports: one line of JSON a figure, and what the judge looks for in them. */

/** One figure of one contestant in one round; times of single calls in microseconds. */
export interface Figure {
  readonly measure: string
  /** Where a contestant has several ways of doing it, such as the quality of a search. */
  readonly setting?: string
  readonly p50Us?: number
  readonly p99Us?: number
  readonly perSecond?: number
  /** 0..1. */
  readonly recall?: number
  /** Of something that happens once. */
  readonly ms?: number
  readonly bytes?: number
}

export interface Reading extends Figure {
  readonly contestant: string
  readonly round: number
}

/** The readings of one round. */
export class Round {
  readonly #readings: readonly Reading[]

  constructor(readings: readonly Reading[]) {
    this.#readings = readings
  }

  all(contestant: string, measure: string): readonly Reading[] {
    return this.#readings.filter((reading) => reading.contestant === contestant && reading.measure === measure)
  }

  /** `undefined` where that was not measured. */
  value(contestant: string, measure: string, field: NumberField): number | undefined {
    return this.all(contestant, measure)[0]?.[field]
  }
}

export type NumberField = 'p50Us' | 'p99Us' | 'perSecond' | 'recall' | 'ms' | 'bytes'

/** The first over the second; `undefined` where one is not there. */
export const over = (value: number | undefined, base: number | undefined): number | undefined =>
  value === undefined || base === undefined ? undefined : value / base

/**
 * The median call of the quickest setting that finds at least as much as `recall`; of the setting that finds most
 * where none does.
 */
export const quickestAt = (readings: readonly Reading[], recall: number): Reading | undefined => {
  const time = ({ p50Us = Infinity }: Reading): number => p50Us
  const found = ({ recall: share = 0 }: Reading): number => share
  const good = readings.filter((reading) => found(reading) >= recall).sort((left, right) => time(left) - time(right))
  return good[0] ?? [...readings].sort((left, right) => found(right) - found(left))[0]
}

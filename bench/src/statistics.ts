/** Order statistics of measured values: no means, which one stall of a shared machine moves. */

export interface Distribution {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/**
 * The smallest value that at least `share` of all values do not exceed (nearest rank): always one that was measured.
 * @param share 0..1
 */
export const percentile = (values: readonly number[], share: number): number =>
  atShare(
    [...values].sort((left, right) => left - right),
    share,
  )

export const median = (values: readonly number[]): number => percentile(values, 0.5)

export const distributionOf = (values: readonly number[]): Distribution => {
  const sorted = [...values].sort((left, right) => left - right)
  return { count: sorted.length, p50: atShare(sorted, 0.5), p99: atShare(sorted, 0.99), max: atShare(sorted, 1) }
}

/** The distribution whose figures are the medians of the rounds' figures. */
export const medianDistribution = (rounds: readonly Distribution[]): Distribution => ({
  count: rounds.reduce((sum, { count }) => sum + count, 0),
  p50: median(rounds.map(({ p50 }) => p50)),
  p99: median(rounds.map(({ p99 }) => p99)),
  max: median(rounds.map(({ max }) => max)),
})

export const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

const atShare = (sorted: readonly number[], share: number): number => {
  const rank = Math.max(1, Math.ceil(share * sorted.length))
  const value = sorted[rank - 1]
  if (value === undefined) throw new Error('nothing was measured')
  return value
}

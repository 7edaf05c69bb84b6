/** A figure to reach, and whether a run reached it. */
import { median } from '../statistics.ts'
import { Round, type Reading } from './reading.ts'

export interface Goal {
  readonly work: string
  /** What the limit is a limit of, such as `p50 ÷ PulseDB`. */
  readonly figure: string
  readonly most?: number
  readonly least?: number
  /** Whose absence leaves it unmeasured; ourselves when absent. */
  readonly peer?: string
  /** `undefined` where the round lacks what it takes. */
  value(round: Round): number | undefined
}

export interface Verdict {
  readonly work: string
  readonly figure: string
  /** `≤ 0.2`. */
  readonly limit: string
  /** Median of the rounds' values; absent where it was not measured. */
  readonly value?: number
  readonly reached: boolean
  /** Why there is no value. */
  readonly reason?: string
}

/**
 * A goal is judged by the median of its values, one a round: both sides of a ratio are of the same minutes. What was
 * not measured is not reached.
 * @param absent why a peer is not there, by its name
 */
export const judge = (goal: Goal, readings: readonly Reading[], absent: ReadonlyMap<string, string>): Verdict => {
  const { work, figure, most, least, peer } = goal
  const limit = most === undefined ? `≥ ${least}` : `≤ ${most}`
  const rounds = [...new Set(readings.map(({ round }) => round))]
  const values = rounds
    .map((number) => goal.value(new Round(readings.filter(({ round }) => round === number))))
    .filter((value) => value !== undefined && !Number.isNaN(value)) as number[]
  if (values.length === 0) {
    const why = peer === undefined ? undefined : absent.get(peer)
    return { work, figure, limit, reached: false, reason: why === undefined ? 'not measured' : `${peer}: ${why}` }
  }
  const value = median(values)
  const reached = (most === undefined || value <= most) && (least === undefined || value >= least)
  return { work, figure, limit, value, reached }
}

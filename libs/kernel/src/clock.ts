/** Time, as the only way to ask for it. */
export interface Clock {
  /** Wall clock: milliseconds since the Unix epoch, an integer. It may jump in both directions. */
  nowMs(): number
  /** Milliseconds since some start, never decreasing, with a fraction: for durations only. */
  monotonicMs(): number
}

/**
 * Which records of a stream go next (DESIGN K1): pure.
 *
 * U1  Only what lies below the horizon that was logged goes, whatever else is known.
 * U2  The last record stays, and no purge names a sequence above it: servers before 2.9.19 damage the stream then, and
 *     an empty stream tells nobody where it stood. A stream that ends before the horizon has lost its end, and is left
 *     as it is: whoever comes to mend it may need what is there.
 * U3  One step removes a bounded number: about 40 ms of the server (20,000 messages of 2 KB).
 * U4  The bounds are asked before each step, so steps only go up; one that is repeated, or comes late, or was made by
 *     two compactors at once, finds nothing to do.
 */
import { assert } from '@waggle/kernel'

/** U3. */
export const STEP_RECORDS_MAX = 20_000

export interface StreamBounds {
  /** Of the first message that is there; where there is none, one more than `last`. */
  readonly first: number
  readonly last: number
}

/** Everything below is to go now; `undefined`: nothing is left to do. */
export const nextPurge = ({ first, last }: StreamBounds, horizon: number): number | undefined => {
  if (horizon > last) return undefined
  const below = Math.min(horizon, first + STEP_RECORDS_MAX)
  if (below <= first) return undefined
  assert(below <= horizon && below <= last, 'a purge stays below the horizon and the last record')
  return below
}

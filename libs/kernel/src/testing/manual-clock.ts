import { assert } from '../assert.ts'
import type { Clock } from '../clock.ts'

/** A clock that moves only when told to. */
export interface ManualClock extends Clock {
  /** Moves both clocks on by `durationMs`, 0 or more. */
  advance(durationMs: number): void
  /** Moves the wall clock alone, also backwards, as an operator or a time server does. */
  jumpTo(nowMs: number): void
}

export const manualClock = (startMs = 1_700_000_000_000): ManualClock => {
  let wallMs = startMs
  let monotonicMs = 0
  return {
    nowMs: () => Math.floor(wallMs),
    monotonicMs: () => monotonicMs,
    advance(durationMs) {
      assert(durationMs >= 0, 'monotonic time never goes back')
      wallMs += durationMs
      monotonicMs += durationMs
    },
    jumpTo(nowMs) {
      wallMs = nowMs
    },
  }
}

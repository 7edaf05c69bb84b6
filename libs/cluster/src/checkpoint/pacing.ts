/**
 * How fast a replica copies its state beside its work: it rests after every piece, and longer where it is ahead of a
 * rate, so that requests are served and the disk is not only ours (DESIGN K3).
 */
import { pause, type Clock, type Timers } from '@waggle/kernel'
import type { Pace } from '@waggle/engine'

export interface PacingParts {
  readonly clock: Clock
  readonly timers: Timers
}

/** 1 GiB in half a minute, for a quarter to a third of one core: 100-125 MiB take a second of it (measured). */
const RATE_BYTES_PER_SECOND = 32 * 1024 ** 2
/** Shorter rests are left to the next piece. */
const REST_MS_MIN = 5

/** @param isOver stops whoever works at this pace, with `StoppedWork` */
export const pacing = (
  { clock, timers }: PacingParts,
  {
    isOver = () => false,
    rate = RATE_BYTES_PER_SECOND,
  }: { readonly isOver?: () => boolean; readonly rate?: number } = {},
): Pace => {
  const beganMs = clock.monotonicMs()
  let done = 0
  return async (bytes) => {
    done += bytes
    const aheadMs = beganMs + (done / rate) * 1_000 - clock.monotonicMs()
    await (aheadMs < REST_MS_MIN ? timers.yield() : pause(timers, aheadMs))
    if (isOver()) throw new StoppedWork()
  }
}

/** Nobody wants the rest any more. */
export class StoppedWork extends Error {
  constructor() {
    super('the work was stopped')
    this.name = 'StoppedWork'
  }
}

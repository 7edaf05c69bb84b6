/** The real clock, timers and randomness of the process: the only place that may touch them. */
import { randomFillSync } from 'node:crypto'
import { assert } from '../assert.ts'
import type { Clock } from '../clock.ts'
import type { IdSource } from '../ids.ts'
import { uuidV7Source } from '../ids.ts'
import type { Random } from '../random.ts'
import { DELAY_MS_MAX, type Timers } from '../timers.ts'

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
}

export const systemTimers: Timers = {
  after(delayMs, callback, { background = false } = {}) {
    assert(delayMs >= 0 && delayMs <= DELAY_MS_MAX, 'a timer keeps its delay')
    const timer = setTimeout(callback, delayMs)
    if (background) timer.unref()
    return () => {
      clearTimeout(timer)
    }
  },
  yield: () => new Promise((resolve) => setImmediate(resolve)),
}

/** Drawn in advance: asking the operating system for 16 bytes costs more than making an id of them. */
const pool = new Uint8Array(4_096)
let used = pool.length

export const systemRandom: Random = {
  bytes(length) {
    if (length > pool.length) return randomFillSync(new Uint8Array(length))
    if (used + length > pool.length) {
      randomFillSync(pool)
      used = 0
    }
    const bytes = Uint8Array.from(pool.subarray(used, used + length))
    used += length
    return bytes
  },
}

export const systemIds: IdSource = uuidV7Source(systemClock, systemRandom)

/** Calls back, without waiting, when the process is about to exit. @returns forgets it */
export const onProcessExit = (callback: () => void): (() => void) => {
  process.on('exit', callback)
  return () => {
    process.off('exit', callback)
  }
}

/**
 * This node's clock, held against the servers': at each barrier, and every 10 s between them (DESIGN L8). One that is
 * more than 2 s off is an alarm; who leads in its place is the placement's business.
 *
 * N1  What goes into a log, or judges what has expired, is never more than 2 s ahead of the servers' clock as it was
 *     last known: times of a log never fall, so one term of a clock that is a year ahead would end every lifetime, and
 *     every window of idempotency, for good. A clock that is behind is left alone: it ends nothing early.
 */
import type { Clock, Logger } from '@waggle/kernel'
import { LEASE_BUCKET } from '../directory/directory.ts'
import { LogLimit } from '../log-limit.ts'
import { bucketStream } from '../log/stream-config.ts'
import type { JetStreamAccess } from '../nats/jetstream-access.ts'
import { CLOCK_AHEAD_MS_MAX } from '../placement/placement.ts'
import { clockAheadNow } from './clock-ahead.ts'

const PERIOD_MS = 10_000

export interface NodeClockParts {
  readonly access: JetStreamAccess
  readonly clock: Clock
  readonly logger: Logger
}

export class NodeClock {
  readonly #parts: NodeClockParts
  readonly #alarms: LogLimit
  #aheadMs: number | undefined
  #askedAtMs = -Infinity

  constructor(parts: NodeClockParts) {
    this.#parts = parts
    this.#alarms = new LogLimit(parts.clock)
  }

  /** Milliseconds; `undefined` while it is not known. */
  get aheadMs(): number | undefined {
    return this.#aheadMs
  }

  /** N1. */
  get bounded(): Clock {
    const { clock } = this.#parts
    return {
      nowMs: () => {
        const aheadMs = this.#aheadMs ?? 0
        return aheadMs > CLOCK_AHEAD_MS_MAX ? clock.nowMs() - aheadMs : clock.nowMs()
      },
      monotonicMs: () => clock.monotonicMs(),
    }
  }

  readonly measured = (aheadMs: number): void => {
    this.#aheadMs = Math.round(aheadMs)
    if (Math.abs(aheadMs) <= CLOCK_AHEAD_MS_MAX) return
    const skipped = this.#alarms.take()
    if (skipped !== undefined)
      this.#parts.logger.error('the clock of this machine is not that of the servers', { aheadMs, skipped })
  }

  /** To be called several times a second. */
  tick(): void {
    const { access, clock } = this.#parts
    const nowMs = clock.monotonicMs()
    if (nowMs - this.#askedAtMs < PERIOD_MS) return
    this.#askedAtMs = nowMs
    // Servers before 2.10 do not say; barriers do.
    void clockAheadNow(access, bucketStream(LEASE_BUCKET), () => clock.nowMs()).then(this.measured, () => undefined)
  }
}

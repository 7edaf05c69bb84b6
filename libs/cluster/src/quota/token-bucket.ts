/**
 * A rate with a burst: tokens flow in at so many a second, up to so many; what is taken must be there.
 *
 * U1  What is refused takes nothing, and is told after how long the same would be there, were nothing else taken.
 */

export interface Rate {
  readonly perSecond: number
  /** The most that can be taken at once. */
  readonly burst: number
}

/** Of a token, and of a millisecond: sums of parts are not exact, and nobody is to wait for that. */
const ROUNDING = 1e-6

export class TokenBucket {
  readonly rate: Rate
  #tokens: number
  #filledMs: number

  /** Full at first. @param nowMs monotonic */
  constructor(rate: Rate, nowMs: number) {
    this.rate = rate
    this.#tokens = rate.burst
    this.#filledMs = nowMs
  }

  /** 0: `amount`, up to the burst, can be taken now; else after how many milliseconds, rounded up (U1). */
  waitMs(amount: number, nowMs: number): number {
    this.#fill(nowMs)
    const missing = amount - this.#tokens
    return missing <= ROUNDING ? 0 : Math.max(1, Math.ceil((missing * 1_000) / this.rate.perSecond - ROUNDING))
  }

  /** To be called only where `waitMs` of the same moment says 0. */
  take(amount: number): void {
    this.#tokens -= amount
  }

  isFull(nowMs: number): boolean {
    this.#fill(nowMs)
    return this.#tokens >= this.rate.burst
  }

  /** What was taken and has not flowed in again. */
  used(nowMs: number): number {
    this.#fill(nowMs)
    return this.rate.burst - this.#tokens
  }

  #fill(nowMs: number): void {
    const { perSecond, burst } = this.rate
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#filledMs) * perSecond) / 1_000)
    this.#filledMs = nowMs
  }
}

/**
 * For how long nothing has come from where something should: a server that is cut off from the others of its cluster
 * still answers its own connections, and brings them nothing.
 *
 * Each time it has lasted too long the next time is twice as far, so that whoever draws a conclusion from it does not
 * draw it over and over while the reason lies elsewhere.
 */

/** Longer than a leader takes to be replaced, mostly. */
const PATIENCE_MS = 5_000
const PATIENCE_MS_MAX = 60_000

export class Silence {
  #sinceMs: number
  #patienceMs = PATIENCE_MS

  constructor(nowMs: number) {
    this.#sinceMs = nowMs
  }

  /** Something came. */
  broken(nowMs: number): void {
    this.#sinceMs = nowMs
    this.#patienceMs = PATIENCE_MS
  }

  /** @param expectedMs since when something should have come @returns whether it has lasted too long, once each time */
  isTooLong(nowMs: number, expectedMs = this.#sinceMs): boolean {
    if (nowMs - Math.max(expectedMs, this.#sinceMs) < this.#patienceMs) return false
    this.#sinceMs = nowMs
    this.#patienceMs = Math.min(2 * this.#patienceMs, PATIENCE_MS_MAX)
    return true
  }
}

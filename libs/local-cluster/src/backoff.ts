/** How long to wait before a child that died is started again. */

const FIRST_MS = 1_000
const LONGEST_MS = 30_000
/** One that cannot work dies at once; a child that lived that long died of something new, such as kill -9. */
const HEALTHY_MS = 5_000

export class Backoff {
  #nextMs = FIRST_MS

  /** The wait after a life of `livedMs`: 1 s at first, doubled after each short life, 30 s at most. */
  after(livedMs: number): number {
    if (livedMs >= HEALTHY_MS) this.#nextMs = FIRST_MS
    const delayMs = this.#nextMs
    this.#nextMs = Math.min(LONGEST_MS, delayMs * 2)
    return delayMs
  }
}

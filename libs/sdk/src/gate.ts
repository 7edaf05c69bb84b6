/**
 * How many writes of one client are under way at once; the others wait for their turn here, in the order in which they
 * were made.
 *
 * Without it thousands of writes at once fill the store's mailbox, and all that were refused come back at the same
 * time, again and again: measured, of 20,000 records at once three in four had found no room after 20 seconds.
 */
import type { Timers } from '@waggle/kernel'

interface Waiter {
  readonly enter: () => void
}

export class Gate {
  readonly #timers: Timers
  readonly #waiting = new Set<Waiter>()
  #free: number

  /** @param places how many may be inside at once */
  constructor(places: number, timers: Timers) {
    this.#free = places
    this.#timers = timers
  }

  /** Takes a place, which `leave` gives back, if there is one: at once, so that what was begun before closing is. */
  tryEnter(): boolean {
    if (this.#free === 0) return false
    this.#free -= 1
    return true
  }

  /** Waits for a place; resolves with `false` when there was none after `timeoutMs`. */
  async enter(timeoutMs: number): Promise<boolean> {
    if (this.tryEnter()) return true
    return new Promise((resolve) => {
      const cancel = this.#timers.after(timeoutMs, () => {
        this.#waiting.delete(waiter)
        resolve(false)
      })
      const waiter: Waiter = {
        enter: () => {
          cancel()
          resolve(true)
        },
      }
      this.#waiting.add(waiter)
    })
  }

  leave(): void {
    for (const waiter of this.#waiting) {
      this.#waiting.delete(waiter)
      waiter.enter()
      return
    }
    this.#free += 1
  }
}

/** Requests that wait until the state has reached a sequence. Bounded in number: who comes too late is `BUSY` (P11). */
import type { CancelTimer, Fault, Timers } from '@waggle/kernel'
import { fault, limits, type Sequence } from '@waggle/protocol'

/** As many as the mailbox takes writes. */
export const WAITERS_MAX = 4_096

interface Waiter {
  readonly sequence: Sequence
  readonly cancel: CancelTimer
  readonly resolve: (reached: boolean) => void
  readonly reject: (reason: Fault) => void
}

export class SequenceWaiters {
  readonly #timers: Timers
  readonly #waiters = new Set<Waiter>()

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** Resolves with `true` when the sequence was reached, with `false` after `timeoutMs`. @throws Fault `BUSY` */
  async wait(sequence: Sequence, timeoutMs: number): Promise<boolean> {
    const waiting = this.#waiters.size
    if (waiting >= WAITERS_MAX)
      throw fault(
        'BUSY',
        `too many requests wait for their token waiting=${waiting} limit=${WAITERS_MAX}`,
        { waiting, limit: WAITERS_MAX },
        { retryAfterMs: limits.BUSY_RETRY_AFTER_MS },
      )
    return new Promise((resolve, reject) => {
      const cancel = this.#timers.after(timeoutMs, () => {
        this.#waiters.delete(waiter)
        resolve(false)
      })
      const waiter: Waiter = { sequence, cancel, resolve, reject }
      this.#waiters.add(waiter)
    })
  }

  reached(sequence: Sequence): void {
    for (const waiter of this.#waiters) if (waiter.sequence <= sequence) this.#end(waiter).resolve(true)
  }

  end(reason: Fault): void {
    for (const waiter of this.#waiters) this.#end(waiter).reject(reason)
  }

  #end(waiter: Waiter): Waiter {
    waiter.cancel()
    this.#waiters.delete(waiter)
    return waiter
  }
}

/** Commands that wait for their turn, bounded in number and bytes: what does not fit is answered `BUSY` (P11). */
import { fault, limits } from '@waggle/protocol'
import type { Submission } from './submission.ts'

const ENTRIES_MAX = 4_096
const BYTES_MAX = 8 * limits.REQUEST_BYTES_MAX

export class Mailbox {
  readonly #waiting: Submission[] = []
  #bytes = 0

  get size(): number {
    return this.#waiting.length
  }

  /** @throws Fault `BUSY` when the mailbox is full */
  push(submission: Submission): void {
    if (this.#waiting.length >= ENTRIES_MAX || (this.#waiting.length > 0 && this.#bytes + submission.bytes > BYTES_MAX))
      throw fault(
        'BUSY',
        `too many writes are waiting waiting=${this.#waiting.length} limit=${ENTRIES_MAX}`,
        { waiting: this.#waiting.length, limit: ENTRIES_MAX },
        { retryAfterMs: limits.BUSY_RETRY_AFTER_MS },
      )
    this.#waiting.push(submission)
    this.#bytes += submission.bytes
  }

  /** Puts what was taken back in front, in its order; it had its place already. */
  putBack(submissions: readonly Submission[]): void {
    this.#waiting.unshift(...submissions)
    for (const { bytes } of submissions) this.#bytes += bytes
  }

  peek(): Submission | undefined {
    return this.#waiting[0]
  }

  shift(): Submission | undefined {
    const submission = this.#waiting.shift()
    if (submission !== undefined) this.#bytes -= submission.bytes
    return submission
  }
}

/**
 * What is left of a reply while its items are gathered (DESIGN K8): what cannot be answered is not kept in memory
 * first, and is refused whole rather than cut in silence.
 */
import { fault, limits } from '@waggle/protocol'

export class ReplyRoom {
  #bytes: number = limits.REPLY_BYTES_MAX

  /** @throws Fault `RESULT_TOO_LARGE` */
  take(bytes: number): void {
    this.#bytes -= bytes
    const limit = limits.REPLY_BYTES_MAX
    if (this.#bytes < 0) throw fault('RESULT_TOO_LARGE', `result is too large limit=${limit}`, { limit })
  }
}

/** What is left of a page of keys and values: rows, bytes of the reply, and bytes that may be read for it. */
import { limits } from '@waggle/protocol'

/** Large values of which a reply tells only the size are read all the same. */
const READ_BYTES_MAX = 4 * limits.PAGE_BYTES_MAX

export class PageRoom {
  readonly rowsMax: number
  #rows = 0
  #bytes = 0
  #read = 0

  constructor(rowsMax: number) {
    this.rowsMax = rowsMax
  }

  /** Takes the room of a row; `false` when there is none left for it, which the first row of a page never meets. */
  take(keyBytes: number, valueBytes: number): boolean {
    const bytes = keyBytes + (valueBytes > limits.VALUE_PIECE_BYTES_MAX ? 0 : valueBytes)
    const fits =
      this.#rows < this.rowsMax && this.#bytes + bytes <= limits.PAGE_BYTES_MAX && this.#read < READ_BYTES_MAX
    if (!fits && this.#rows > 0) return false
    this.#rows += 1
    this.#bytes += bytes
    this.#read += valueBytes
    return true
  }
}

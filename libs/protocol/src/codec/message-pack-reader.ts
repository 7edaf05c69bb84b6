/**
 * Reads MessagePack by hand. Of the many small values that make a row or a request a general decoder spends most of its
 * time on what cannot occur here: it keeps a stack for depths that no value of ours has, and looks every name up twice.
 * Measured, a row of an experience takes a third of the time, a request or reply about half.
 *
 * It reads what the encoder writes and what `messagePackDefect` lets through: no extension types, names that are texts,
 * valid UTF-8, nesting that is bounded. Anything else throws.
 */

const NOTHING = Buffer.alloc(0)
/** Up to here a loop over the bytes is faster than a call that decodes them. */
const LOOP_BYTES_MAX = 12
const ASCII_MAX = 0x7f

const UINT32 = 2 ** 32

/** As many names as all requests and rows have, many times over; one that is pushed out is read again. */
const NAMES = 1_024

export class MessagePackReader {
  #bytes: Buffer = NOTHING
  #at = 0
  /** Names that were read before, each in the place that its bytes choose: the same text is made once. */
  readonly #names: string[] = Array.from({ length: NAMES }, () => '')

  /**
   * The one value of `bytes`; binary values are views into them.
   * @throws RangeError where they end too early, hold more than one value, or one that is not read
   */
  read(bytes: Uint8Array): unknown {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#at = 0
    const value = this.#value()
    // What was read may be large, and this lives on.
    this.#bytes = NOTHING
    if (this.#at !== bytes.length) throw new RangeError('bytes behind the value')
    return value
  }

  #value(): unknown {
    const head = this.#uint(1)
    if (head <= 0x7f) return head
    if (head >= 0xe0) return head - 0x100
    if (head <= 0x8f) return this.#map(head & 0x0f)
    if (head <= 0x9f) return this.#list(head & 0x0f)
    if (head <= 0xbf) return this.#text(head & 0x1f)
    return this.#long(head)
  }

  #long(head: number): unknown {
    switch (head) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
        return this.#binary(this.#uint(1))
      case 0xc5:
        return this.#binary(this.#uint(2))
      case 0xc6:
        return this.#binary(this.#uint(4))
      case 0xca:
        return this.#bytes.readFloatBE(this.#skip(4))
      case 0xcb:
        return this.#bytes.readDoubleBE(this.#skip(8))
      case 0xcc:
        return this.#uint(1)
      case 0xcd:
        return this.#uint(2)
      case 0xce:
        return this.#uint(4)
      case 0xcf:
        return this.#uint(4) * UINT32 + this.#uint(4)
      case 0xd0:
        return (this.#uint(1) << 24) >> 24
      case 0xd1:
        return (this.#uint(2) << 16) >> 16
      case 0xd2:
        return this.#uint(4) | 0
      case 0xd3:
        return (this.#uint(4) | 0) * UINT32 + this.#uint(4)
      case 0xd9:
        return this.#text(this.#uint(1))
      case 0xda:
        return this.#text(this.#uint(2))
      case 0xdb:
        return this.#text(this.#uint(4))
      case 0xdc:
        return this.#list(this.#uint(2))
      case 0xdd:
        return this.#list(this.#uint(4))
      case 0xde:
        return this.#map(this.#uint(2))
      case 0xdf:
        return this.#map(this.#uint(4))
      default:
        throw new RangeError(`extension or reserved type head=${head}`)
    }
  }

  #uint(bytes: 1 | 2 | 4): number {
    const at = this.#skip(bytes)
    const first = this.#bytes[at] as number
    if (bytes === 1) return first
    const both = (first << 8) | (this.#bytes[at + 1] as number)
    if (bytes === 2) return both
    return ((both << 16) | ((this.#bytes[at + 2] as number) << 8) | (this.#bytes[at + 3] as number)) >>> 0
  }

  /** Where the next `bytes` begin. @throws RangeError where they are not all there */
  #skip(bytes: number): number {
    const from = this.#at
    this.#at += bytes
    if (this.#at > this.#bytes.length) throw new RangeError('ends too early')
    return from
  }

  #binary(bytes: number): Uint8Array {
    const from = this.#skip(bytes)
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + from, bytes)
  }

  #list(count: number): unknown[] {
    // An item takes a byte at least: a list of a forged length is refused before there is room for it.
    if (count > this.#bytes.length - this.#at) throw new RangeError('ends too early')
    const items = new Array<unknown>(count)
    for (let index = 0; index < count; index += 1) items[index] = this.#value()
    return items
  }

  #map(count: number): Record<string, unknown> {
    const map: Record<string, unknown> = {}
    for (let index = 0; index < count; index += 1) {
      const name = this.#name()
      // An assignment would make it the prototype.
      if (name === '__proto__') throw new RangeError('a name that no field has name=__proto__')
      map[name] = this.#value()
    }
    return map
  }

  #name(): string {
    const head = this.#uint(1)
    if (head >= 0xa0 && head <= 0xbf) return this.#shortName(head & 0x1f)
    if (head < 0xd9 || head > 0xdb) throw new RangeError('a name that is no text')
    return this.#text(this.#uint(head === 0xd9 ? 1 : head === 0xda ? 2 : 4))
  }

  #shortName(bytes: number): string {
    if (bytes === 0) return ''
    const from = this.#skip(bytes)
    const last = this.#bytes[this.#at - 1] as number
    const place = ((this.#bytes[from] as number) * 31 + last * 7 + bytes) % NAMES
    const known = this.#names[place] as string
    if (known.length === bytes && this.#is(known, from)) return known
    const name = this.#textAt(from, bytes)
    this.#names[place] = name
    return name
  }

  /** Whether the bytes at a place are these: those beyond ASCII never are. */
  #is(text: string, from: number): boolean {
    for (let index = 0; index < text.length; index += 1)
      if (text.charCodeAt(index) !== this.#bytes[from + index]) return false
    return true
  }

  #text(bytes: number): string {
    return this.#textAt(this.#skip(bytes), bytes)
  }

  #textAt(from: number, bytes: number): string {
    const to = from + bytes
    if (bytes > LOOP_BYTES_MAX) return this.#bytes.toString('utf8', from, to)
    let text = ''
    for (let at = from; at < to; at += 1) {
      const byte = this.#bytes[at] as number
      if (byte > ASCII_MAX) return this.#bytes.toString('utf8', from, to)
      text += String.fromCharCode(byte)
    }
    return text
  }
}

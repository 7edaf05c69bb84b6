/**
 * Writes keys into one buffer that is used again and again: a write makes a dozen keys, and building each from small
 * arrays cost more than everything else that was done with it. A key is begun, written and ended in one expression, so
 * the shared buffer never holds two.
 */
import { assert, uuidInto, type Uuid } from '@waggle/kernel'
import type { Address, Uint64Text } from '@waggle/protocol'

/** A sequence and an index. */
export const ADDRESS_BYTES = 12

const UUID_BYTES = 16
const FIRST_CAPACITY = 1_024
const UINT32 = 2 ** 32
const ASCII_MAX = 0x7f
/** UTF-8 of one unit of a JavaScript text. */
const UTF8_UNIT_BYTES_MAX = 3
/** Up to here a loop is faster than a call that copies. */
const LOOP_BYTES_MAX = 64

export class KeyWriter {
  #bytes = Buffer.allocUnsafe(FIRST_CAPACITY)
  #length = 0

  /** Begins a key in a space. */
  start(space: number): this {
    this.#length = 0
    return this.u8(space)
  }

  /** Begins a key with what another one began with. */
  startWith(prefix: Uint8Array): this {
    this.#length = 0
    return this.bytes(prefix)
  }

  /** The key, in bytes of its own. */
  end(): Uint8Array {
    const key = Buffer.allocUnsafe(this.#length)
    // A loop: for so few bytes the call of a copy takes longer than the copy.
    for (let at = 0; at < key.length; at += 1) key[at] = this.#bytes[at] as number
    return key
  }

  u8(value: number): this {
    const at = this.#take(1)
    this.#bytes[at] = value
    return this
  }

  u16(value: number): this {
    const at = this.#take(2)
    this.#bytes[at] = value >>> 8
    this.#bytes[at + 1] = value
    return this
  }

  u32(value: number): this {
    const at = this.#take(4)
    this.#bytes[at] = value >>> 24
    this.#bytes[at + 1] = value >>> 16
    this.#bytes[at + 2] = value >>> 8
    this.#bytes[at + 3] = value
    return this
  }

  /** A safe integer of 0 or more. */
  u64(value: number): this {
    return this.u32(Math.floor(value / UINT32)).u32(value % UINT32)
  }

  /** Exact beyond the safe integers. */
  uint64(value: Uint64Text): this {
    const at = this.#take(8)
    this.#bytes.writeBigUInt64BE(BigInt(value), at)
    return this
  }

  /** Bytes that end the key, or begin it. */
  bytes(bytes: Uint8Array): this {
    const at = this.#take(bytes.length)
    if (bytes.length > LOOP_BYTES_MAX) this.#bytes.set(bytes, at)
    else for (let index = 0; index < bytes.length; index += 1) this.#bytes[at + index] = bytes[index] as number
    return this
  }

  address({ sequence, index }: Address): this {
    return this.u64(sequence).u32(index)
  }

  uuid(uuid: Uuid): this {
    const at = this.#take(UUID_BYTES)
    uuidInto(uuid, this.#bytes, at)
    return this
  }

  /** Text that ends the key. */
  text(text: string): this {
    const at = this.#take(UTF8_UNIT_BYTES_MAX * text.length)
    this.#length = at + writeUtf8(text, this.#bytes, at)
    return this
  }

  /** Text of at most 255 bytes behind its length, so that no text is a prefix of another one's key. */
  sized(text: string): this {
    const at = this.#take(1)
    const size = this.text(text).#length - at - 1
    assert(size <= 255, 'the length of a text inside a key fits into a byte')
    this.#bytes[at] = size
    return this
  }

  /** Where the next `bytes` go. */
  #take(bytes: number): number {
    const at = this.#length
    if (at + bytes > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], 2 * (at + bytes))
    this.#length = at + bytes
    return at
  }
}

/** Writes the text's UTF-8 and gives its size. What is all ASCII, as nearly every text of a key is, needs no call. */
const writeUtf8 = (text: string, bytes: Buffer, at: number): number => {
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit > ASCII_MAX) return bytes.write(text, at)
    bytes[at + index] = unit
  }
  return text.length
}

export const keyWriter = new KeyWriter()

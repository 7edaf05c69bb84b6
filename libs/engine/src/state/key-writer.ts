/**
 * Writes keys into one buffer that is used again and again: a write makes a dozen keys, and building each from small
 * arrays cost more than everything else that was done with it. A key is begun, written and ended in one expression, so
 * the shared buffer never holds two.
 */
import { utf8Size, type Uuid } from '@waggle/kernel'
import type { Address, Uint64Text } from '@waggle/protocol'

/** A sequence and an index. */
export const ADDRESS_BYTES = 12

const FIRST_CAPACITY = 1_024
const UINT32 = 2 ** 32

export class KeyWriter {
  #bytes = Buffer.allocUnsafe(FIRST_CAPACITY)
  #length = 0

  /** Begins a key in a space. */
  start(space: number): this {
    this.#length = 0
    return this.u8(space)
  }

  /** The key, in a buffer of its own. */
  end(): Uint8Array {
    return Buffer.from(this.#bytes.subarray(0, this.#length))
  }

  u8(value: number): this {
    this.#length = this.#bytes.writeUInt8(value, this.#room(1))
    return this
  }

  u16(value: number): this {
    this.#length = this.#bytes.writeUInt16BE(value, this.#room(2))
    return this
  }

  /** A safe integer of 0 or more. */
  u64(value: number): this {
    const at = this.#bytes.writeUInt32BE(Math.floor(value / UINT32), this.#room(8))
    this.#length = this.#bytes.writeUInt32BE(value % UINT32, at)
    return this
  }

  /** Exact beyond the safe integers. */
  uint64(value: Uint64Text): this {
    this.#length = this.#bytes.writeBigUInt64BE(BigInt(value), this.#room(8))
    return this
  }

  /** Bytes that end the key. */
  bytes(bytes: Uint8Array): this {
    this.#bytes.set(bytes, this.#room(bytes.length))
    this.#length += bytes.length
    return this
  }

  address({ sequence, index }: Address): this {
    this.u64(sequence)
    this.#length = this.#bytes.writeUInt32BE(index, this.#room(4))
    return this
  }

  uuid(uuid: Uuid): this {
    this.#length = this.#room(16) + this.#bytes.write(uuid.replaceAll('-', ''), this.#length, 'hex')
    return this
  }

  /** Text that ends the key. */
  text(text: string): this {
    this.#length = this.#room(utf8Size(text)) + this.#bytes.write(text, this.#length)
    return this
  }

  /** Text of at most 255 bytes behind its length, so that no text is a prefix of another one's key. */
  sized(text: string): this {
    return this.u8(utf8Size(text)).text(text)
  }

  /** Where the next `bytes` go. */
  #room(bytes: number): number {
    if (this.#length + bytes > this.#bytes.length)
      this.#bytes = Buffer.concat([this.#bytes], 2 * (this.#length + bytes))
    return this.#length
  }
}

export const keyWriter = new KeyWriter()

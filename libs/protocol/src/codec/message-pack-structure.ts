/**
 * Walks the structure of a MessagePack value without building anything, so that a hostile body is refused before it
 * costs memory: measured, 100 bytes of nested array headers kill a process whose decoder trusts them.
 *
 * M1  Every declared length fits into the bytes that are left.
 * M2  Nesting, the number of maps and lists, and the number of names in maps stay within their bounds.
 * M3  Exactly one value, no bytes behind it, no extension types (nothing of ours uses one).
 * M4  Every text is valid UTF-8. The decoder does not look: it would make *some* text of it, and two keys could be one.
 */
import { isUtf8 } from 'node:buffer'
import { BODY_CONTAINERS_MAX, BODY_DEPTH_MAX, BODY_NAMES_MAX } from '../limits.ts'

/** Why a body is refused, or `undefined` when its structure is sound. */
export const messagePackDefect = (bytes: Uint8Array): string | undefined => {
  const walk = new Walk(bytes)
  const defect = walk.value(1)
  return defect ?? (walk.offset === bytes.length ? undefined : 'bytes behind the value')
}

class Walk {
  offset = 0
  #containers = 0
  #names = 0
  readonly #bytes: Uint8Array
  readonly #view: DataView

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  value(depth: number): string | undefined {
    if (this.#left < 1) return 'ends too early'
    const head = this.#view.getUint8(this.offset)
    this.offset += 1
    if (head <= 0x7f || head >= 0xe0) return undefined
    if (head <= 0x8f) return this.#map(head & 0x0f, depth)
    if (head <= 0x9f) return this.#items(head & 0x0f, depth)
    if (head <= 0xbf) return this.#text(head & 0x1f)
    return this.#long(head, depth)
  }

  get #left(): number {
    return this.#view.byteLength - this.offset
  }

  #long(head: number, depth: number): string | undefined {
    const fixed = FIXED_BYTES[head]
    if (fixed !== undefined) return this.#skip(fixed)
    const form = LENGTH_FORMS[head]
    if (form === undefined) return 'extension or reserved type'
    if (this.#left < form.lengthBytes) return 'ends too early'
    const length = this.#length(form.lengthBytes)
    switch (form.holds) {
      case 'bytes':
        return this.#skip(length)
      case 'text':
        return this.#text(length)
      case 'list':
        return this.#items(length, depth)
      case 'map':
        return this.#map(length, depth)
    }
  }

  #length(bytes: 1 | 2 | 4): number {
    const at = this.offset
    this.offset += bytes
    if (bytes === 1) return this.#view.getUint8(at)
    return bytes === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at)
  }

  #skip(bytes: number): string | undefined {
    if (bytes > this.#left) return 'ends too early'
    this.offset += bytes
    return undefined
  }

  /** M4. */
  #text(length: number): string | undefined {
    const start = this.offset
    const defect = this.#skip(length)
    if (defect !== undefined || this.#isAscii(start)) return defect
    return isUtf8(this.#bytes.subarray(start, this.offset)) ? undefined : 'text that is not UTF-8'
  }

  /** Spares short names and texts the call; a long text is left to it. */
  #isAscii(start: number): boolean {
    if (this.offset - start > ASCII_BYTES_MAX) return false
    for (let at = start; at < this.offset; at += 1) if ((this.#bytes[at] as number) > 0x7f) return false
    return true
  }

  #map(entries: number, depth: number): string | undefined {
    this.#names += entries
    if (this.#names > BODY_NAMES_MAX) return `more than ${BODY_NAMES_MAX} names`
    return this.#items(entries * 2, depth)
  }

  #items(count: number, depth: number): string | undefined {
    this.#containers += 1
    if (depth > BODY_DEPTH_MAX) return `nested deeper than ${BODY_DEPTH_MAX}`
    if (this.#containers > BODY_CONTAINERS_MAX) return `more than ${BODY_CONTAINERS_MAX} maps and lists`
    if (count > this.#left) return 'ends too early'
    for (let index = 0; index < count; index += 1) {
      const defect = this.value(depth + 1)
      if (defect !== undefined) return defect
    }
    return undefined
  }
}

const ASCII_BYTES_MAX = 32

/** Payload of the types of fixed size: nil, false, true, float 32/64, uint 8..64, int 8..64. */
const FIXED_BYTES: Readonly<Record<number, number>> = {
  0xc0: 0,
  0xc2: 0,
  0xc3: 0,
  0xca: 4,
  0xcb: 8,
  0xcc: 1,
  0xcd: 2,
  0xce: 4,
  0xcf: 8,
  0xd0: 1,
  0xd1: 2,
  0xd2: 4,
  0xd3: 8,
}

/** Types with a length: how many bytes tell it, and what they tell the length of. */
const LENGTH_FORMS: Readonly<Record<number, { readonly lengthBytes: 1 | 2 | 4; readonly holds: Held }>> = {
  0xc4: { lengthBytes: 1, holds: 'bytes' },
  0xc5: { lengthBytes: 2, holds: 'bytes' },
  0xc6: { lengthBytes: 4, holds: 'bytes' },
  0xd9: { lengthBytes: 1, holds: 'text' },
  0xda: { lengthBytes: 2, holds: 'text' },
  0xdb: { lengthBytes: 4, holds: 'text' },
  0xdc: { lengthBytes: 2, holds: 'list' },
  0xdd: { lengthBytes: 4, holds: 'list' },
  0xde: { lengthBytes: 2, holds: 'map' },
  0xdf: { lengthBytes: 4, holds: 'map' },
}

type Held = 'bytes' | 'text' | 'list' | 'map'

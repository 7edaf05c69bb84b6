/**
 * Walks the structure of a MessagePack value without building anything, so that a hostile body is refused before it
 * costs memory: measured, 100 bytes of nested array headers kill a process whose decoder trusts them.
 *
 * M1  Every declared length fits into the bytes that are left.
 * M2  Nesting and the number of maps and lists stay within their bounds.
 * M3  Exactly one value, no bytes behind it, no extension types (nothing of ours uses one).
 */
import { BODY_CONTAINERS_MAX, BODY_DEPTH_MAX } from '../limits.ts'

/** Why a body is refused, or `undefined` when its structure is sound. */
export const messagePackDefect = (bytes: Uint8Array): string | undefined => {
  const walk = new Walk(bytes)
  const defect = walk.value(1)
  return defect ?? (walk.offset === bytes.length ? undefined : 'bytes behind the value')
}

class Walk {
  offset = 0
  #containers = 0
  readonly #view: DataView

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  value(depth: number): string | undefined {
    if (this.#left < 1) return 'ends too early'
    const head = this.#view.getUint8(this.offset)
    this.offset += 1
    if (head <= 0x7f || head >= 0xe0) return undefined
    if (head <= 0x8f) return this.#items((head & 0x0f) * 2, depth)
    if (head <= 0x9f) return this.#items(head & 0x0f, depth)
    if (head <= 0xbf) return this.#skip(head & 0x1f)
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
    return form.perItem === 0 ? this.#skip(length) : this.#items(length * form.perItem, depth)
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

/** Types with a length: how many bytes tell it, and how many values each unit of it stands for (0: plain bytes). */
const LENGTH_FORMS: Readonly<Record<number, { readonly lengthBytes: 1 | 2 | 4; readonly perItem: 0 | 1 | 2 }>> = {
  0xc4: { lengthBytes: 1, perItem: 0 },
  0xc5: { lengthBytes: 2, perItem: 0 },
  0xc6: { lengthBytes: 4, perItem: 0 },
  0xd9: { lengthBytes: 1, perItem: 0 },
  0xda: { lengthBytes: 2, perItem: 0 },
  0xdb: { lengthBytes: 4, perItem: 0 },
  0xdc: { lengthBytes: 2, perItem: 1 },
  0xdd: { lengthBytes: 4, perItem: 1 },
  0xde: { lengthBytes: 2, perItem: 2 },
  0xdf: { lengthBytes: 4, perItem: 2 },
}

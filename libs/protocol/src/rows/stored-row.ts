/**
 * A row of typed columns as the value of a key: what the fields of a reduction read. The format is Exoware's.
 *
 * ```
 * row     = count column*             count and length: unsigned LEB128 of 32 bits, without needless bytes
 * column  = 00 | 01 value             absent, that is null, or present
 * value   = 00 int64:8 | 01 uint64:8 | 02 float64:8 | 03 boolean:1
 *         | 04 length utf8* | 05 length byte* | 06 count value*
 * ```
 * Numbers are big-endian.
 *
 * Y1  What comes from outside costs no more than its bytes: counts are checked against what is left of them, lists go
 *     only so deep, and a row has only so many columns and items. Anything else is no row.
 */
import { isUtf8 } from 'node:buffer'
import { utf8 } from '@waggle/kernel'
import { STORED_ROW_COLUMNS_MAX, STORED_ROW_DEPTH_MAX, STORED_ROW_ITEMS_MAX } from '../limits.ts'
import { invalidField, tooManyItems } from '../schema/decoder.ts'
import { isWellFormed } from '../schema/unicode.ts'
import { isInRange } from './scalar.ts'

export type StoredValue =
  | { readonly int64: bigint | number }
  | { readonly uint64: bigint | number }
  | { readonly float64: number }
  | { readonly boolean: boolean }
  | { readonly utf8: string }
  | { readonly bytes: Uint8Array }
  | { readonly list: readonly StoredValue[] }

/** Null, or a value. */
export type StoredColumn = StoredValue | null

export const TAG = { int64: 0, uint64: 1, float64: 2, boolean: 3, utf8: 4, bytes: 5, list: 6 } as const

/** @throws Fault `INVALID_FIELD`, `TOO_MANY_ITEMS` naming the column */
export const encodeStoredRow = (columns: readonly StoredColumn[]): Uint8Array => {
  if (columns.length > STORED_ROW_COLUMNS_MAX) throw tooManyItems('columns', columns.length, STORED_ROW_COLUMNS_MAX)
  const encoder = new RowEncoder()
  encoder.varint(columns.length)
  for (const [index, column] of columns.entries()) {
    encoder.byte(column === null ? 0 : 1)
    if (column !== null) encoder.value(column, `columns[${index}]`, 0)
  }
  return encoder.end()
}

class RowEncoder {
  readonly #pieces: Uint8Array[] = []
  #items = 0

  byte(byte: number): void {
    this.#pieces.push(Uint8Array.of(byte))
  }

  varint(number: number): void {
    let rest = number
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.byte((rest % 0x80) | 0x80)
    this.byte(rest)
  }

  value(value: StoredValue, field: string, depth: number): void {
    if ('list' in value) this.#list(value.list, field, depth)
    else if ('boolean' in value)
      this.#fixed(TAG.boolean, 1, (view) => {
        view.setUint8(0, value.boolean ? 1 : 0)
      })
    else if ('float64' in value)
      this.#fixed(TAG.float64, 8, (view) => {
        view.setFloat64(0, value.float64)
      })
    else if ('bytes' in value) this.#sized(TAG.bytes, new Uint8Array(value.bytes))
    else if ('utf8' in value) {
      if (!isWellFormed(value.utf8)) throw invalidField(`${field}.utf8`, 'well-formed Unicode')
      this.#sized(TAG.utf8, utf8(value.utf8))
    } else if ('int64' in value) this.#whole('int64', value.int64, field)
    else this.#whole('uint64', value.uint64, field)
  }

  end(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#pieces))
  }

  #list(items: readonly StoredValue[], field: string, depth: number): void {
    if (depth === STORED_ROW_DEPTH_MAX) throw invalidField(field, `lists at most ${STORED_ROW_DEPTH_MAX} deep`)
    this.#items += items.length
    if (this.#items > STORED_ROW_ITEMS_MAX) throw tooManyItems(field, this.#items, STORED_ROW_ITEMS_MAX)
    this.byte(TAG.list)
    this.varint(items.length)
    for (const [index, item] of items.entries()) this.value(item, `${field}[${index}]`, depth + 1)
  }

  #whole(kind: 'int64' | 'uint64', number: bigint | number, field: string): void {
    if (typeof number === 'number' && !Number.isSafeInteger(number)) throw invalidField(`${field}.${kind}`, 'integer')
    if (!isInRange(kind, BigInt(number))) throw invalidField(`${field}.${kind}`, `integer of kind ${kind}`)
    this.#fixed(TAG[kind], 8, (view) => {
      view.setBigUint64(0, BigInt.asUintN(64, BigInt(number)))
    })
  }

  #fixed(tag: number, width: number, set: (view: DataView) => void): void {
    const bytes = new Uint8Array(width)
    set(new DataView(bytes.buffer))
    this.#pieces.push(Uint8Array.of(tag), bytes)
  }

  #sized(tag: number, bytes: Uint8Array): void {
    this.byte(tag)
    this.varint(bytes.length)
    this.#pieces.push(bytes)
  }
}

/** The columns of a row; `undefined` for bytes that are none. */
export const decodeStoredRow = (bytes: Uint8Array): readonly StoredColumn[] | undefined => {
  const offsets = columnsOf(bytes, STORED_ROW_COLUMNS_MAX)
  if (offsets === undefined) return undefined
  return offsets.map((offset) => (offset < 0 ? null : valueAt(new RowReader(bytes, offset))))
}

/** What is at the reader; the bytes were checked. */
const valueAt = (reader: RowReader): StoredValue => {
  const tag = reader.byte()
  switch (tag) {
    case TAG.int64:
      return { int64: reader.take(8).getBigInt64(0) }
    case TAG.uint64:
      return { uint64: reader.take(8).getBigUint64(0) }
    case TAG.float64:
      return { float64: reader.take(8).getFloat64(0) }
    case TAG.boolean:
      return { boolean: reader.byte() === 1 }
    case TAG.utf8:
      return { utf8: Buffer.from(reader.sized()).toString() }
    case TAG.bytes:
      return { bytes: new Uint8Array(reader.sized()) }
    default:
      return { list: Array.from({ length: reader.varint() }, () => valueAt(reader)) }
  }
}

/** In the place of an offset. */
const NULL = -1

/**
 * Where the first columns' values stand, at their tags; -1 for null. The whole row is looked at.
 * @param columnsMax how many offsets are wanted; fewer where the row has fewer
 * @returns `undefined` for bytes that are no row (Y1)
 */
export const columnsOf = (bytes: Uint8Array, columnsMax: number): readonly number[] | undefined => {
  const reader = new RowReader(bytes, 0)
  const count = reader.varint()
  if (count < 0 || count > STORED_ROW_COLUMNS_MAX || count > reader.left) return undefined
  const offsets: number[] = []
  for (let index = 0; index < count; index += 1) {
    const presence = reader.byte()
    if (presence !== 0 && presence !== 1) return undefined
    if (index < columnsMax) offsets.push(presence === 1 ? reader.offset : NULL)
    if (presence === 1 && !reader.skip()) return undefined
  }
  return reader.left === 0 ? offsets : undefined
}

const FIXED_BYTES = [8, 8, 8] as const
const VARINT_BYTES_MAX = 5
/** A byte that is not there, and a number that is none. */
const NOTHING = -1

/** Reads from a place in a row on. What is not there, or no number, is negative. */
export class RowReader {
  readonly #bytes: Uint8Array
  offset: number
  /** Y1 */
  #items = 0

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes
    this.offset = offset
  }

  get left(): number {
    return this.#bytes.length - this.offset
  }

  byte(): number {
    const byte = this.#bytes[this.offset]
    this.offset += 1
    return byte ?? NOTHING
  }

  varint(): number {
    let number = 0
    for (let index = 0; index < VARINT_BYTES_MAX; index += 1) {
      const byte = this.byte()
      if (byte < 0) return NOTHING
      number += (byte & 0x7f) * 2 ** (7 * index)
      // One number has one form.
      if (byte < 0x80) return (byte === 0 && index > 0) || number > 0xffff_ffff ? NOTHING : number
    }
    return NOTHING
  }

  /** The next bytes, which are there. */
  take(length: number): DataView {
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.offset, length)
    this.offset += length
    return view
  }

  /** Bytes behind their length, which are there. */
  sized(): Uint8Array {
    const length = this.varint()
    this.offset += length
    return this.#bytes.subarray(this.offset - length, this.offset)
  }

  /** Goes behind the value whose tag is next; false where there is none (Y1). */
  skip(): boolean {
    // Items that are still to come, of each list that is open.
    const open: number[] = []
    for (;;) {
      const tag = this.byte()
      if (tag === TAG.list) {
        if (open.length === STORED_ROW_DEPTH_MAX) return false
        const items = this.varint()
        this.#items += items
        // Each takes two bytes at the least.
        if (items < 0 || 2 * items > this.left || this.#items > STORED_ROW_ITEMS_MAX) return false
        open.push(items)
      } else if (!this.#skipSimple(tag)) return false
      while (open.length > 0 && open.at(-1) === 0) open.pop()
      if (open.length === 0) return true
      open.push((open.pop() as number) - 1)
    }
  }

  #skipSimple(tag: number): boolean {
    if (tag === TAG.boolean) return this.byte() >> 1 === 0
    const isSized = tag === TAG.utf8 || tag === TAG.bytes
    const length = isSized ? this.varint() : (FIXED_BYTES[tag] ?? NOTHING)
    if (length < 0 || length > this.left) return false
    const start = this.offset
    this.offset += length
    return tag !== TAG.utf8 || isUtf8(this.#bytes.subarray(start, this.offset))
  }
}

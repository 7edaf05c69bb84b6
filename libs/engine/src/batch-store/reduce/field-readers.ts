/** Fields of rows, read from the key or from a column of the value. A field that cannot be there is refused before. */
import {
  bitPositions,
  DECIMAL_BYTES,
  decimalOf,
  decodeKeyField,
  gatherBits,
  invalidField,
  keyFieldWidth,
  limits,
  requiredField,
  RowReader,
  TAG,
  type FieldKind,
  type FieldRef,
  type KeyFieldRef,
  type ValueFieldRef,
  type ZOrderKeyFieldRef,
} from '@waggle/protocol'
import { SKIPPED, type Cell, type Evaluate, type Needs, type ReducedRow } from './cells.ts'

export interface Field {
  readonly kind: FieldKind
  readonly read: Evaluate
  /** As `read`, but `true` in the place of a value: for who asks only whether there is one. */
  readonly isThere: Evaluate
}

/**
 * @param path of the field in the request
 * @param needs told of what it reads
 * @throws Fault `INVALID_FIELD`, `REQUIRED_FIELD`
 */
export const fieldReader = (ref: FieldRef, path: string, needs: Needs): Field => {
  const [name, { kind, length }] = Object.entries(ref)[0] as [string, KeyFieldRef]
  const at = `${path}.${name}`
  if (kind === 'fixedSizeBinary' && length === undefined) throw requiredField(`${at}.length`)
  needs.nodes += 1
  if (kind === 'utf8' || kind === 'fixedSizeBinary') needs.texts += 1
  if ('value' in ref) return columnField(ref.value, needs)
  const read = 'key' in ref ? keyReader(ref.key, at) : zOrderReader(ref.zOrderKey, at)
  return { kind, read, isThere: read }
}

const BYTE_BITS = 8
const KEY_BITS_MAX = BYTE_BITS * limits.KEY_BYTES_MAX

/** @throws Fault `INVALID_FIELD` for a field that ends behind the largest key */
const checkEnd = (endBit: number, path: string): void => {
  if (endBit > KEY_BITS_MAX)
    throw invalidField(path, `inside the ${limits.KEY_BYTES_MAX} bytes of a key`, { limit: limits.KEY_BYTES_MAX })
}

const keyReader = ({ byteOffset, bitOffset, kind, length }: KeyFieldRef, path: string): Evaluate => {
  if ((byteOffset === undefined) === (bitOffset === undefined))
    throw invalidField(path, 'exactly one of byteOffset and bitOffset')
  const startBit = bitOffset ?? BYTE_BITS * (byteOffset as number)
  const width = keyFieldWidth(kind, length)
  checkEnd(startBit + BYTE_BITS * width, path)
  const start = startBit / BYTE_BITS
  if (!Number.isInteger(start)) return bitReader(kind, startBit, bitPositions([width], 0))
  return ({ key }) => {
    if (key.length < start + width) return SKIPPED.malformedKey
    return decodeKeyField(kind, key.subarray(start, start + width)) ?? SKIPPED.malformedKey
  }
}

const zOrderReader = ({ bitOffset, position, widths, kind, length }: ZOrderKeyFieldRef, path: string): Evaluate => {
  const own = widths[position]
  if (own === undefined) throw invalidField(`${path}.position`, 'the position of a width')
  const width = keyFieldWidth(kind, length)
  // A text ends at its first NUL and a boolean is its first byte, however wide they are.
  if (own !== width && kind !== 'utf8' && kind !== 'boolean')
    throw invalidField(`${path}.widths[${position}]`, `${width} bytes, as ${kind} has`, { value: own })
  checkEnd(bitOffset + BYTE_BITS * widths.reduce((sum, one) => sum + one, 0), path)
  return bitReader(kind, bitOffset, bitPositions(widths, position), widths)
}

/** @param widths of all fields whose bits take turns there: the key has to have them all */
const bitReader = (
  kind: FieldKind,
  bitOffset: number,
  positions: Uint16Array,
  widths: readonly number[] = [positions.length / BYTE_BITS],
): Evaluate => {
  const endBit = bitOffset + BYTE_BITS * widths.reduce((sum, one) => sum + one, 0)
  return ({ key }) => {
    if (BYTE_BITS * key.length < endBit) return SKIPPED.malformedKey
    return decodeKeyField(kind, gatherBits(key, bitOffset, positions)) ?? SKIPPED.malformedKey
  }
}

const columnField = ({ index, kind, nullable = false, length }: ValueFieldRef, needs: Needs): Field => {
  needs.columns = Math.max(needs.columns, index + 1)
  const reader =
    (read: (row: ReducedRow, offset: number) => Cell): Evaluate =>
    (row) => {
      const offset = row.columns[index] ?? ABSENT
      if (offset >= 0) return read(row, offset)
      return offset === NULL && nullable ? null : SKIPPED.missingColumn
    }
  if (kind === 'utf8') return { kind, read: reader(readText), isThere: reader(isText) }
  const read = reader(kind === 'fixedSizeBinary' ? binaryReader(length as number) : columnReaders[kind])
  return { kind, read, isThere: read }
}

const NULL = -1
const ABSENT = -2

/** Reads a column from its tag on. */
type ColumnReader = (row: ReducedRow, offset: number) => Cell

const whole: ColumnReader = ({ value, view }, offset) =>
  value[offset] === TAG.int64 ? view.getBigInt64(offset + 1) : SKIPPED.wrongKind

const columnReaders: Readonly<Record<Exclude<FieldKind, 'utf8' | 'fixedSizeBinary'>, ColumnReader>> = {
  int64: whole,
  date64: whole,
  timestamp: whole,
  uint64({ value, view }, offset) {
    return value[offset] === TAG.uint64 ? view.getBigUint64(offset + 1) : SKIPPED.wrongKind
  },
  float64({ value, view }, offset) {
    if (value[offset] === TAG.float64) return view.getFloat64(offset + 1)
    return value[offset] === TAG.int64 ? Number(view.getBigInt64(offset + 1)) : SKIPPED.wrongKind
  },
  boolean({ value }, offset) {
    return value[offset] === TAG.boolean ? value[offset + 1] === 1 : SKIPPED.wrongKind
  },
  date32({ value, view }, offset) {
    if (value[offset] !== TAG.int64) return SKIPPED.wrongKind
    const days = Number(view.getBigInt64(offset + 1))
    return days === (days | 0) ? days : SKIPPED.wrongKind
  },
  decimal128: (row, offset) => readDecimal(row, offset, DECIMAL_BYTES.decimal128),
  decimal256: (row, offset) => readDecimal(row, offset, DECIMAL_BYTES.decimal256),
}

const bytesAt = ({ value }: ReducedRow, offset: number): Uint8Array => new RowReader(value, offset + 1).sized()

const readDecimal = (row: ReducedRow, offset: number, width: number): Cell => {
  if (row.value[offset] !== TAG.bytes) return SKIPPED.wrongKind
  const bytes = bytesAt(row, offset)
  return bytes.length === width ? decimalOf(bytes) : SKIPPED.wrongKind
}

const binaryReader =
  (length: number): ColumnReader =>
  (row, offset) => {
    if (row.value[offset] !== TAG.bytes) return SKIPPED.wrongKind
    const bytes = bytesAt(row, offset)
    // A copy: a result that is kept would keep the whole row.
    return bytes.length === length ? new Uint8Array(bytes) : SKIPPED.wrongKind
  }

const isText: ColumnReader = ({ value }, offset) => (value[offset] === TAG.utf8 ? true : SKIPPED.wrongKind)

const readText: ColumnReader = (row, offset) => {
  if (row.value[offset] !== TAG.utf8) return SKIPPED.wrongKind
  const bytes = bytesAt(row, offset)
  if (bytes.length > limits.REDUCE_TEXT_BYTES_MAX) return SKIPPED.textTooLong
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
}

/**
 * The lifetime of a point, behind its value: eight bytes and a zero. No vector has a length that is one more than a
 * multiple of four, and no JSON text ends in a zero, so values without a lifetime stand as they always did.
 */
import type { PointTable } from './point-table.ts'

const LIFETIME_BYTES = 9

const hasLifetime = ({ name }: Pick<PointTable, 'name'>, row: Uint8Array): boolean =>
  name === 'vector' ? row.length % 4 === 1 : row.at(-1) === 0

/** The value in a row: a view. */
export const pointValue = (table: PointTable, row: Uint8Array): Uint8Array =>
  hasLifetime(table, row) ? row.subarray(0, row.length - LIFETIME_BYTES) : row

/** When the point of a row expires. */
export const pointExpiry = (table: PointTable, row: Uint8Array): number | undefined => {
  if (!hasLifetime(table, row)) return undefined
  const view = new DataView(row.buffer, row.byteOffset + row.length - LIFETIME_BYTES, LIFETIME_BYTES)
  return Number(view.getBigUint64(0))
}

/** A row of the value. */
export const pointRow = (value: Uint8Array, expiresAt: number | undefined): Uint8Array => {
  if (expiresAt === undefined) return value
  const row = Buffer.alloc(value.length + LIFETIME_BYTES)
  row.set(value)
  row.writeBigUInt64BE(BigInt(expiresAt), value.length)
  return row
}

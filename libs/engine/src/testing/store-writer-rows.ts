/** The rows that `store-writer.child.ts` writes and its test expects. */
import { utf8 } from '@waggle/kernel'

/** 64 rows of about 1 kB: a write buffer of LevelDB is full after some 250 batches. */
export const ROWS_PER_BATCH = 64

const VALUE_SIZE_BYTES = 1_000

const digits = (number: number): string => String(number).padStart(10, '0')

export const rowKey = (row: number): Uint8Array => utf8(`row/${digits(row)}`)
export const rowValue = (batch: number, row: number): Uint8Array =>
  utf8(digits(batch) + `${batch}:${row} `.repeat(VALUE_SIZE_BYTES).slice(0, VALUE_SIZE_BYTES - 10))

/** Each batch adds one of these, so that a missing one shows. */
export const batchKey = (batch: number): Uint8Array => utf8(`batch/${digits(batch)}`)

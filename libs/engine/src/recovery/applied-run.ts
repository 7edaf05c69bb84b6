/**
 * The `applied/` run (DESIGN K2): every judged record leaves a row with its hash in the batch that it changed the state
 * with. LevelDB can lose batches from the middle of its write-ahead log without a word; a lost batch is a gap in the
 * run. Rows are kept for twice the write buffer, since only what is not yet flushed to a table can be lost that way.
 */
import { assert } from '@waggle/kernel'
import type { Sequence } from '@waggle/protocol'
import { engineFault } from '../errors.ts'
import { appliedKey, appliedPrefix, sequenceOfKey } from '../state/keyspace.ts'
import type { MutableState } from '../state/overlay.ts'
import { decodeRow, encodeRow } from '../state/rows.ts'
import type { KeyValueStore } from '../store/key-value-store.ts'
import { prefixRange } from '../store/prefix-range.ts'
import { WRITE_BUFFER_BYTES } from '../store/write-buffer.ts'
import type { Position } from './position.ts'

const WINDOW_BYTES = 2 * WRITE_BUFFER_BYTES
/** Rows removed in one step, so that no batch becomes a long one. */
const TRIM_ROWS_MAX = 64

interface RunRow {
  readonly sequence: Sequence
  /** Bytes of the batch that it stands in. */
  readonly bytes: number
}

export class AppliedRun {
  readonly #rows: RunRow[]
  #bytes: number
  /** What the last extension removed, should it be taken back. */
  #trimmed: RunRow[] = []

  private constructor(rows: RunRow[]) {
    this.#rows = rows
    this.#bytes = rows.reduce((sum, row) => sum + row.bytes, 0)
  }

  /** Reads the run and checks that it has no gap. @throws Fault `CORRUPT` with the missing range */
  static async load(store: KeyValueStore, position: Position): Promise<AppliedRun> {
    const rows: RunRow[] = []
    let expected = position.runFrom as number
    for await (const chunk of store.scanChunks(prefixRange(appliedPrefix())))
      for (const [key, value] of chunk) {
        const sequence = sequenceOfKey(key)
        if (sequence !== expected) throw missingRecords(expected, sequence - 1)
        const [, bytes] = decodeRow(value)
        rows.push({ sequence, bytes: bytes as number })
        expected += 1
      }
    if (expected !== position.applied + 1) throw missingRecords(expected, position.applied)
    return new AppliedRun(rows)
  }

  /** Records below this one are no longer needed as evidence. */
  get from(): Sequence | undefined {
    return this.#rows[0]?.sequence
  }

  /** Takes back the row that was last added: its record was never appended. */
  retract(sequence: Sequence): void {
    const last = this.#rows.pop()
    assert(last?.sequence === sequence, 'what is taken back is the row that was added last')
    this.#rows.unshift(...this.#trimmed)
    this.#bytes += this.#trimmed.reduce((sum, row) => sum + row.bytes, 0) - last.bytes
    this.#trimmed = []
  }

  /** Adds the row of a record and removes those that left the window; returns where the run begins now. */
  extend(state: MutableState, record: RunRow & { readonly hash: Uint8Array }): Sequence {
    state.put(appliedKey(record.sequence), encodeRow([record.hash, record.bytes]))
    this.#rows.push({ sequence: record.sequence, bytes: record.bytes })
    this.#bytes += record.bytes
    this.#trimmed = []
    while (this.#trimmed.length < TRIM_ROWS_MAX && this.#rows.length > 1) {
      const oldest = this.#rows[0] as RunRow
      if (this.#bytes - oldest.bytes < WINDOW_BYTES) break
      this.#rows.shift()
      this.#bytes -= oldest.bytes
      state.delete(appliedKey(oldest.sequence))
      this.#trimmed.push(oldest)
    }
    return (this.#rows[0] as RunRow).sequence
  }
}

const missingRecords = (from: number, to: number) =>
  engineFault('CORRUPT', `records are missing from the state from=${from} to=${to}`, { from, to })

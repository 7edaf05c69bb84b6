/**
 * The rows of a journal behind a place. Watchers that wait for the same collective are woken by the same change, and
 * what each of them would read from the store then is read once: a thousand scans took a second, in which nothing else
 * ran.
 */
import type { Address } from '@waggle/protocol'
import { decodeJournalRow, journalRange, type JournalRow } from '../memory/journal.ts'
import type { Reading } from '../query/applied-state.ts'
import { addressOfJournalKey, type Scope } from '../state/keyspace.ts'
import type { KeyRange, StoreReader } from '../store/key-value-store.ts'
import { keyBehind } from '../store/prefix-range.ts'

export interface AddressedRow<Row> {
  readonly address: Address
  readonly row: Row
}

/** One of the journals of collectives. */
export interface JournalTable<Row> {
  /** Its rows behind a place. */
  readonly behind: (scope: Scope, after: Address) => KeyRange
  readonly decode: (bytes: Uint8Array) => Row
}

export const memoryJournal: JournalTable<JournalRow> = { behind: journalRange, decode: decodeJournalRow }

/** A way to read the rows behind a place, in their order. */
export type ReadRows<Row> = (reading: Reading, scope: Scope, after: Address) => AsyncIterable<AddressedRow<Row>>

/** Rows, and bytes of them, that are kept for others to read too: who is further behind reads on by himself. */
const SHARED_ROWS_MAX = 256
const SHARED_BYTES_MAX = 8_000_000

async function* rowsIn<Row>(state: StoreReader, { decode }: JournalTable<Row>, range: KeyRange) {
  for await (const [key, bytes] of state.scan(range)) yield { address: addressOfJournalKey(key), row: decode(bytes) }
}

/** From the store. */
export const readRowsOf =
  <Row>(table: JournalTable<Row>): ReadRows<Row> =>
  ({ state }, scope, after) =>
    rowsIn(state, table, table.behind(scope, after))

/** The first rows of a range, and the range of those that were left. */
interface Run<Row> {
  readonly rows: readonly AddressedRow<Row>[]
  readonly rest?: KeyRange
}

/** What is being read, for whoever asks for the same in the same moment of the state. Nothing is kept after that. */
export class SharedRows<Row> {
  readonly #table: JournalTable<Row>
  readonly #runs = new Map<string, Promise<Run<Row>>>()

  constructor(table: JournalTable<Row>) {
    this.#table = table
  }

  readonly read: ReadRows<Row> = (reading, scope, after) => this.#read(reading, scope, after)

  async *#read({ state, sequence }: Reading, scope: Scope, after: Address): AsyncGenerator<AddressedRow<Row>> {
    const { tenant, incarnation } = scope
    const key = [sequence, tenant, incarnation.sequence, incarnation.index, after.sequence, after.index].join(' ')
    const { rows, rest } = await (this.#runs.get(key) ?? this.#begin(key, state, this.#table.behind(scope, after)))
    yield* rows
    if (rest !== undefined) yield* rowsIn(state, this.#table, rest)
  }

  /** Whoever begins it holds its moment until it has ended. */
  async #begin(key: string, state: StoreReader, range: KeyRange): Promise<Run<Row>> {
    const run = this.#collect(state, range)
    this.#runs.set(key, run)
    try {
      return await run
    } finally {
      this.#runs.delete(key)
    }
  }

  async #collect(state: StoreReader, range: KeyRange): Promise<Run<Row>> {
    const rows: AddressedRow<Row>[] = []
    let size = 0
    for await (const [key, bytes] of state.scan(range)) {
      rows.push({ address: addressOfJournalKey(key), row: this.#table.decode(bytes) })
      size += bytes.length
      const isFull = rows.length === SHARED_ROWS_MAX || size >= SHARED_BYTES_MAX
      if (isFull) return { rows, rest: { ...range, gte: keyBehind(key) } }
    }
    return { rows }
  }
}

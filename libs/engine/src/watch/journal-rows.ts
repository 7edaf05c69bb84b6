/**
 * The rows of a journal behind a place. Watchers that wait for the same collective are woken by the same change, and
 * what each of them would read from the store then is read once: a thousand scans took a second, in which nothing else
 * ran.
 */
import type { Address } from '@waggle/protocol'
import { decodeJournalRow, journalRange, type JournalRow } from '../memory/journal.ts'
import type { Reading } from '../query/applied-state.ts'
import { addressOfJournalKey, type Scope } from '../state/keyspace.ts'
import type { StoreReader } from '../store/key-value-store.ts'

export interface AddressedRow {
  readonly address: Address
  readonly row: JournalRow
}

/** A way to read the rows behind a place, in their order. */
export type ReadRows = (reading: Reading, scope: Scope, after: Address) => AsyncIterable<AddressedRow>

/** Rows that are kept for others to read too: who is further behind than that reads on by himself. */
const SHARED_ROWS_MAX = 256

async function* rowsBehind(state: StoreReader, scope: Scope, after: Address, limit?: number) {
  const range = {
    ...journalRange(scope, after),
    ...(limit === undefined ? {} : { limit }),
  }
  for await (const [key, bytes] of state.scan(range))
    yield { address: addressOfJournalKey(key), row: decodeJournalRow(bytes) }
}

/** From the store. */
export const readRows: ReadRows = ({ state }, scope, after) => rowsBehind(state, scope, after)

/** What is being read, for whoever asks for the same in the same moment of the state. Nothing is kept after that. */
export class SharedRows {
  readonly #runs = new Map<string, Promise<readonly AddressedRow[]>>()

  readonly read: ReadRows = (reading, scope, after) => this.#read(reading, scope, after)

  async *#read({ state, sequence }: Reading, scope: Scope, after: Address): AsyncGenerator<AddressedRow> {
    const { tenant, incarnation } = scope
    const key = [sequence, tenant, incarnation.sequence, incarnation.index, after.sequence, after.index].join(' ')
    const run = await (this.#runs.get(key) ?? this.#begin(key, state, scope, after))
    yield* run
    const last = run.at(-1)
    if (run.length === SHARED_ROWS_MAX && last !== undefined) yield* rowsBehind(state, scope, last.address)
  }

  /** Whoever begins it holds its moment until it has ended. */
  async #begin(key: string, state: StoreReader, scope: Scope, after: Address): Promise<readonly AddressedRow[]> {
    const run = collect(rowsBehind(state, scope, after, SHARED_ROWS_MAX))
    this.#runs.set(key, run)
    try {
      return await run
    } finally {
      this.#runs.delete(key)
    }
  }
}

const collect = async (rows: AsyncIterable<AddressedRow>): Promise<readonly AddressedRow[]> => {
  const collected: AddressedRow[] = []
  for await (const row of rows) collected.push(row)
  return collected
}

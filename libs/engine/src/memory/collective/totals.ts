/** What a collective holds in all its stores, each of which keeps its own counters in one row. */
import { readKeyStore } from '../../batch-store/key-rows.ts'
import { readPageStore } from '../../page-store/page-rows.ts'
import type { Scope } from '../../state/keyspace.ts'
import type { StateView } from '../../state/overlay.ts'
import { payloadTable, readPointCount, vectorTable } from '../../vector-store/point-rows.ts'
import { readStatistics, type Statistics } from './statistics.ts'

export interface Totals extends Statistics {
  readonly keyCount: number
  readonly vectorCount: number
  readonly payloadCount: number
  readonly pageCount: number
}

export const readTotals = (state: StateView, scope: Scope): Totals => {
  const memory = readStatistics(state, scope)
  const keys = readKeyStore(state, scope)
  const vectors = readPointCount(state, scope, vectorTable)
  const payloads = readPointCount(state, scope, payloadTable)
  const pages = readPageStore(state, scope)
  return {
    ...memory,
    keyCount: keys.keyCount,
    vectorCount: vectors.count,
    payloadCount: payloads.count,
    pageCount: pages.pageCount,
    storageBytes: memory.storageBytes + keys.bytes + vectors.bytes + payloads.bytes + pages.bytes,
  }
}

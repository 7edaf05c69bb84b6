/** What a collective holds in all its stores, each of which keeps its own counters in one row. */
import { readKeyStore } from '../../batch-store/key-rows.ts'
import { expiredCounts } from '../../expiry/expired-counts.ts'
import { readPageStore } from '../../page-store/page-rows.ts'
import type { Scope } from '../../state/keyspace.ts'
import type { StateView } from '../../state/overlay.ts'
import type { StoreReader } from '../../store/key-value-store.ts'
import { payloadTable, readPointCount, vectorTable } from '../../vector-store/point-rows.ts'
import { readStatistics, type Statistics } from './statistics.ts'

export interface Totals extends Statistics {
  readonly keyCount: number
  readonly vectorCount: number
  readonly payloadCount: number
  readonly pageCount: number
}

/** Without what has expired; its bytes are there until it is swept. */
export const liveTotals = async (state: StoreReader, scope: Scope, atMs: number): Promise<Totals> => {
  const totals = readTotals(state, scope)
  const expired = await expiredCounts(state, scope, atMs)
  return {
    ...totals,
    experienceCount: totals.experienceCount - expired.experience,
    archivedCount: totals.archivedCount - expired.archivedCount,
    relationCount: totals.relationCount - expired.relation,
    insightCount: totals.insightCount - expired.insight,
    keyCount: totals.keyCount - expired.key,
    vectorCount: totals.vectorCount - expired.vector,
    payloadCount: totals.payloadCount - expired.payload,
  }
}

/** All that is stored. */
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

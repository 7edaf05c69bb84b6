/**
 * How many records have expired and are not swept yet: the counters of a collective still have them. Relations that
 * hang on experiences among them count as gone, too.
 */
import type { Uuid } from '@waggle/kernel'
import type { Statistics } from '../memory/collective/statistics.ts'
import { readExperience } from '../memory/experience/experience-rows.ts'
import { incomingOf, outgoingOf, readRelation } from '../memory/relation/relation-rows.ts'
import type { Scope } from '../state/keyspace.ts'
import type { StoreReader } from '../store/key-value-store.ts'
import { expiredRows, expiringTables, readExpiring, type ExpiringTable } from './expiry-rows.ts'
import { isExpired } from './is-expired.ts'

export type ExpiredCounts = { readonly [Table in ExpiringTable]: number } & Pick<Statistics, 'archivedCount'>

/** One read where nothing of the collective expires; else one for each record that has and is there. */
export const expiredCounts = async (state: StoreReader, scope: Scope, atMs: number): Promise<ExpiredCounts> => {
  const counts = { ...NONE }
  if (readExpiring(state, scope) === undefined) return counts
  for await (const { table, id } of expiredRows(state, scope, atMs)) {
    counts[table] += 1
    if (table !== 'experience') continue
    const row = readExperience(state, scope, id as Uuid)
    counts.archivedCount += row?.archived === true ? 1 : 0
    counts.relation += goneWith(state, scope, id as Uuid, atMs)
  }
  return counts
}

const NONE = {
  ...(Object.fromEntries(expiringTables.map((table) => [table, 0])) as { [Table in ExpiringTable]: number }),
  archivedCount: 0,
}

/** Relations that nothing but the end of this experience hides; of two ends that have expired the source counts. */
const goneWith = (state: StoreReader, scope: Scope, id: Uuid, atMs: number): number => {
  const isHidden = (relation: Uuid): boolean => isExpired(readRelation(state, scope, relation)?.expiresAt, atMs)
  const sourceIsThere = (relation: Uuid): boolean => {
    const source = readRelation(state, scope, relation)?.source
    return source !== undefined && !isExpired(readExperience(state, scope, source)?.expiresAt, atMs)
  }
  const outgoing = outgoingOf(state, scope, id).filter((relation) => !isHidden(relation))
  const incoming = incomingOf(state, scope, id).filter((relation) => !isHidden(relation) && sourceIsThere(relation))
  return outgoing.length + incoming.length
}

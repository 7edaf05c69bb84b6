/** The events that give records a lifetime, or take it. */
import type { CollectiveId, LogEvent } from '@waggle/protocol'
import { event, type EventBodies } from '../event/events.ts'
import type { ExpiringId, ExpiringTable } from './expiry-rows.ts'
import { expiryOf, type Expiring } from './is-expired.ts'

/** @param expiresAt absent: they have none any more */
export const expirySet = <Table extends ExpiringTable>(
  collective: CollectiveId,
  table: Table,
  ids: readonly ExpiringId<Table>[],
  expiresAt: number | undefined,
): LogEvent =>
  event('ExpirySet', {
    ...{ collective, table, ids },
    ...(expiresAt === undefined ? {} : { expiresAt }),
  } as EventBodies['ExpirySet'])

/** Of what has just been written: one event a lifetime, none for what has none. */
export const expirySets = <Table extends ExpiringTable>(
  collective: CollectiveId,
  table: Table,
  records: readonly (readonly [id: ExpiringId<Table>, ttlMs: number | undefined])[],
  timeMs: number,
): readonly LogEvent[] => {
  const byLifetime = new Map<number, ExpiringId<Table>[]>()
  for (const [id, ttlMs] of records) {
    if (ttlMs === undefined) continue
    const ids = byLifetime.get(ttlMs)
    if (ids === undefined) byLifetime.set(ttlMs, [id])
    else ids.push(id)
  }
  return [...byLifetime].map(([ttlMs, ids]) => expirySet(collective, table, ids, expiryOf(timeMs, ttlMs)))
}

/** What an update makes of a lifetime. @param ttlMs absent: it stays; `null`: it ends */
export const newLifetime = (row: Expiring, ttlMs: number | null | undefined, timeMs: number): Expiring => {
  if (ttlMs === undefined) return row
  return ttlMs === null ? {} : { expiresAt: expiryOf(timeMs, ttlMs) }
}

/** Deletes everything of a kind that a collective had at one moment, in bounded steps (DESIGN K5). */
import type { CollectiveId } from '@waggle/protocol'
import type { BulkStep } from './bulk-commands.ts'
import type { StorageSession } from './storage-session.ts'
import type { TenantReading } from './tenant-reading.ts'
import type { Scope } from '../state/keyspace.ts'

/** Records that a command names: about 40 KB. */
const STEP_RECORDS = 1_024

export interface BulkDeletion {
  readonly collective: CollectiveId
  /** Names of what is there, in any order. */
  readonly list: (reading: TenantReading, scope: Scope) => AsyncIterable<string>
  /** Submits one step over some of the names. */
  readonly step: (names: readonly string[]) => Promise<BulkStep>
}

/**
 * How many went. What is saved after the call began is not listed, so it stays, whole; what others deleted meanwhile is
 * theirs to count.
 */
export const deleteAll = async (session: StorageSession, { collective, list, step }: BulkDeletion): Promise<number> => {
  const names = await session.read(async (reading) => {
    const scope = reading.collective(collective)?.scope
    const found: string[] = []
    if (scope !== undefined) for await (const name of list(reading, scope)) found.push(name)
    return found
  })
  let [deleted, from] = [0, 0]
  while (from < names.length) {
    const { count, seen } = await step(names.slice(from, from + STEP_RECORDS))
    deleted += count
    from += seen
  }
  return deleted
}

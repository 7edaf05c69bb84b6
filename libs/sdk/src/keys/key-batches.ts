/** A batch of the journal, read back. */
import type { KeyEntry, ResultOf } from '@waggle/protocol'
import type { RequestBody } from '../caller.ts'
import type { CollectiveCall } from '../collective-call.ts'
import { goingOn } from './key-reader.ts'
import { wholeEntries, type WholeEntry } from './whole-entries.ts'

export interface BatchContents {
  /** In the order in which they were written, repeats kept. */
  readonly entries: readonly WholeEntry[]
  readonly deleted: readonly Uint8Array[]
}

/**
 * What a batch wrote, or what of it passes; empty for a sequence that is no batch of this store, `undefined` where it
 * was pruned or is not there yet.
 */
export const readBatch = async (
  call: CollectiveCall,
  batch: RequestBody,
  options: RequestBody,
): Promise<BatchContents | undefined> => {
  const entries: KeyEntry[] = []
  const deleted: Uint8Array[] = []
  for (let from: number | undefined = 0; from !== undefined;) {
    const reply: ResultOf<'keys.batch'> = await call.call('keys.batch', { ...batch, from }, options)
    if (reply.missing !== undefined) return undefined
    entries.push(...(reply.entries ?? []))
    deleted.push(...(reply.deleted ?? []))
    from = goingOn('keys.batch', from, reply.next)
  }
  const found = await wholeEntries(call, { sequence: batch.sequence }, entries, options)
  return 'missing' in found ? undefined : { entries: found.entries, deleted }
}

/** Ids of points: 64 bits, exact. */
import { limits, type Uint64Text } from '@waggle/protocol'
import type { CollectiveCall } from '../collective-call.ts'
import type { RequestBody } from '../caller.ts'

/** All ids of a store, ascending, page by page. */
export const allIds = async (
  call: CollectiveCall,
  operation: 'vectors.ids' | 'payloads.ids',
  options: RequestBody,
): Promise<readonly bigint[]> => {
  const all: bigint[] = []
  for (let after: Uint64Text | undefined; ;) {
    const { ids, more } = await call.call(operation, { after, limit: limits.RESULTS_MAX }, options)
    for (const id of ids) all.push(BigInt(id))
    after = ids.at(-1)
    if (!more || after === undefined) return all
  }
}

/** Ids of a collective in the order in which it keeps them: by time of creation, then by their place in the log. */
import type { Uuid } from '@waggle/kernel'
import type { Address } from '@waggle/protocol'
import { positionOfOrderKey } from '../state/keyspace.ts'
import { decodeRow } from '../state/rows.ts'
import type { StoreReader } from '../store/key-value-store.ts'
import { prefixRange } from '../store/prefix-range.ts'

export interface OrderedId {
  readonly id: Uuid
  readonly createdAt: number
  readonly address: Address
}

/** @param prefix of an order's keys */
export async function* idsInOrder(
  state: StoreReader,
  prefix: Uint8Array,
  options: { readonly reverse?: boolean } = {},
): AsyncGenerator<OrderedId> {
  for await (const [key, bytes] of state.scan({ ...prefixRange(prefix), ...options }))
    yield { id: decodeRow(bytes)[0] as Uuid, ...positionOfOrderKey(key) }
}

/** `limit` items after the first `offset`; all, where neither is given. */
export const pageOf = async <Item>(
  items: AsyncIterable<Item>,
  { limit = Infinity, offset = 0 }: { readonly limit?: number; readonly offset?: number } = {},
): Promise<readonly Item[]> => {
  const page: Item[] = []
  if (limit === 0) return page
  let skipped = 0
  for await (const item of items) {
    if (skipped < offset) skipped += 1
    else page.push(item)
    if (page.length === limit) break
  }
  return page
}

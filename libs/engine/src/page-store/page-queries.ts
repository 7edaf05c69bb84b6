/** Reads of pages and of the memories in them. Each page that is read has its checksum verified. */
import { isFault } from '@waggle/kernel'
import { requiredField, type CollectiveId, type PageNumber, type ResultOf } from '@waggle/protocol'
import { expiredCounts } from '../expiry/expired-counts.ts'
import { mayExpire } from '../expiry/expiry-rows.ts'
import { expiryFrom, isExpired } from '../expiry/is-expired.ts'
import { knownCollective } from '../memory/collective/collective-commands.ts'
import type { Queries, QueryContext } from '../query/querier.ts'
import type { Scope } from '../state/keyspace.ts'
import type { StateView } from '../state/overlay.ts'
import type { StoreReader } from '../store/key-value-store.ts'
import { liveMemories } from './memory-lifetimes.ts'
import { pagesOf, readMemory, readRecord } from './memory-pages.ts'
import { memoryIdOf, recordLength } from './memory-record.ts'
import type { StoredPage } from './page-format.ts'
import { readMemoryPlace, readGivenPage, readPage, readPageStore } from './page-rows.ts'

/** Pages that one request looks at, and one turn: some 0.05 ms each where they are full. */
const SCANNED_PAGES_MAX = 4_096
const PAGES_IN_TURN = 32

export const pageQueries: Pick<Queries, 'pages.read' | 'pages.load' | 'pages.scan' | 'pages.status'> = {
  'pages.read'({ collective, page }, context) {
    const { state, scope } = storeOf(collective, context)
    const { kind, data } = readGivenPage(state, scope, page)
    return { kind: kind === 'memory' ? 'data' : kind, bytes: new Uint8Array(data) }
  },

  'pages.load'({ collective, page, id }, context) {
    if (page === undefined && id === undefined) throw requiredField('page')
    const { state, scope } = storeOf(collective, context)
    const expires = mayExpire(state, scope, 'memory')
    const first = id === undefined ? page : readMemoryPlace(state, scope, id)?.pages[0]
    if (first === undefined || (page !== undefined && page !== first)) return {}
    const stored = readGivenPage(state, scope, first)
    if (stored.kind !== 'memory') return {}
    const place = expires ? readMemoryPlace(state, scope, memoryIdOf(stored.data)) : undefined
    if (isExpired(place?.expiresAt, context.nowMs)) return {}
    return { memory: readMemory(state, scope, first, stored), page: first, ...expiryFrom(place?.expiresAt) }
  },

  async 'pages.scan'({ collective, limit, after = 0 }, context) {
    const { state, scope } = storeOf(collective, context)
    const { lastPage } = readPageStore(state, scope)
    const isLive = liveMemories(state, scope, context.nowMs)
    const items: ResultOf<'pages.scan'>['items'][number][] = []
    const damaged: PageNumber[] = []
    let page = after
    for (let read = 0, turn = 0; page < lastPage && read < SCANNED_PAGES_MAX && items.length < limit;) {
      page += 1
      const found = verified(state, scope, page)
      if (found === 'damaged') damaged.push(page)
      else if (found.kind === 'memory' && isWhole(state, scope, page, found) && isLive(memoryIdOf(found.data)))
        items.push({ id: memoryIdOf(found.data), page })
      read += found === 'damaged' ? 1 : pagesRead(found)
      if (read - turn < PAGES_IN_TURN) continue
      turn = read
      await context.timers.yield()
    }
    return { items, damaged, ...(page < lastPage ? { next: page } : {}) }
  },

  async 'pages.status'({ collective }, context) {
    const { state, scope } = storeOf(collective, context)
    const { pageCount, freePages, memoryCount } = readPageStore(state, scope)
    const { memory: expired } = await expiredCounts(state, scope, context.nowMs)
    return { pageCount, freePages, memoryCount: memoryCount - expired }
  },
}

const storeOf = (
  collective: CollectiveId,
  { reading: { state }, tenant }: QueryContext,
): { readonly state: StoreReader; readonly scope: Scope } => ({
  state,
  scope: knownCollective(state, tenant, collective).scope,
})

/** A memory's further pages are read with its first, and for themselves. */
const pagesRead = ({ kind, data }: StoredPage): number => (kind === 'memory' ? pagesOf(recordLength(data)) : 1)

const verified = (state: StateView, scope: Scope, page: PageNumber): StoredPage | 'damaged' =>
  unlessDamaged(() => readPage(state, scope, page)) ?? 'damaged'

/** Whether the pages that go on with a memory are as they were written; they are reported where they stand. */
const isWhole = (state: StateView, scope: Scope, page: PageNumber, stored: StoredPage): boolean =>
  unlessDamaged(() => readRecord(state, scope, page, stored)) !== undefined

const unlessDamaged = <Result>(read: () => Result): Result | undefined => {
  try {
    return read()
  } catch (error) {
    if (isFault(error) && error.kind === 'corrupt') return undefined
    throw error
  }
}

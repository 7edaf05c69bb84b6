/**
 * Pages as rows of the state, what the page store says of itself, and which pages a memory has.
 *
 * A page carries a checksum of its own beside that of every row (`store/value-seal.ts`): what was written wrongly, or
 * under another page's key, is found as well, and a fault can name the page.
 */
import { isFault, type Fault, type Uuid } from '@waggle/kernel'
import { fault, type PageNumber } from '@waggle/protocol'
import { engineFault } from '../errors.ts'
import type { PageStoreCounts } from '../event/events.ts'
import { expiryField, expiryFrom } from '../expiry/is-expired.ts'
import { memoryPageKey, pageKey, pageStoreKey, type Scope } from '../state/keyspace.ts'
import type { MutableState, StateView } from '../state/overlay.ts'
import { encodeRow, readRow } from '../state/rows.ts'
import { decodePage, type StoredPage } from './page-format.ts'

const NAMES = ['lastPage', 'firstFree', 'freePages', 'pageCount', 'memoryCount', 'bytes'] as const

export const readPageStore = (state: StateView, scope: Scope): PageStoreCounts => {
  const counts = (readRow(state, pageStoreKey(scope)) ?? []) as readonly number[]
  return Object.fromEntries(NAMES.map((name, index) => [name, counts[index] ?? 0])) as unknown as PageStoreCounts
}

export const putPageStore = (state: MutableState, scope: Scope, counts: PageStoreCounts): void => {
  state.put(pageStoreKey(scope), encodeRow(NAMES.map((name) => counts[name])))
}

/** Where a memory stands. */
export interface MemoryPlace {
  /** In the order of its record, the first of which is its own. */
  readonly pages: readonly PageNumber[]
  /** Of those pages, their headers included. */
  readonly bytes: number
  /** Epoch milliseconds; absent: never. */
  readonly expiresAt?: number
}

/** @throws Fault `CORRUPT` naming the memory */
export const readMemoryPlace = (state: StateView, scope: Scope, id: Uuid): MemoryPlace | undefined => {
  const row = unlessCorrupt(
    () => readRow(state, memoryPageKey(scope, id)),
    (cause) => engineFault('CORRUPT', `the place of a memory is damaged id=${id}`, placeDetails(id, cause), { cause }),
  ) as readonly [PageNumber[], number, number?] | undefined
  return row && { pages: row[0], bytes: row[1], ...expiryFrom(row[2]) }
}

const placeDetails = (id: Uuid, { details: { key = null } }: Fault) => ({ entity: 'memory', id, key })

/** Whoever puts or erases a place looks after what stood there: `memory-lifetimes.ts`. */
export const putMemoryPlace = (state: MutableState, scope: Scope, id: Uuid, place: MemoryPlace): void => {
  state.put(memoryPageKey(scope, id), encodeRow([place.pages, place.bytes, ...expiryField(place)]))
}

export const eraseMemoryPlace = (state: MutableState, scope: Scope, id: Uuid): void => {
  state.delete(memoryPageKey(scope, id))
}

export const damagedPage = (page: PageNumber, reason: string, cause?: Fault): Fault => {
  const { key } = cause?.details ?? {}
  const details = { entity: 'page', page, reason, ...(key === undefined ? {} : { key }) }
  return engineFault('CORRUPT', `a page is damaged: ${reason} page=${page}`, details, { cause })
}

export const unknownPage = (page: PageNumber): Fault =>
  fault('NOT_FOUND', `page was never allocated page=${page}`, { entity: 'page', field: 'page', page })

/** A page that was given out at some time. @throws Fault `CORRUPT` naming it, also where its row is gone */
export const readPage = (state: StateView, scope: Scope, page: PageNumber): StoredPage => {
  const bytes = storedBytes(state, scope, page)
  if (bytes === undefined) throw damagedPage(page, 'it is missing')
  const stored = decodePage(page, bytes)
  if (stored === undefined) throw damagedPage(page, 'it fails its checksum')
  return stored
}

/** @throws Fault `NOT_FOUND` for a page that was never given out, `CORRUPT` for one that is damaged */
export const readGivenPage = (state: StateView, scope: Scope, page: PageNumber): StoredPage => {
  if (page > readPageStore(state, scope).lastPage) throw unknownPage(page)
  return readPage(state, scope, page)
}

const storedBytes = (state: StateView, scope: Scope, page: PageNumber): Uint8Array | undefined =>
  unlessCorrupt(
    () => state.get(pageKey(scope, page)),
    (cause) => damagedPage(page, 'its row fails its checksum', cause),
  )

/** The store names a key; who reads knows what stands there. */
const unlessCorrupt = <Result>(read: () => Result, named: (cause: Fault) => Fault): Result => {
  try {
    return read()
  } catch (error) {
    throw isFault(error) && error.kind === 'corrupt' ? named(error) : error
  }
}

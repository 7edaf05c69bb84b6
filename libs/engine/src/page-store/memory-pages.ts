/** A memory's record over the pages that hold it. */
import { concatBytes } from '@waggle/kernel'
import { limits, type MemoryNode, type PageNumber } from '@waggle/protocol'
import type { Scope } from '../state/keyspace.ts'
import type { StateView } from '../state/overlay.ts'
import { decodeMemory, recordLength } from './memory-record.ts'
import { damagedPage, readPage } from './page-rows.ts'
import type { StoredPage } from './page-format.ts'

/** How many pages a record of so many bytes needs. */
export const pagesOf = (bytes: number): number => Math.ceil(bytes / limits.PAGE_DATA_BYTES)

/** What stands in each page of a record, in their order. */
export const pagesOfRecord = (record: Uint8Array, pages: readonly PageNumber[]): readonly StoredPage[] =>
  pages.map((_, index) => {
    const start = index * limits.PAGE_DATA_BYTES
    return {
      kind: index === 0 ? 'memory' : 'overflow',
      next: pages[index + 1] ?? 0,
      data: record.subarray(start, start + limits.PAGE_DATA_BYTES),
    }
  })

/** The record that begins in a page. @throws Fault `CORRUPT` naming the first page of it that is damaged */
export const readRecord = (
  state: StateView,
  scope: Scope,
  page: PageNumber,
  { data, next }: StoredPage,
): Uint8Array => {
  const pieces = [data]
  let left = recordLength(data) - data.length
  for (let at = next; at !== 0;) {
    const piece = readPage(state, scope, at)
    if (piece.kind !== 'overflow') throw damagedPage(at, `it goes on with no memory, as page ${page} says`)
    pieces.push(piece.data)
    left -= piece.data.length
    // Ends also where a chain were a ring.
    if (left <= 0 && piece.next !== 0) throw damagedPage(at, 'it is not the end of its memory')
    at = piece.next
  }
  if (left !== 0) throw damagedPage(page, 'its memory has another length')
  return pieces.length === 1 ? data : concatBytes(...pieces)
}

/** The memory that begins in a page. @throws Fault as `readRecord` */
export const readMemory = (state: StateView, scope: Scope, page: PageNumber, stored: StoredPage): MemoryNode =>
  decodeMemory(readRecord(state, scope, page, stored))

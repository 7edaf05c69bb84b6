/**
 * What one command makes of the pages, before it takes effect.
 *
 * U1  The leader decides all of it, and the event carries the bytes of every page that changes: applying it reads no
 *     page, so a damaged one stops no replica.
 * U2  Page 0 is never given out and ends a chain. The page that was freed last is given out first, a new one only where
 *     none is free.
 * U3  An id that is stored again keeps its page: the same pages are written, further ones where the memory grew; what
 *     it needs no longer is freed. Nothing of what it replaces is read, so storing a memory mends its damaged pages.
 * U4  A damaged free page is given out like any other, for nothing of it is needed but which page follows. That is not
 *     known then: those behind it are never given out again.
 * U5  What one command writes and frees is bounded (DESIGN K5).
 */
import { isFault, type Uuid } from '@waggle/kernel'
import {
  contentTooLarge,
  limits,
  tooManyItems,
  type LogEvent,
  type MemoryNode,
  type PageNumber,
} from '@waggle/protocol'
import { event, type PageStoreCounts } from '../event/events.ts'
import type { Scope } from '../state/keyspace.ts'
import type { StateView } from '../state/overlay.ts'
import { pagesOf, pagesOfRecord } from './memory-pages.ts'
import { encodeMemory } from './memory-record.ts'
import { encodePage, PAGE_HEADER_BYTES, type StoredPage } from './page-format.ts'
import { readMemoryPlace, readPage, readPageStore, type MemoryPlace } from './page-rows.ts'

const EMPTY = new Uint8Array(0)

export class PageDraft {
  readonly #view: StateView
  readonly #scope: Scope
  readonly #counts: { -readonly [Name in keyof PageStoreCounts]: number }
  /** By their numbers, in the order in which they were first touched. */
  readonly #pages = new Map<PageNumber, StoredPage>()
  readonly #places = new Map<Uuid, MemoryPlace | undefined>()

  constructor(view: StateView, scope: Scope) {
    this.#view = view
    this.#scope = scope
    this.#counts = { ...readPageStore(view, scope) }
  }

  /** A page of the caller's own, empty. */
  allocate(): PageNumber {
    const page = this.#take()
    this.#counts.bytes += PAGE_HEADER_BYTES
    this.#put(page, { kind: 'data', next: 0, data: EMPTY })
    return page
  }

  /** Replaces what stands in a page of the caller's own. */
  write(page: PageNumber, before: StoredPage, data: Uint8Array): void {
    this.#counts.bytes += data.length - before.data.length
    this.#put(page, { kind: 'data', next: 0, data })
  }

  /** Frees a page of the caller's own. */
  free(page: PageNumber, { data }: StoredPage): void {
    this.#counts.bytes -= PAGE_HEADER_BYTES + data.length
    this.#release(page)
  }

  placeOf(id: Uuid): MemoryPlace | undefined {
    return this.#places.has(id) ? this.#places.get(id) : readMemoryPlace(this.#view, this.#scope, id)
  }

  /**
   * U3. The memory has its pages, the first of which is returned.
   * @param field of the request, for faults
   * @param own page of the caller's own that the memory gets where it has none
   * @throws Fault `CONTENT_TOO_LARGE`
   */
  place(
    memory: MemoryNode,
    field: string,
    own?: { readonly page: PageNumber; readonly before: StoredPage },
  ): PageNumber {
    const record = encodeMemory(memory)
    if (record.length > limits.MEMORY_BYTES_MAX) throw contentTooLarge(field, record.length, limits.MEMORY_BYTES_MAX)
    const before = this.placeOf(memory.id)
    const start = own && { pages: [own.page], bytes: PAGE_HEADER_BYTES + own.before.data.length }
    const held = before ?? start ?? { pages: [], bytes: 0 }
    const needed = pagesOf(record.length)
    const pages = held.pages.slice(0, needed)
    for (const surplus of held.pages.slice(needed).reverse()) this.#release(surplus)
    while (pages.length < needed) pages.push(this.#take())
    pagesOfRecord(record, pages).forEach((stored, index) => {
      this.#put(pages[index] as PageNumber, stored)
    })
    const bytes = record.length + needed * PAGE_HEADER_BYTES
    this.#counts.bytes += bytes - held.bytes
    if (before === undefined) this.#counts.memoryCount += 1
    this.#places.set(memory.id, { pages, bytes })
    return pages[0] as PageNumber
  }

  /** The memory is gone, and its pages are free. */
  forget(id: Uuid, { pages, bytes }: MemoryPlace): void {
    for (const page of [...pages].reverse()) this.#release(page)
    this.#counts.bytes -= bytes
    this.#counts.memoryCount -= 1
    this.#places.set(id, undefined)
  }

  /** U1. None where nothing changed. */
  events(): LogEvent[] {
    if (this.#pages.size === 0) return []
    const pages = [...this.#pages].map(([page, stored]) => [page, encodePage(page, stored)] as const)
    const places = [...this.#places].map(([id, place]) =>
      place === undefined
        ? event('MemoryForgotten', { id })
        : event('MemoryPlaced', { id, pages: place.pages, bytes: place.bytes }),
    )
    return [event('PagesWritten', { pages, counts: this.#counts }), ...places]
  }

  /** U2, U4. */
  #take(): PageNumber {
    const counts = this.#counts
    counts.pageCount += 1
    const page = counts.firstFree
    if (page === 0) return (counts.lastPage += 1)
    const next = this.#nextFree(page)
    counts.firstFree = next ?? 0
    counts.freePages = next === undefined ? 0 : counts.freePages - 1
    return page
  }

  /** What follows a free page, 0 at the end; `undefined`: nobody knows. */
  #nextFree(page: PageNumber): PageNumber | undefined {
    try {
      return (this.#pages.get(page) ?? readPage(this.#view, this.#scope, page)).next
    } catch (error) {
      if (isFault(error) && error.kind === 'corrupt') return undefined
      throw error
    }
  }

  #release(page: PageNumber): void {
    const counts = this.#counts
    this.#put(page, { kind: 'free', next: counts.firstFree, data: EMPTY })
    counts.firstFree = page
    counts.freePages += 1
    counts.pageCount -= 1
  }

  /** U5. */
  #put(page: PageNumber, stored: StoredPage): void {
    this.#pages.set(page, stored)
    const limit = limits.PAGES_PER_BATCH_MAX
    if (this.#pages.size > limit) throw tooManyItems('memories', this.#pages.size, limit)
  }
}

import { fault, limits, type MemoryNode, type PageKind, type ResultOf } from '@waggle/protocol'
import type { RequestBody } from '../caller.ts'
import type { CollectiveCall, Written } from '../collective-call.ts'
import type { BytesInput } from '../inputs.ts'
import { lifetimeOf, type StoreOptions } from '../lifetime-option.ts'
import { optionsOf, plainCopy, plainMap } from '../plain-data.ts'
import { SESSION_OPTIONS, type CallOptions, type WriteOptions } from '../session.ts'
import type { MemoryInput, MemoryPlaceInput, PageScan } from './page-inputs.ts'

export type PagesStatus = ResultOf<'pages.status'>

/**
 * Pages with checksums, and memories in them (MenteDB's `StorageEngine`). A memory has one page of its own, and where
 * it is larger, further ones that are nobody else's business; storing its id again keeps the page.
 */
export class PagesHandle {
  readonly #call: CollectiveCall

  constructor(call: CollectiveCall) {
    this.#call = call
  }

  /** A page for the caller's own bytes. */
  async allocate(options: WriteOptions = {}): Promise<Written & { readonly page: number }> {
    const { page, token } = await this.#call.call('pages.allocate', {}, options)
    return { page, token }
  }

  /** @throws Fault `CORRUPT` with `details.page` where its bytes are not those that were written */
  async read(
    page: number,
    options: CallOptions = {},
  ): Promise<{ readonly kind: PageKind; readonly bytes: Uint8Array }> {
    const { kind, bytes } = await this.#call.call('pages.read', { page: plainCopy(page, 'page') }, options)
    return { kind, bytes }
  }

  /** Replaces the bytes of an allocated page; at most 65,504. */
  async write(page: number, bytes: BytesInput, options: WriteOptions = {}): Promise<Written> {
    return this.#call.write('pages.write', { page: plainCopy(page, 'page'), bytes: plainCopy(bytes, 'bytes') }, options)
  }

  async storeMemory(memory: MemoryInput, options: StoreOptions = {}): Promise<Written & { readonly page: number }> {
    const { lifetime, known } = lifetimeOf(options)
    const memories = [plainMap(memory, 'memory')]
    const { pages, token } = await this.#call.call('pages.store', { memories, ...lifetime }, known)
    const [page] = pages
    if (page === undefined) throw fault('INTERNAL', 'the reply names no page')
    return { page, token }
  }

  /** Up to 1000 memories, all or none; pages come in input order. */
  async storeMemories(
    memories: readonly MemoryInput[],
    options: StoreOptions = {},
  ): Promise<Written & { readonly pages: readonly number[] }> {
    const { lifetime, known } = lifetimeOf(options)
    const { pages, token } = await this.#call.call(
      'pages.store',
      { memories: plainCopy(memories, 'memories'), ...lifetime },
      known,
    )
    return { pages, token }
  }

  /** Replaces the memory of a page. */
  async updateMemory(page: number, memory: MemoryInput, options: WriteOptions = {}): Promise<Written> {
    const fields = { page: plainCopy(page, 'page'), memory: plainMap(memory, 'memory') }
    return this.#call.write('pages.update', fields, options)
  }

  /** The memory of a page, or with an id; `undefined` where there is none. */
  async loadMemory(place: MemoryPlaceInput, options: CallOptions = {}): Promise<MemoryNode | undefined> {
    return (await this.#call.call('pages.load', placeOf(place), options)).memory
  }

  /** Forgets the memory of a page, or with an id; its pages are free afterwards. */
  async deleteMemory(place: MemoryPlaceInput, options: WriteOptions = {}): Promise<Written> {
    return this.#call.write('pages.delete', placeOf(place), options)
  }

  /** Returns when everything that was written before is durable. */
  async checkpoint(options: WriteOptions = {}): Promise<Written> {
    return this.#call.write('pages.checkpoint', {}, options)
  }

  /** Reads and verifies every page. */
  async scan(options: CallOptions = {}): Promise<PageScan> {
    const known = optionsOf(options, SESSION_OPTIONS)
    const items: PageScan['items'][number][] = []
    const damaged: number[] = []
    for (let after: number | undefined, isOver = false; !isOver;) {
      const reply: ResultOf<'pages.scan'> = await this.#scan(after, known)
      items.push(...reply.items)
      damaged.push(...reply.damaged)
      if (reply.next !== undefined && reply.next <= (after ?? 0)) throw fault('INTERNAL', 'the scan leads nowhere')
      after = reply.next
      isOver = after === undefined
    }
    return { items, damaged }
  }

  /**
   * What MenteDB does when it opens. Here the log is the only copy that recovery starts from, and a store is not open
   * before it is recovered: so this verifies, and finds as often as it is called the same.
   */
  async recover(
    options: CallOptions = {},
  ): Promise<{ readonly recovered: number; readonly damaged: readonly number[] }> {
    const { items, damaged } = await this.scan(options)
    return { recovered: items.length, damaged }
  }

  async status(options: CallOptions = {}): Promise<PagesStatus> {
    const { token: _, ...status } = await this.#call.call('pages.status', {}, options)
    return status
  }

  async #scan(after: number | undefined, options: RequestBody): Promise<ResultOf<'pages.scan'>> {
    return this.#call.call('pages.scan', { after, limit: limits.RESULTS_MAX }, options)
  }
}

/** An id is a text; what is neither is for the decoder to refuse. */
const placeOf = (place: unknown): RequestBody =>
  typeof place === 'string' ? { id: place } : { page: plainCopy(place, 'page') }

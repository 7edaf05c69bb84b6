/**
 * The page store of one collective as plainly as it can be said: what each page is for, a stack of free ones, and which
 * pages a memory has. Tests do the same with it and with a store, and compare, page numbers included.
 */
import type { CommandMemory, PageCommand } from './page-command.ts'

/** What a caller is told, as one text: the result, or the code of the refusal. */
export type Told = string

/** What a page is for: a text of the caller's, a memory that begins in it, or one that goes on in it. */
type Use = { readonly text: string } | { readonly memory: string } | { readonly overflow: string } | 'free'

/** What can be read back. */
export interface PageState {
  /** From page 1 on: its kind, and the text of a caller's own. */
  readonly pages: readonly (readonly [kind: string, text?: string])[]
  /** By page. */
  readonly memories: readonly (readonly [id: string, page: number, content: string])[]
  readonly status: { readonly pageCount: number; readonly freePages: number; readonly memoryCount: number }
}

const PAGE_DATA_BYTES = 65_504
/** What the test's memories take beside their content. */
const MEMORY_BYTES_MAX = 4_000_000

class Refusal extends Error {}

export class PageModel {
  /** From page 1 on, at index 0. */
  #uses: Use[] = []
  #free: number[] = []
  #memories = new Map<string, { readonly content: string; readonly pages: readonly number[] }>()
  readonly #bytesOf: (memory: CommandMemory) => number

  /** @param bytesOf how long a memory's record is */
  constructor(bytesOf: (memory: CommandMemory) => number) {
    this.#bytesOf = bytesOf
  }

  get state(): PageState {
    return structuredClone({
      pages: this.#uses.map((use) => {
        if (use === 'free') return ['free'] as const
        if ('text' in use) return ['data', use.text] as const
        return ['memory' in use ? 'data' : 'overflow'] as const
      }),
      memories: [...this.#memories]
        .map(([id, { content, pages }]) => [id, pages[0] as number, content] as const)
        .sort(([, left], [, right]) => left - right),
      status: {
        pageCount: this.#uses.length - this.#free.length,
        freePages: this.#free.length,
        memoryCount: this.#memories.size,
      },
    })
  }

  /** What the command is told. A refused one changes nothing. */
  take(command: PageCommand): Told {
    const before = structuredClone([this.#uses, this.#free, this.#memories] as const)
    try {
      return JSON.stringify(this.#do(command))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      ;[this.#uses, this.#free, this.#memories] = before
      return error.message
    }
  }

  #do(command: PageCommand): object {
    switch (command.operation) {
      case 'pages.allocate':
        return { page: this.#allocate({ text: '' }) }
      case 'pages.checkpoint':
        return {}
      case 'pages.write': {
        const use = this.#given(command.page)
        refuseIf(use === 'free', 'NOT_FOUND')
        refuseIf(!isOwn(use), 'ALREADY_EXISTS')
        this.#uses[command.page - 1] = { text: command.text }
        return {}
      }
      case 'pages.store':
        return { pages: command.memories.map((memory) => this.#place(memory)) }
      case 'pages.update':
        this.#update(command.page, command.memory)
        return {}
      case 'pages.delete':
        this.#delete(command)
        return {}
    }
  }

  #update(page: number, memory: CommandMemory): void {
    const held = this.#memories.get(memory.id)
    if (held !== undefined) {
      refuseIf(held.pages[0] !== page, 'ALREADY_EXISTS')
      this.#place(memory)
      return
    }
    const use = this.#given(page)
    refuseIf(use === 'free' || 'overflow' in use, 'NOT_FOUND')
    refuseIf(!isOwn(use), 'ALREADY_EXISTS')
    this.#place(memory, [page])
  }

  #delete({ page, id }: { readonly page?: number; readonly id?: string }): void {
    if (id !== undefined) {
      const held = this.#memories.get(id)
      if (held === undefined || (page !== undefined && held.pages[0] !== page)) throw new Refusal('NOT_FOUND')
      this.#memories.delete(id)
      for (const each of [...held.pages].reverse()) this.#release(each)
      return
    }
    const use = this.#given(page as number)
    if (isOwn(use)) this.#release(page as number)
    else if (use !== 'free' && 'memory' in use) this.#delete({ id: use.memory })
    else throw new Refusal('NOT_FOUND')
  }

  #place(memory: CommandMemory, own: readonly number[] = []): number {
    const { id, content } = memory
    const bytes = this.#bytesOf(memory)
    refuseIf(bytes > MEMORY_BYTES_MAX, 'CONTENT_TOO_LARGE')
    const before = this.#memories.get(id)?.pages ?? own
    const needed = Math.ceil(bytes / PAGE_DATA_BYTES)
    const pages = before.slice(0, needed)
    for (const each of before.slice(needed).reverse()) this.#release(each)
    while (pages.length < needed) pages.push(this.#allocate({ overflow: id }))
    this.#uses[(pages[0] as number) - 1] = { memory: id }
    this.#memories.set(id, { content, pages })
    return pages[0] as number
  }

  #allocate(use: Use): number {
    const page = this.#free.pop() ?? this.#uses.length + 1
    this.#uses[page - 1] = use
    return page
  }

  #release(page: number): void {
    this.#uses[page - 1] = 'free'
    this.#free.push(page)
  }

  #given(page: number): Use {
    const use = this.#uses[page - 1]
    if (use === undefined) throw new Refusal('NOT_FOUND')
    return use
  }
}

const isOwn = (use: Use): boolean => use !== 'free' && 'text' in use

const refuseIf = (condition: boolean, code: string): void => {
  if (condition) throw new Refusal(code)
}

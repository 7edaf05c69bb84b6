/** Decisions about pages and the memories in them; `page-draft.ts` has the rules. */
import type { Uuid } from '@waggle/kernel'
import { fault, requiredField, type CollectiveId, type MemoryNode, type PageNumber } from '@waggle/protocol'
import type { DecideContext, Deciders, Decision } from '../command/decider.ts'
import { expirySet, expirySets } from '../expiry/expiry-decisions.ts'
import { isExpired, unexpired } from '../expiry/is-expired.ts'
import { knownCollective } from '../memory/collective/collective-commands.ts'
import type { Scope } from '../state/keyspace.ts'
import type { StateView } from '../state/overlay.ts'
import { memoryIdOf } from './memory-record.ts'
import { PageDraft } from './page-draft.ts'
import { readGivenPage, unknownPage } from './page-rows.ts'
import type { StoredPage } from './page-format.ts'

type PageDeciders = Pick<
  Deciders,
  'pages.allocate' | 'pages.write' | 'pages.store' | 'pages.update' | 'pages.delete' | 'pages.checkpoint'
>

export const pageDeciders: PageDeciders = {
  'pages.allocate'({ collective }, context) {
    const { draft } = begin(collective, context)
    return decided(draft, { page: draft.allocate() })
  },

  'pages.write'({ collective, page, bytes }, context) {
    const { view, scope, draft } = begin(collective, context)
    const before = readGivenPage(view, scope, page)
    if (before.kind === 'free') throw unknownPage(page)
    if (before.kind !== 'data') throw ofMemory('page', page)
    draft.write(page, before, bytes)
    return decided(draft, {})
  },

  'pages.store'({ collective, memories, ttlMs }, context) {
    if (memories.length === 0) throw requiredField('memories')
    const { draft } = begin(collective, context)
    const pages = memories.map((memory, index) => draft.place(memory, `memories[${index}]`))
    const { events, result } = decided(draft, { pages })
    const lifetimes = [...new Set(memories.map(({ id }) => id))].map((id) => [id, ttlMs] as const)
    return { events: [...events, ...expirySets(collective, 'memory', lifetimes, context.timeMs)], result }
  },

  'pages.update'({ collective, page, memory }, context) {
    const { view, scope, draft } = begin(collective, context)
    const held = draft.placeOf(memory.id)
    if (isExpired(held?.expiresAt, context.timeMs)) throw noMemory({ page, id: memory.id })
    if (held === undefined) draft.place(memory, 'memory', { page, before: ownPage(view, scope, page, memory) })
    else if (held.pages[0] === page) draft.place(memory, 'memory')
    else throw hasAnotherPage(memory.id, held.pages[0] as PageNumber)
    const { events, result } = decided(draft, {})
    // An update leaves the lifetime as it is.
    const kept = held?.expiresAt === undefined ? [] : [expirySet(collective, 'memory', [memory.id], held.expiresAt)]
    return { events: [...events, ...kept], result }
  },

  'pages.delete'({ collective, page, id }, context) {
    if (page === undefined && id === undefined) throw requiredField('page')
    const { view, scope, draft } = begin(collective, context)
    const { timeMs: atMs } = context
    if (id === undefined) deletePage(draft, { view, scope, page: page as PageNumber, atMs })
    else forgetMemory(draft, id, page, atMs)
    return decided(draft, {})
  },

  /** Answered behind whatever came before it. */
  'pages.checkpoint'({ collective }, { view, tenant }) {
    knownCollective(view, tenant, collective)
    return { events: [], result: {} }
  },
}

interface Beginning {
  readonly view: StateView
  readonly scope: Scope
  readonly draft: PageDraft
}

const begin = (collective: CollectiveId, { view, tenant }: DecideContext): Beginning => {
  const { scope } = knownCollective(view, tenant, collective)
  return { view, scope, draft: new PageDraft(view, scope) }
}

const decided = <Result>(draft: PageDraft, result: Result): Decision<Result> => ({ events: draft.events(), result })

/** A page of the caller's own, which a memory may have. @throws Fault */
const ownPage = (view: StateView, scope: Scope, page: PageNumber, { id }: MemoryNode): StoredPage => {
  const stored = readGivenPage(view, scope, page)
  if (stored.kind === 'data') return stored
  if (stored.kind !== 'memory') throw noMemory({ page, id })
  throw ofMemory('memory.id', page, memoryIdOf(stored.data))
}

/** State decides it, so a repeated request must be told the same: a conflict is remembered (DESIGN F6). */
const ofMemory = (field: string, page: PageNumber, id?: Uuid) =>
  fault('ALREADY_EXISTS', `page belongs to a memory page=${page}`, {
    ...{ field, entity: 'memory', page },
    ...(id === undefined ? {} : { id }),
  })

const hasAnotherPage = (id: Uuid, page: PageNumber) =>
  fault('ALREADY_EXISTS', `memory has another page id=${id} page=${page}`, {
    ...{ field: 'memory.id', entity: 'memory', id, page },
  })

const noMemory = (of: { readonly page?: PageNumber; readonly id?: Uuid }) =>
  fault('NOT_FOUND', `no memory of that page and id ${JSON.stringify(of)}`, { entity: 'memory', ...of })

const deletePage = (
  draft: PageDraft,
  { view, scope, page, atMs }: Pick<Beginning, 'view' | 'scope'> & { readonly page: PageNumber; readonly atMs: number },
): void => {
  const stored = readGivenPage(view, scope, page)
  if (stored.kind === 'data') draft.free(page, stored)
  else if (stored.kind === 'memory') forgetMemory(draft, memoryIdOf(stored.data), page, atMs)
  else throw noMemory({ page })
}

/** Of the page, too, where one is named: by now it may be another memory's. */
const forgetMemory = (draft: PageDraft, id: Uuid, page: PageNumber | undefined, atMs: number): void => {
  const held = unexpired(draft.placeOf(id), atMs)
  if (held === undefined || (page !== undefined && held.pages[0] !== page))
    throw noMemory({ id, ...(page === undefined ? {} : { page }) })
  draft.forget(id, held)
}

/** What one command may make of the pages. */
import { isFault, type Uuid } from '@waggle/kernel'
import { DEFAULT_TENANT, limits, type MemoryNode, type Sequence } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { Overlay } from '../state/overlay.ts'
import type { Scope } from '../state/keyspace.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { memoryId } from '../testing/pages/page-rig.ts'
import { PageDraft } from './page-draft.ts'
import { putMemoryPlace, putPageStore } from './page-rows.ts'

const scope: Scope = { tenant: DEFAULT_TENANT, incarnation: { sequence: 1 as Sequence, index: 0 } }
const NIL = '00000000-0000-0000-0000-000000000000' as Uuid

const small = (n: number): MemoryNode => ({
  ...{ id: memoryId(n), agentId: NIL, userId: NIL, spaceId: NIL, memoryType: 'episodic', content: '' },
  embedding: new Float32Array(0),
  ...{ createdAt: 0, accessedAt: 0, accessCount: 0, salience: 1, confidence: 1, tags: [], attributes: {} },
})

/** A store in which so many memories have so many pages each, none of which is there. */
const storeOf = (memories: number, pagesEach: number): Overlay => {
  const state = new Overlay(new MemoryStore())
  const lastPage = memories * pagesEach
  for (let n = 0; n < memories; n += 1) {
    const pages = Array.from({ length: pagesEach }, (_, index) => n * pagesEach + index + 1)
    putMemoryPlace(state, scope, memoryId(n), { pages, bytes: pagesEach * 65_536 })
  }
  const counts = { lastPage, firstFree: 0, freePages: 0, pageCount: lastPage, memoryCount: memories }
  putPageStore(state, scope, { ...counts, bytes: lastPage * 65_536 })
  return state
}

describe('a draft of pages', () => {
  test('U3 replaces and forgets memories without reading a page of theirs', () => {
    const draft = new PageDraft(storeOf(3, 4), scope)
    expect(draft.place(small(1), 'memory')).toBe(5)
    const held = draft.placeOf(memoryId(2))
    draft.forget(memoryId(2), held ?? { pages: [], bytes: 0 })
    const [written] = draft.events()
    expect(written?.[1].counts).toMatchObject({ lastPage: 12, freePages: 7, pageCount: 5, memoryCount: 2 })
  })

  test('U5 K5 writes and frees a bounded number of pages', () => {
    const draft = new PageDraft(storeOf(70, 62), scope)
    const place = (): void => {
      for (let n = 0; n < 70; n += 1) draft.place(small(n), `memories[${n}]`)
    }
    let refused: unknown
    try {
      place()
    } catch (error) {
      refused = error
    }
    expect(isFault(refused) && refused.toJSON()).toMatchObject({
      code: 'TOO_MANY_ITEMS',
      details: { field: 'memories', limit: limits.PAGES_PER_BATCH_MAX },
    })
  })

  test('U2 what it freed it gives out again, and writes once', () => {
    const draft = new PageDraft(storeOf(1, 3), scope)
    draft.place(small(0), 'memory')
    expect([draft.allocate(), draft.allocate(), draft.allocate()]).toEqual([2, 3, 4])
    const [written] = draft.events()
    expect((written?.[1].pages as unknown[]).length).toBe(4)
    expect(written?.[1].counts).toMatchObject({ lastPage: 4, firstFree: 0, freePages: 0, pageCount: 4 })
  })

  test('nothing changed: no event', () => {
    expect(new PageDraft(storeOf(1, 1), scope).events()).toEqual([])
  })
})

/** What the events of pages do to the state. Applying one reads no page (`page-draft.ts`, U1). */
import type { Appliers } from '../event/applier.ts'
import { pageKey } from '../state/keyspace.ts'
import { forgetMemoryExpiry } from './memory-lifetimes.ts'
import { eraseMemoryPlace, putMemoryPlace, putPageStore } from './page-rows.ts'

export const pageAppliers: Pick<Appliers, 'PagesWritten' | 'MemoryPlaced' | 'MemoryForgotten'> = {
  PagesWritten({ pages, counts }, { state, scope }) {
    for (const [page, bytes] of pages) state.put(pageKey(scope(), page), bytes)
    putPageStore(state, scope(), counts)
  },

  MemoryPlaced({ id, pages, bytes }, { state, scope }) {
    forgetMemoryExpiry(state, scope(), id)
    putMemoryPlace(state, scope(), id, { pages, bytes })
  },

  MemoryForgotten({ id }, { state, scope }) {
    forgetMemoryExpiry(state, scope(), id)
    eraseMemoryPlace(state, scope(), id)
  },
}

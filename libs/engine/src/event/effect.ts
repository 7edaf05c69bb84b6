/** What applying an event means beyond the state: what indexes must follow, and what watchers may want to see. */
import type { IndexChange } from '../index/index-change.ts'
import type { Scope } from '../state/keyspace.ts'

/** A journal has new rows. */
export interface JournalGrowth {
  readonly kind: 'journal'
  readonly scope: Scope
}

export type Effect = IndexChange | JournalGrowth

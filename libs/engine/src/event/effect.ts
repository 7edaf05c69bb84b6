/** What applying an event means beyond the state: what indexes must follow, and what watchers may want to see. */
import type { JournalName, Uint64Text } from '@waggle/protocol'
import type { IndexChange } from '../index/index-change.ts'
import type { Scope } from '../state/keyspace.ts'

/** A journal has new rows. */
export interface JournalGrowth {
  readonly kind: 'journal'
  readonly journal: JournalName
  readonly scope: Scope
}

/** Vectors of the vector store have changed; `undefined`: there is none any more. */
export interface VectorsChange {
  readonly kind: 'vectors'
  readonly scope: Scope
  readonly items: readonly (readonly [id: Uint64Text, vector: Float32Array | undefined])[]
}

/** The keys of a collective have something for the leader's background work to do. */
export interface UpkeepDue {
  readonly kind: 'upkeep'
  readonly scope: Scope
}

export type Effect = IndexChange | JournalGrowth | VectorsChange | UpkeepDue

/** What applying an event means beyond the state: what indexes must follow, and what watchers may want to see. */
import type { JournalName, Sequence, Uint64Text } from '@waggle/protocol'
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

/** Records of a collective expire at a time. */
export interface ExpiryDue {
  readonly kind: 'expiry'
  readonly scope: Scope
  readonly expiresAt: number
}

/** Every replica takes the digest of its state right here (DESIGN K3). */
export interface DigestDue {
  readonly kind: 'digest'
  /** The replica that also writes the checkpoint. */
  readonly writer: string
}

/** Which state a replica must have had at a record, as others have found. */
export interface CheckpointKnown {
  readonly kind: 'checkpoint'
  readonly sequence: Sequence
  readonly digest: string
}

export type Effect = IndexChange | JournalGrowth | VectorsChange | UpkeepDue | ExpiryDue | DigestDue | CheckpointKnown

import type { Uuid } from '@waggle/kernel'
import type { ExperienceId } from '@waggle/protocol'
import type { Scope } from '../state/keyspace.ts'

/** What a vector belongs to: each kind has an index of its own. */
export type IndexTable = 'experience' | 'insight'

/** What applying an event means for the indexes of a collective; all are idempotent. */
export type IndexChange =
  | {
      readonly kind: 'put'
      readonly table: IndexTable
      readonly scope: Scope
      readonly id: Uuid
      readonly embedding: Float32Array
      readonly archived: boolean
    }
  | {
      readonly kind: 'archive'
      readonly table: IndexTable
      readonly scope: Scope
      readonly id: ExperienceId
      readonly archived: boolean
    }
  | {
      readonly kind: 'remove'
      readonly table: IndexTable
      readonly scope: Scope
      readonly id: Uuid
    }
  | { readonly kind: 'drop'; readonly scope: Scope }

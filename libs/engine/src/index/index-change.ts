import type { Uuid } from '@waggle/kernel'
import type { ExperienceRow } from '../memory/experience/experience-rows.ts'
import type { Scope } from '../state/keyspace.ts'

/** What a vector belongs to: each kind has an index of its own. */
export type IndexTable = 'experience' | 'insight'

/** What applying an event means for the indexes of a collective; all are idempotent. */
export type IndexChange =
  | {
      readonly kind: 'put'
      readonly table: 'experience'
      readonly scope: Scope
      readonly row: ExperienceRow
      readonly embedding: Float32Array
    }
  | {
      readonly kind: 'put'
      readonly table: 'insight'
      readonly scope: Scope
      readonly id: Uuid
      readonly embedding: Float32Array
    }
  /** What is said of an experience has changed; its embedding has not. */
  | {
      readonly kind: 'row'
      readonly table: 'experience'
      readonly scope: Scope
      readonly row: ExperienceRow
    }
  | {
      readonly kind: 'remove'
      readonly table: IndexTable
      readonly scope: Scope
      readonly id: Uuid
    }
  /** Of all kinds, or of the words alone: their language is another one. */
  | { readonly kind: 'drop'; readonly scope: Scope; readonly only?: 'text' }

import type { ExperienceId } from '@waggle/protocol'
import type { Scope } from '../state/keyspace.ts'

/** What applying an event means for the indexes of a collective; all are idempotent. */
export type IndexChange =
  | {
      readonly kind: 'put'
      readonly scope: Scope
      readonly id: ExperienceId
      readonly embedding: Float32Array
      readonly archived: boolean
    }
  | { readonly kind: 'archive'; readonly scope: Scope; readonly id: ExperienceId; readonly archived: boolean }
  | { readonly kind: 'remove'; readonly scope: Scope; readonly id: ExperienceId }
  | { readonly kind: 'drop'; readonly scope: Scope }

import type { Uuid } from '@waggle/kernel'
import type { ExperienceId } from '@waggle/protocol'
import type { EnergyInputs } from '../memory/experience/energy.ts'
import type { Scope } from '../state/keyspace.ts'

/** What a vector belongs to: each kind has an index of its own. */
export type IndexTable = 'experience' | 'insight'

/** What applying an event means for the indexes of a collective; all are idempotent. */
export type IndexChange =
  | {
      readonly kind: 'put'
      readonly table: 'experience'
      readonly scope: Scope
      readonly id: ExperienceId
      readonly embedding: Float32Array
      readonly archived: boolean
      readonly energy: EnergyInputs
    }
  | {
      readonly kind: 'put'
      readonly table: 'insight'
      readonly scope: Scope
      readonly id: Uuid
      readonly embedding: Float32Array
      readonly archived: false
    }
  | {
      readonly kind: 'archive'
      readonly table: 'experience'
      readonly scope: Scope
      readonly id: ExperienceId
      readonly archived: boolean
    }
  | {
      readonly kind: 'energy'
      readonly table: 'experience'
      readonly scope: Scope
      readonly id: ExperienceId
      readonly energy: EnergyInputs
    }
  | {
      readonly kind: 'remove'
      readonly table: IndexTable
      readonly scope: Scope
      readonly id: Uuid
    }
  /** Of both kinds. */
  | { readonly kind: 'drop'; readonly scope: Scope }

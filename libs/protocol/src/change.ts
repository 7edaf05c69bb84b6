import type { Uuid } from '@waggle/kernel'
import type { Experience, ExperienceFilter } from './experience.ts'

/** What happened to it; the order is PulseDB's numbering. Unarchiving and reinforcing are updates. */
export const changeKinds = ['created', 'updated', 'archived', 'deleted'] as const
export type ChangeKind = (typeof changeKinds)[number]

export const changeEntities = ['experience', 'relation', 'insight', 'collective'] as const
export type ChangeEntity = (typeof changeEntities)[number]

/** One change of a collective, as its journal tells it. */
export interface Change {
  /** Opaque: where a watcher goes on that has seen this change. */
  readonly cursor: string
  readonly kind: ChangeKind
  readonly entity: ChangeEntity
  readonly id: Uuid
  /** The experience as it is when the change is read; absent where it is gone, and for other entities. */
  readonly experience?: Experience
  /** Epoch milliseconds of the change. */
  readonly time: number
}

/**
 * Which changes a watcher sees. The conditions on experiences speak of the experience as the change left it, or as it
 * was before it was deleted; a condition on something that an entity does not have is not met by it. Archived records
 * are shown unless `includeArchived` is false.
 */
export interface ChangeFilter extends ExperienceFilter {
  readonly entities?: readonly ChangeEntity[]
  readonly kinds?: readonly ChangeKind[]
}

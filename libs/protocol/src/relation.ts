import type { Uuid } from '@waggle/kernel'
import type { CollectiveId } from './collective.ts'
import type { Experience, ExperienceId } from './experience.ts'

export type RelationId = Uuid

/** How one experience bears on another; all are directed. The order of the types is PulseDB's numbering. */
export const relationTypes = ['supports', 'contradicts', 'elaborates', 'supersedes', 'implies', 'relatedTo'] as const
export type RelationType = (typeof relationTypes)[number]

export const relationDirections = ['outgoing', 'incoming', 'both'] as const
export type RelationDirection = (typeof relationDirections)[number]

/** What a caller may say of a new relation; it is never changed afterwards. */
export interface NewRelation {
  readonly id?: RelationId
  readonly source: ExperienceId
  /** Another experience of the same collective. */
  readonly target: ExperienceId
  readonly type: RelationType
  /** Single precision, 0..1; 1 when absent. */
  readonly strength: number
  /** At most 10,240 bytes, kept as they are. */
  readonly metadata?: string
  /** How long it is to be seen, milliseconds; absent: for ever. */
  readonly ttlMs?: number
}

/** A stored relation. At most one of a type leads from one experience to another. */
export interface Relation extends Omit<NewRelation, 'ttlMs'> {
  readonly id: RelationId
  readonly collective: CollectiveId
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** From then on it is not to be seen, epoch milliseconds; absent: never. */
  readonly expiresAt?: number
}

/** A relation as an export holds it. */
export type RestoredRelation = Omit<Relation, 'collective'>

/** An experience at the other end of a relation. */
export interface Related {
  readonly experience: Experience
  readonly relation: Relation
}

/** A way from one experience to another: `relations[i]` joins `experiences[i]` and `experiences[i + 1]`. */
export interface RelationPath {
  readonly experiences: readonly ExperienceId[]
  readonly relations: readonly Relation[]
}

import type { Uuid } from '@waggle/kernel'
import type { CollectiveId } from './collective.ts'

export type ExperienceId = Uuid

export const severities = ['low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof severities)[number]

/** What sort of thing was learnt. The order of the kinds is PulseDB's numbering. */
export type ExperienceType =
  | { readonly kind: 'difficulty'; readonly description: string; readonly severity: Severity }
  | {
      readonly kind: 'solution'
      readonly problemRef?: ExperienceId
      readonly approach: string
      readonly worked: boolean
    }
  | { readonly kind: 'errorPattern'; readonly signature: string; readonly fix: string; readonly prevention: string }
  | {
      readonly kind: 'successPattern'
      readonly taskType: string
      readonly approach: string
      /** 0..1 */
      readonly quality: number
    }
  | {
      readonly kind: 'userPreference'
      readonly category: string
      readonly preference: string
      /** 0..1 */
      readonly strength: number
    }
  | { readonly kind: 'architecturalDecision'; readonly decision: string; readonly rationale: string }
  | { readonly kind: 'techInsight'; readonly technology: string; readonly insight: string }
  | { readonly kind: 'fact'; readonly statement: string; readonly source: string }
  | { readonly kind: 'generic'; readonly category?: string }

export type ExperienceKind = ExperienceType['kind']

export const experienceKinds = [
  'difficulty',
  'solution',
  'errorPattern',
  'successPattern',
  'userPreference',
  'architecturalDecision',
  'techInsight',
  'fact',
  'generic',
] as const satisfies readonly ExperienceKind[]

/** What a caller may say of a new experience; numbers are single precision. */
export interface NewExperience {
  readonly id?: ExperienceId
  /** 1..102,400 bytes. */
  readonly content: string
  /** Absent: made by the collective's embedder. */
  readonly embedding?: Float32Array
  readonly type: ExperienceType
  /** 0..1, 0.5 when absent. */
  readonly importance: number
  /** 0..1, 0.5 when absent. */
  readonly confidence: number
  /** At most 50 tags of at most 100 bytes. */
  readonly domain: readonly string[]
  /** At most 100 paths of at most 500 bytes. */
  readonly relatedFiles: readonly string[]
  /** 1..256 bytes, `anonymous` when absent. */
  readonly sourceAgent: string
  readonly sourceTask?: string
  /** How long it is to be seen, milliseconds; absent: for ever. */
  readonly ttlMs?: number
}

/** A stored experience. */
export interface Experience extends Omit<NewExperience, 'embedding' | 'id' | 'ttlMs'> {
  readonly id: ExperienceId
  readonly collective: CollectiveId
  /** How often it was reinforced, over all instances. */
  readonly applications: number
  /** Epoch milliseconds; never changes. */
  readonly createdAt: number
  /** Epoch milliseconds; `createdAt` until it is first reinforced. */
  readonly lastReinforced: number
  readonly archived: boolean
  /** 1 when recorded, one more with every change. */
  readonly version: number
  /** From then on it is not to be seen, epoch milliseconds; absent: never. */
  readonly expiresAt?: number
  /** Present from `get`, and elsewhere where it was asked for. */
  readonly embedding?: Float32Array
}

/** The fields that an update may change; each replaces the old value whole. */
export type ExperiencePatch = Partial<
  Pick<NewExperience, 'importance' | 'confidence' | 'domain' | 'relatedFiles'> & { readonly archived: boolean }
>

/** An experience with the fields that the server owns, as an export holds it. */
export type RestoredExperience = Omit<Experience, 'collective' | 'embedding'> & { readonly embedding: Float32Array }

/** Conditions on experiences, all of which must hold; a list means any overlap, and an empty one matches nothing. */
export interface ExperienceFilter {
  readonly domains?: readonly string[]
  readonly types?: readonly ExperienceKind[]
  readonly minImportance?: number
  readonly minConfidence?: number
  /** On `createdAt`, epoch milliseconds, inclusive. */
  readonly since?: number
  /** On `createdAt`, epoch milliseconds, inclusive. */
  readonly until?: number
  readonly agents?: readonly string[]
  readonly tasks?: readonly string[]
  readonly files?: readonly string[]
  readonly includeArchived?: boolean
}

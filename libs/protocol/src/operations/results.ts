/** What each operation answers, beside the token (`object`: nothing). Names are the SDK's and the wire's alike. */
import type { Collective, CollectiveStats } from '../collective.ts'
import type { Experience, ExperienceId, SearchHit } from '../experience.ts'
import type { BuiltName } from './table.ts'

export interface Results {
  'collective.create': { readonly collective: Collective }
  'collective.getOrCreate': { readonly collective: Collective; readonly created: boolean }
  'collective.get': { readonly collective?: Collective }
  'collective.list': { readonly items: readonly Collective[] }
  'collective.stats': { readonly stats: CollectiveStats }
  'collective.delete': object
  /** `existing` counts records that were there already, byte for byte; one that differs is `ALREADY_EXISTS`. */
  'collective.restore': { readonly restored: number; readonly existing: number }
  'experience.record': { readonly id: ExperienceId }
  /** In the order of the request. */
  'experience.recordMany': { readonly ids: readonly ExperienceId[] }
  'experience.update': { readonly version: number }
  'experience.archive': { readonly version: number }
  'experience.unarchive': { readonly version: number }
  'experience.delete': object
  /** The total over all instances after this one. */
  'experience.reinforce': { readonly applications: number; readonly version: number }
  'experience.get': { readonly experience?: Experience }
  /** In the order asked; `null` where there is none. */
  'experience.getMany': { readonly items: readonly (Experience | null)[] }
  /** Oldest first, archived ones included; `cursor` is absent at the end. */
  'experience.list': { readonly items: readonly Experience[]; readonly cursor?: string }
  /** Newest first. */
  'experience.recent': { readonly items: readonly Experience[] }
  /** Best first. */
  'experience.search': { readonly results: readonly SearchHit[] }
}

export type ResultOf<Name extends BuiltName> = Results[Name]

/** What each operation answers, beside the token (`object`: nothing). Names are the SDK's and the wire's alike. */
import type { Activity } from '../activity.ts'
import type { Change } from '../change.ts'
import type { Collective, CollectiveStats, TenantUsage } from '../collective.ts'
import type { Experience, ExperienceId, SearchHit } from '../experience.ts'
import type { Insight, InsightHit, InsightId } from '../insight.ts'
import type { Related, Relation, RelationId, RelationPath } from '../relation.ts'
import type { BatchCommandName } from './batch.ts'
import type { BuiltName } from './table.ts'

export interface Results {
  'collective.create': { readonly collective: Collective }
  'collective.getOrCreate': { readonly collective: Collective; readonly created: boolean }
  'collective.get': { readonly collective?: Collective }
  'collective.list': { readonly items: readonly Collective[] }
  'collective.stats': { readonly stats: CollectiveStats }
  'collective.update': { readonly collective: Collective }
  'collective.delete': object
  /**
   * Of all three kinds together. `existing` counts what was there already, byte for byte; what differs is
   * `ALREADY_EXISTS`.
   */
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
  /** 0..1, single precision. */
  'experience.energy': { readonly energy: number }
  /** Coldest first, ties oldest first; archived ones are not among them. */
  'experience.cold': { readonly items: readonly { readonly id: ExperienceId; readonly energy: number }[] }
  'relation.create': { readonly id: RelationId }
  'relation.delete': object
  'relation.get': { readonly relation?: Relation }
  /** Oldest first. */
  'relation.list': { readonly items: readonly Relation[]; readonly cursor?: string }
  /** Outgoing ones first, then incoming ones, each oldest first. */
  'relation.related': { readonly items: readonly Related[]; readonly cursor?: string }
  /**
   * Shortest first. Without `to`: one shortest path to each experience that can be reached. `truncated`: the budget,
   * the limit or the size of a reply ended the search before everything was seen.
   */
  'relation.paths': { readonly paths: readonly RelationPath[]; readonly truncated: boolean }
  'insight.store': { readonly id: InsightId }
  'insight.delete': object
  'insight.get': { readonly insight?: Insight }
  /** Oldest first. */
  'insight.list': { readonly items: readonly Insight[]; readonly cursor?: string }
  /** Best first. */
  'insight.search': { readonly results: readonly InsightHit[] }
  'activity.register': object
  'activity.heartbeat': object
  'activity.end': object
  /** Newest heartbeat first. */
  'activity.active': { readonly items: readonly Activity[] }
  /** All of one moment. */
  'context.get': {
    readonly similar: readonly SearchHit[]
    readonly recent: readonly Experience[]
    readonly insights: readonly Insight[]
    readonly relations: readonly Relation[]
    readonly activeAgents: readonly Activity[]
  }
  /**
   * In their order. `next` is where to go on. `partial`: it stands inside a batch, whose rest comes next. `more`: there
   * is more to look at already, also where nothing of what was looked at matched. `lost`: changes after `from` are
   * gone; `next` is then the oldest place that is still there.
   */
  'watch.next': {
    readonly changes: readonly Change[]
    readonly next: string
    readonly partial?: boolean
    readonly more?: boolean
    readonly lost?: boolean
  }
  /** One result a command, in their order: what the command answers alone. */
  'batch.commit': { readonly results: readonly Results[BatchCommandName][] }
  'cursor.save': object
  'cursor.list': {
    readonly items: readonly { readonly name: string; readonly cursor: string; readonly savedAt: number }[]
  }
  'cursor.drop': object
  'tenant.usage': { readonly usage: TenantUsage }
}

export type ResultOf<Name extends BuiltName> = Results[Name]

/** What each operation answers, beside the token (`object`: nothing). Names are the SDK's and the wire's alike. */
import type { Activity } from '../activity.ts'
import type { KeyEntry, KeyFrame, KeyValue, PruneJob, Retain } from '../batch-store.ts'
import type { Change } from '../change.ts'
import type { Collective, CollectiveStats, TenantUsage } from '../collective.ts'
import type { Experience, ExperienceId } from '../experience.ts'
import type { Insight, InsightHit, InsightId } from '../insight.ts'
import type { MemoryNode, PageKind, PageNumber } from '../page-store.ts'
import type { Reduction } from '../reduce.ts'
import type { Related, Relation, RelationId, RelationPath } from '../relation.ts'
import type { SearchHit } from '../search.ts'
import type { Uint64Text } from '../uint64.ts'
import type { Json, ScoredVector, VectorDurability } from '../vector-store.ts'
import type { JournalName } from '../watch-cursor.ts'
import type { BatchCommandName } from './batch.ts'
import type { BuiltName } from './table.ts'

/** A place in a journal under a name: one that holds what it has not seen, or the notice of one that was abandoned. */
export interface RegisteredCursorItem {
  readonly name: string
  readonly journal: JournalName
  readonly cursor: string
  readonly savedAt: number
  /** Milliseconds: abandoned when it is not saved again for longer. */
  readonly keepMs: number
  /** When that will be. */
  readonly dropsAt?: number
  /** Instead: when it was. */
  readonly droppedAt?: number
  /** Changes, or batches of keys, behind it: 1,000 stands for as many or more. */
  readonly unseen: number
  /** Changes behind it are gone. */
  readonly lost?: true
}

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
  /** Best first; with `diversity` in the order in which they were chosen. */
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
  'batch.commit': {
    readonly results: readonly BatchResult<BatchCommandName>[]
    readonly sequence: number
  }
  /** `droppedAt`: what stood under the name was abandoned then, and held nothing since. */
  'cursor.save': { readonly droppedAt?: number }
  'cursor.list': { readonly items: readonly RegisteredCursorItem[] }
  'cursor.drop': object
  /** `sequence`: of the batch, which others' puts of the same moment may share. */
  'keys.put': { readonly sequence: number }
  'keys.stage': object
  'keys.delete': { readonly sequence: number }
  /**
   * `value` is absent where there is no such key. `size` and `version`: it is only a piece, from the offset on, of so
   * many bytes. `expiresAt`: where it has a lifetime. `sequence`, here and in all reads of keys: what the state had
   * reached before.
   */
  'keys.get': {
    readonly value?: Uint8Array
    readonly size?: number
    readonly version?: string
    readonly expiresAt?: number
    readonly sequence: number
  }
  /** In the order asked, repeats kept. `next`: the first key that the reply did not come to. */
  'keys.getMany': {
    readonly items: readonly (readonly [key: Uint8Array, value: KeyValue | null])[]
    readonly next?: number
    readonly sequence: number
  }
  /** `more`: rows of the range are left behind the last one, also where the limit ended it; never for a limit of 0. */
  'keys.range': { readonly items: readonly KeyEntry[]; readonly more: boolean; readonly sequence: number }
  'keys.reduce': Reduction & { readonly sequence: number }
  /**
   * `entries` in the order in which they were written; both lists are empty for a sequence that is no batch of this
   * store. `next`: the first of entries and then deleted keys that the reply did not come to. `missing` in place of
   * both: the batch was pruned, or has not been yet; `oldest` is the first that is kept. `piece`: what was asked of one
   * value.
   */
  'keys.batch': {
    readonly entries?: readonly KeyEntry[]
    readonly deleted?: readonly Uint8Array[]
    readonly next?: number
    readonly missing?: 'pruned' | 'notYet'
    readonly oldest?: number
    readonly piece?: Uint8Array
    readonly sequence: number
  }
  /**
   * `current`: the newest batch of this store, 0 before the first. `oldest`: the first whose entries are kept; absent
   * where none are. `rule`: what of the journal is kept.
   */
  'keys.position': {
    readonly current: number
    readonly oldest?: number
    readonly rule?: Retain
    readonly keyCount: number
    readonly sequence: number
  }
  /**
   * In the order of their sequences. `next` is where to go on, `sequence` how far it has seen: both move also where
   * nothing matched. `partial`: the reply ends inside a batch, which may go on in the next one. `more`: there is more
   * to look at already. `lost`: batches from `since`, or behind `from`, were pruned; `next` is then the place before
   * the oldest.
   */
  'keys.subscribe': {
    readonly frames: readonly KeyFrame[]
    readonly next: string
    readonly sequence: number
    readonly partial?: boolean
    readonly more?: boolean
    readonly lost?: boolean
    readonly oldest?: number
  }
  /** It goes on in the background: `keys.job` says how far it is. */
  'keys.prune': { readonly job: string }
  'keys.setRetention': { readonly job: string }
  /** Absent for one that is unknown, or ended long ago. */
  'keys.job': { readonly job?: PruneJob }
  /** How many were given, repeats counted. */
  'vectors.store': { readonly count: number }
  'vectors.delete': object
  'vectors.flush': object
  'vectors.configure': object
  /** In the order asked; `null` where there is none. */
  'vectors.get': { readonly items: readonly (Float32Array | null)[] }
  'vectors.ids': { readonly ids: readonly Uint64Text[]; readonly more: boolean }
  'vectors.status': {
    readonly count: number
    readonly bytes: number
    readonly dimension: number
    readonly durability: VectorDurability
  }
  /** Nearest first. */
  'vectors.search': { readonly results: readonly ScoredVector[] }
  'payloads.store': { readonly count: number }
  'payloads.delete': object
  'payloads.flush': object
  /** In the order asked; `null` where there is none: a payload that is `null` is `{ payload: null }`. */
  'payloads.get': { readonly items: readonly ({ readonly payload: Json } | { readonly json: string } | null)[] }
  'payloads.ids': { readonly ids: readonly Uint64Text[]; readonly more: boolean }
  'payloads.status': { readonly count: number; readonly bytes: number }
  'pages.allocate': { readonly page: PageNumber }
  'pages.write': object
  /** In the order of the memories. */
  'pages.store': { readonly pages: readonly PageNumber[] }
  'pages.update': object
  'pages.delete': object
  'pages.checkpoint': object
  'pages.read': { readonly kind: PageKind; readonly bytes: Uint8Array }
  'pages.load': { readonly memory?: MemoryNode; readonly page?: PageNumber; readonly expiresAt?: number }
  /** `damaged`: pages of that part whose bytes are not those that were written. `next`: where to go on. */
  'pages.scan': {
    readonly items: readonly { readonly id: string; readonly page: PageNumber }[]
    readonly damaged: readonly PageNumber[]
    readonly next?: PageNumber
  }
  'pages.status': { readonly pageCount: number; readonly freePages: number; readonly memoryCount: number }
  'tenant.usage': { readonly usage: TenantUsage }
}

/** What a command of a batch answers: the batch has one sequence. */
type BatchResult<Name extends BatchCommandName> = Name extends 'keys.put' | 'keys.delete' ? object : Results[Name]

export type ResultOf<Name extends BuiltName> = Results[Name]

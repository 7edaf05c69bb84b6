/** What users write; looser than what is stored: vectors of either sort, `Date`s, and fields that may be absent. */
import type { Embedder } from '@waggle/embedding'
import type {
  BatchCommandName,
  ChangeFilter,
  DecayConfig,
  ExperienceFilter,
  ExperienceType,
  InsightType,
  Neighbours,
  RelationDirection,
  RelationType,
  RestoredExperience,
  RestoredInsight,
  RestoredRelation,
  SearchWeights,
  TextLanguage,
} from '@waggle/protocol'

/** Finite, not all zero, of the collective's dimension; need not be normalised. */
export type EmbeddingInput = readonly number[] | Float32Array

/** A `Date` or epoch milliseconds. */
export type TimeInput = Date | number

export interface CollectiveInput {
  /** 1..255 bytes, not only white space. */
  readonly name: string
  /** 1..4096, the same for every embedding of the collective. */
  readonly dimension: number
  readonly owner?: string | undefined
  /** Makes embeddings where a caller gives none: an embedder, or the name of one (`hashing` needs nothing else). */
  readonly embedder?: Embedder | string | undefined
  /** In which texts are searched by their words (`english`): what a word's stem is, and which ones tell nothing. */
  readonly language?: TextLanguage | undefined
}

/** What changes; the rest stays. */
export interface CollectiveUpdateInput {
  readonly name?: string | undefined
  readonly owner?: string | undefined
  /** In place of all that was configured before; what it leaves out has the default. */
  readonly decay?: Loose<DecayConfig> | undefined
  readonly language?: TextLanguage | undefined
}

/** Only `content` is required, and `embedding` where the collective has no embedder. */
export interface ExperienceInput {
  readonly id?: string | undefined
  readonly content: string
  readonly embedding?: EmbeddingInput | undefined
  readonly type?: ExperienceType | undefined
  readonly importance?: number | undefined
  readonly confidence?: number | undefined
  readonly domain?: readonly string[] | undefined
  readonly relatedFiles?: readonly string[] | undefined
  readonly sourceAgent?: string | undefined
  readonly sourceTask?: string | undefined
  /** How long it is to be seen, milliseconds; absent: for ever. */
  readonly ttlMs?: number | undefined
}

export interface PatchInput {
  readonly importance?: number | undefined
  readonly confidence?: number | undefined
  readonly domain?: readonly string[] | undefined
  readonly relatedFiles?: readonly string[] | undefined
  readonly archived?: boolean | undefined
}

export type FilterInput = Loose<Omit<ExperienceFilter, 'since' | 'until'>> & {
  readonly since?: TimeInput | undefined
  readonly until?: TimeInput | undefined
}

/** Which changes a watcher sees: conditions on experiences, `entities` and `kinds`. */
export type ChangeFilterInput = FilterInput & Loose<Pick<ChangeFilter, 'entities' | 'kinds'>>

type Loose<Fields> = { readonly [Name in keyof Fields]?: Fields[Name] | undefined }

/** `['embedding']`: experiences come with their vectors. */
export interface IncludeInput {
  readonly include?: readonly 'embedding'[] | undefined
}

/** What to look for among experiences, and how what is found is ordered. */
export interface RecallInput extends IncludeInput {
  /** Found by meaning. Absent: made of the text by the collective's embedder, where it has one. */
  readonly embedding?: EmbeddingInput | undefined
  /** Found by its words, 1..10,240 bytes. With an embedding both count. */
  readonly text?: string | undefined
  /**
   * Each 0 or more, and together 1. Without `text` the weight of `similarity` is that of relevance, half of it of the
   * words where both are looked for. Absent: as the collective or the store is configured, else relevance alone.
   */
  readonly weights?: SearchWeights | undefined
  /** Records lend some of their relevance to those beside them in their task; `true`: 0.3 to the next, 0.1 back. */
  readonly neighbours?: boolean | Loose<Neighbours> | undefined
  /** 0..1: how much results are to differ from each other rather than to be the best; for 100 results at the most. */
  readonly diversity?: number | undefined
  /** Leaves out what scores lower, even where fewer than k are left. */
  readonly minScore?: number | undefined
  /** On the experiences. */
  readonly filter?: FilterInput | undefined
  /** When energy is measured; absent: now. */
  readonly now?: TimeInput | undefined
}

export interface SearchInput extends RecallInput {
  /** 1..1000, 10 when absent. */
  readonly k?: number | undefined
}

export interface ContextInput extends RecallInput {
  /** 1..1000, 20 when absent; of the insights, too. */
  readonly maxSimilar?: number | undefined
  /** 1..1000, 10 when absent. */
  readonly maxRecent?: number | undefined
  /** Each true when absent. */
  readonly includeInsights?: boolean | undefined
  readonly includeRelations?: boolean | undefined
  readonly includeActiveAgents?: boolean | undefined
}

export interface RecentInput extends IncludeInput {
  /** 1..1000, 10 when absent. */
  readonly limit?: number | undefined
  readonly filter?: FilterInput | undefined
}

/** One page of a list. */
export interface PageInput {
  /** 1..1000, 100 when absent; a page may be shorter when its records are large. */
  readonly limit?: number | undefined
  /** From the page before. */
  readonly cursor?: string | undefined
  /** How many to skip from the beginning, 0..1,000,000, instead of a cursor. */
  readonly offset?: number | undefined
}

export interface ListInput extends PageInput, IncludeInput {
  readonly filter?: FilterInput | undefined
}

export interface ColdInput {
  /** Energy below which an experience is cold, 0..1; absent: the floor that is configured. */
  readonly below?: number | undefined
  /** 1..1000, 10 when absent. */
  readonly limit?: number | undefined
  readonly now?: TimeInput | undefined
}

export interface RelationInput {
  readonly id?: string | undefined
  /** Two different experiences of the collective. */
  readonly source: string
  readonly target: string
  readonly type: RelationType
  /** 0..1, 1 when absent. */
  readonly strength?: number | undefined
  /** At most 10,240 bytes. */
  readonly metadata?: string | undefined
  /** How long it is to be seen, milliseconds; absent: for ever. */
  readonly ttlMs?: number | undefined
}

export interface RelatedInput extends IncludeInput {
  /** `both` when absent. */
  readonly direction?: RelationDirection | undefined
  readonly type?: RelationType | undefined
  readonly minStrength?: number | undefined
}

export interface PathsInput {
  readonly from: string
  /** Absent: a shortest path to each experience that can be reached. */
  readonly to?: string | undefined
  /** `outgoing` when absent. */
  readonly direction?: RelationDirection | undefined
  readonly types?: readonly RelationType[] | undefined
  readonly minStrength?: number | undefined
  /** Relations of a path, 1..8, 3 when absent. */
  readonly maxDepth?: number | undefined
  /** 1..1000, 10 when absent. */
  readonly limit?: number | undefined
  /** Relations that are looked at, 1..10,000, 1,000 when absent. */
  readonly budget?: number | undefined
}

/** `embedding` is required where the collective has no embedder. */
export interface InsightInput {
  readonly id?: string | undefined
  /** 1..51,200 bytes. */
  readonly content: string
  readonly embedding?: EmbeddingInput | undefined
  /** The evidence: 1..100 experiences of the collective. */
  readonly sources: readonly string[]
  readonly type: InsightType
  /** 0..1, 0.5 when absent. */
  readonly confidence?: number | undefined
  readonly domain?: readonly string[] | undefined
  /** How long it is to be seen, milliseconds; absent: for ever. */
  readonly ttlMs?: number | undefined
}

export interface InsightSearchInput extends IncludeInput {
  readonly embedding?: EmbeddingInput | undefined
  /** What the collective's embedder makes an embedding of, where none is given. */
  readonly text?: string | undefined
  /** 0..1000, 10 when absent. */
  readonly k?: number | undefined
}

export interface InsightListInput extends PageInput, IncludeInput {}

export interface ActivityInput {
  /** 1..255 bytes. */
  readonly agent: string
  /** At most 1,024 bytes each. */
  readonly task?: string | undefined
  readonly summary?: string | undefined
}

/** An experience as an export holds it. */
export type RestoreInput = Omit<RestoredExperience, 'embedding'> & { readonly embedding: EmbeddingInput }

/** An insight as an export holds it. */
export type RestoreInsightInput = Omit<RestoredInsight, 'embedding'> & { readonly embedding: EmbeddingInput }

/** What an export holds; at most 1000 of each. */
export interface RestoreManyInput {
  readonly experiences?: readonly RestoreInput[] | undefined
  readonly relations?: readonly RestoredRelation[] | undefined
  readonly insights?: readonly RestoreInsightInput[] | undefined
}

/** Bytes; a text stands for its UTF-8. */
export type BytesInput = Uint8Array | string

/** A whole number of 64 bits: a `bigint`, a safe integer, or its decimal digits. */
export type PointIdInput = bigint | number | string

interface IdInput {
  readonly id: string
}

interface LifetimeInput {
  readonly ttlMs?: number | undefined
}

interface CommandInputs {
  'experience.record': ExperienceInput
  'experience.update': IdInput & {
    readonly patch: PatchInput
    readonly ifVersion?: number | undefined
    /** `null` ends it. */
    readonly ttlMs?: number | null | undefined
  }
  'experience.archive': IdInput
  'experience.unarchive': IdInput
  'experience.delete': IdInput
  'experience.reinforce': IdInput
  'relation.create': RelationInput
  'relation.delete': IdInput
  'insight.store': InsightInput
  'insight.delete': IdInput
  'keys.put': LifetimeInput & { readonly entries: readonly (readonly [key: BytesInput, value: BytesInput])[] }
  'keys.delete': { readonly keys: readonly BytesInput[] }
  'vectors.store': LifetimeInput & {
    readonly items: readonly { readonly id: PointIdInput; readonly vector: EmbeddingInput }[]
  }
  'vectors.delete': { readonly ids: readonly PointIdInput[] }
  'payloads.store': LifetimeInput & {
    readonly items: readonly { readonly id: PointIdInput; readonly payload: unknown }[]
  }
  'payloads.delete': { readonly ids: readonly PointIdInput[] }
}

/** A write of a batch: the operation's name, and its fields beside it. */
export type BatchCommandInput = {
  [Name in BatchCommandName]: { readonly operation: Name } & CommandInputs[Name]
}[BatchCommandName]

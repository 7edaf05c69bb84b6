/** What users write; looser than what is stored: vectors of either sort, `Date`s, and fields that may be absent. */
import type { Embedder } from '@waggle/embedding'
import type { ExperienceFilter, ExperienceType, RestoredExperience } from '@waggle/protocol'

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
}

export interface PatchInput {
  readonly importance?: number | undefined
  readonly confidence?: number | undefined
  readonly domain?: readonly string[] | undefined
  readonly relatedFiles?: readonly string[] | undefined
  readonly archived?: boolean | undefined
}

export type FilterInput = {
  readonly [Name in Exclude<keyof ExperienceFilter, 'since' | 'until'>]?: ExperienceFilter[Name] | undefined
} & {
  readonly since?: TimeInput | undefined
  readonly until?: TimeInput | undefined
}

/** `['embedding']`: experiences come with their vectors. */
export interface IncludeInput {
  readonly include?: readonly 'embedding'[] | undefined
}

export interface SearchInput extends IncludeInput {
  readonly embedding?: EmbeddingInput | undefined
  /** Embedded by the collective's embedder where no embedding is given. */
  readonly text?: string | undefined
  /** 1..1000, 10 when absent. */
  readonly k?: number | undefined
  readonly filter?: FilterInput | undefined
}

export interface RecentInput extends IncludeInput {
  /** 1..1000, 10 when absent. */
  readonly limit?: number | undefined
  readonly filter?: FilterInput | undefined
}

export interface ListInput extends IncludeInput {
  /** 1..1000, 100 when absent; a page may be shorter when its records are large. */
  readonly limit?: number | undefined
  /** From the page before. */
  readonly cursor?: string | undefined
  readonly filter?: FilterInput | undefined
}

/** An experience as an export holds it. */
export type RestoreInput = Omit<RestoredExperience, 'embedding'> & { readonly embedding: EmbeddingInput }

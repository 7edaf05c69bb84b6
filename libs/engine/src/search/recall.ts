/**
 * Experiences by meaning, by words, or by both: filtered, weighed, and exactly k when k match (P7). By words alone
 * those match that share one with the question.
 *
 * S1  A part that was not asked for, or weighs nothing, is not looked at: an embedding alone is answered by the vectors
 *     alone, and its score is the similarity, or what similarity and energy weigh over the whole collective.
 * S2  Both parts find and count only what meets the conditions.
 * S3  The least score and diversity look at scores as they are; only then k are taken.
 */
import { present, type Histogram, type SpanAttributes } from '@waggle/kernel'
import {
  limits,
  type Collective,
  type ExperienceFilter,
  type ExperienceId,
  type Neighbours,
  type SearchHit,
  type SearchWeights,
} from '@waggle/protocol'
import type { Indexes, IndexName } from '../index/collective-indexes.ts'
import type { Conditions, Ranking, VectorHint, VectorQuery } from '../index/vector-index.ts'
import { decayOf } from '../memory/experience/energy.ts'
import { shown } from '../memory/experience/experience-queries.ts'
import { readEmbedding, readExperience } from '../memory/experience/experience-rows.ts'
import type { EngineSettings } from '../settings.ts'
import { diversified } from './diversity.ts'
import { fuse, type Figures } from './fusion.ts'
import type { Moment } from './moment.ts'
import { partWeights, type PartWeights, type Sought } from './weights.ts'

/** Of each part, where there are so many: beyond it nothing was found that a question needed (ADR 0029). */
const CANDIDATES = 100

/** What diversity chooses from: some 10 ms for the most results of 384 dimensions (measured). */
const DIVERSITY_POOL = 2 * limits.DIVERSE_RESULTS_MAX

export interface RecallQuery extends Sought {
  readonly k: number
  readonly filter?: ExperienceFilter | undefined
  readonly weights?: SearchWeights
  readonly neighbours?: Neighbours | undefined
  readonly diversity?: number
  readonly minScore?: number
  readonly include: readonly 'embedding'[]
}

/** What a recall takes from where and when it happens. */
export interface RecallSettings {
  readonly settings: EngineSettings
  /** When energy is measured. */
  readonly nowMs: number
  /** Of the reading: what has expired by then is not there. */
  readonly atMs: number
  /** Takes how many vectors were looked among: those that a graph named, else all. */
  readonly candidates: Histogram
}

type RecallIndexes = Pick<Indexes, 'experience'> & Partial<Indexes>
type Hit = Omit<SearchHit, 'experience'> & { readonly id: ExperienceId }

export class Recall {
  readonly #query: RecallQuery
  readonly #settings: EngineSettings
  readonly #nowMs: number
  readonly #candidates: Histogram
  readonly #conditions: Conditions
  #hint: VectorHint | undefined

  constructor(query: RecallQuery, { settings, nowMs, atMs, candidates }: RecallSettings) {
    this.#query = query
    this.#settings = settings
    this.#nowMs = nowMs
    this.#candidates = candidates
    this.#conditions = { filter: query.filter ?? {}, atMs }
  }

  /** The indexes that it looks at. */
  get tables(): readonly IndexName[] {
    const { text, neighbours } = this.#query
    return [
      'experience',
      ...(text === undefined ? [] : (['text'] as const)),
      ...(neighbours === undefined ? [] : (['session'] as const)),
    ]
  }

  /** What it has to wait for before it can run. */
  async prepare({ experience }: RecallIndexes, collective: Collective): Promise<void> {
    const { vectors } = this.#plan(collective)
    if (vectors !== undefined) this.#hint = await experience.prepare?.(vectors)
  }

  /** The k best, best first. */
  run(indexes: RecallIndexes, moment: Moment): readonly SearchHit[] {
    const { state, scope, collective } = moment
    const { minScore, include } = this.#query
    const found = this.#ranked(indexes, this.#plan(collective))
    const hits = minScore === undefined ? found : found.filter(({ score }) => score >= minScore)
    return this.#taken(hits, moment).map(({ id, ...figures }) => {
      const row = present(readExperience(state, scope, id), 'experience of the index')
      return { experience: shown(state, scope, collective.id, row, include.length > 0), ...figures }
    })
  }

  /** How it looked, for whoever traces it: rows that were compared, exactly or as a graph proposed them. */
  figures({ experience }: RecallIndexes, { length: results }: readonly SearchHit[]): SpanAttributes {
    const among = this.#hint?.rows.length
    return {
      'waggle.search.tier': among === undefined ? 'exact' : 'graph',
      'waggle.search.candidates': among ?? experience.size,
      'waggle.search.results': results,
    }
  }

  /** S3. */
  #taken(hits: readonly Hit[], { state, scope }: Moment): readonly Hit[] {
    const { k, diversity = 0 } = this.#query
    if (diversity === 0) return hits.slice(0, k)
    const vectorOf = ({ id }: Hit): Float32Array => present(readEmbedding(state, scope, id), 'embedding of the index')
    return diversified(hits.slice(0, DIVERSITY_POOL), { k, diversity, vectorOf })
  }

  #plan(collective: Collective): Plan {
    const { embedding, text, neighbours, k, diversity = 0 } = this.#query
    const weights = partWeights(this.#query.weights, this.#query, collective, this.#settings)
    // S1
    const looksAtWords = text !== undefined && (weights.text > 0 || embedding === undefined)
    const looksAtVectors = embedding !== undefined && (weights.similarity > 0 || !looksAtWords)
    const wanted = diversity === 0 ? k : Math.max(k, DIVERSITY_POOL)
    const isPlain =
      looksAtVectors !== looksAtWords && neighbours === undefined && (looksAtVectors || weights.energy === 0)
    const ranking = weights.energy === 0 ? undefined : this.#ranking(weights, collective)
    const count = isPlain ? wanted : Math.max(wanted, CANDIDATES)
    return {
      ...{ wanted, weights, isPlain, ranking },
      vectors: looksAtVectors
        ? {
            ...{ embedding, k: count, conditions: this.#conditions },
            ...(isPlain && ranking !== undefined ? { ranking } : {}),
          }
        : undefined,
      words: looksAtWords ? { text, k: count } : undefined,
    }
  }

  #ranking({ similarity, text, energy }: PartWeights, collective: Collective): Ranking {
    const weights = { similarity: similarity + text, energy }
    return { weights, decay: decayOf(collective, this.#settings), nowMs: this.#nowMs }
  }

  /** At least as many as are wanted, best first, where so many match. */
  #ranked(indexes: RecallIndexes, plan: Plan): readonly Hit[] {
    if (!plan.isPlain) return this.#fused(indexes, plan)
    const { vectors, words } = plan
    if (vectors !== undefined) return this.#nearest(indexes, vectors)
    return this.#worded(indexes, present(words, 'a part of the question')).map(({ id, score }) => ({
      ...{ id, bm25: score, score },
    }))
  }

  #fused(indexes: RecallIndexes, { vectors, words, ranking, weights, wanted }: Plan): readonly Hit[] {
    const idOf = ({ id }: { readonly id: ExperienceId }): ExperienceId => id
    const near = vectors === undefined ? [] : this.#nearest(indexes, vectors).map(idOf)
    const worded = words === undefined ? [] : this.#worded(indexes, words).map(idOf)
    const isAliveToo = vectors !== undefined && ranking !== undefined
    const alive = isAliveToo ? indexes.experience.search({ ...vectors, ranking }).map(idOf) : []
    return fuse(this.#figures(indexes, { vectors, words, ranking }), {
      relevant: [...near, ...worded],
      alive,
      weights,
      neighbours: this.#query.neighbours,
      k: wanted,
    })
  }

  #figures(
    { experience, text, session }: RecallIndexes,
    { vectors, words, ranking }: Pick<Plan, 'vectors' | 'words' | 'ranking'>,
  ): Figures {
    const isFound = experience.matching(this.#conditions)
    const similarityOf = vectors && experience.similarityTo(vectors.embedding)
    const { neighbours } = this.#query
    const matching = (id: ExperienceId | undefined) => (id !== undefined && isFound(id) ? id : undefined)
    return {
      similarity: similarityOf && ((id) => present(similarityOf(id), 'candidate of the index')),
      bm25: words && ((ids) => present(text, 'index of the words').score(words.text, ids)),
      energy: ranking && ((id) => experience.energy(id, ranking)),
      beside: (id) => {
        const { before, after } = present(session, 'order of the sessions').beside(id, neighbours?.sameAgent ?? false)
        return { before: matching(before), after: matching(after) }
      },
    }
  }

  #nearest({ experience }: RecallIndexes, query: VectorQuery): readonly Hit[] {
    this.#candidates.record(this.#hint?.rows.length ?? experience.size)
    return experience.search(this.#hint === undefined ? query : { ...query, hint: this.#hint })
  }

  /** S2. */
  #worded({ experience, text }: RecallIndexes, { text: question, k }: Words) {
    const accept = experience.matching(this.#conditions)
    return present(text, 'index of the words').search({ text: question, k, accept })
  }
}

/** How the parts of a question are looked at. */
interface Plan {
  /** Hits, before a least score and diversity have their say. */
  readonly wanted: number
  readonly weights: PartWeights
  /** One part alone gives hits as they are. */
  readonly isPlain: boolean
  readonly ranking: Ranking | undefined
  readonly vectors: VectorQuery | undefined
  readonly words: Words | undefined
}

interface Words {
  readonly text: string
  readonly k: number
}

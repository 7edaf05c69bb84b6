/** Experiences by meaning: filtered, weighed over the whole collective, and exactly k when k match (P7). */
import { present } from '@waggle/kernel'
import type { Collective, ExperienceFilter, ExperienceId, RecallWeights, SearchHit } from '@waggle/protocol'
import type { Ranking, VectorIndex } from '../index/vector-index.ts'
import { decayOf } from '../memory/experience/energy.ts'
import { shown } from '../memory/experience/experience-queries.ts'
import { readExperience } from '../memory/experience/experience-rows.ts'
import type { EngineSettings } from '../settings.ts'
import type { Moment } from './moment.ts'

export interface Recall {
  readonly embedding: Float32Array
  readonly k: number
  readonly filter?: ExperienceFilter
  readonly weights?: RecallWeights
  readonly include: readonly 'embedding'[]
}

/** What a recall takes from where and when it happens. */
export interface RecallSettings {
  readonly settings: EngineSettings
  /** When energy is measured. */
  readonly nowMs: number
  /** Of the reading: what has expired by then is not there. */
  readonly atMs: number
}

/** The k best, best first. */
export const recall = (
  index: VectorIndex,
  { state, scope, collective }: Moment,
  { embedding, k, filter = {}, weights, include }: Recall,
  when: RecallSettings,
): readonly SearchHit[] => {
  const ranking = rankingOf(weights, collective, when)
  const conditions = { filter, atMs: when.atMs }
  const hits = index.search({ embedding, k, conditions, ...(ranking === undefined ? {} : { ranking }) })
  return hits.map(({ id, ...figures }) => {
    const row = present(readExperience(state, scope, id as ExperienceId), 'experience of the index')
    return { experience: shown(state, scope, collective.id, row, include.length > 0), ...figures }
  })
}

/** Weights of the request, else of the collective, else of the store; without weight on energy there is no ranking. */
const rankingOf = (
  asked: RecallWeights | undefined,
  collective: Collective,
  { settings, nowMs }: RecallSettings,
): Ranking | undefined => {
  const weights = asked ?? collective.decay?.weights ?? settings.decay.weights
  if (weights === undefined || weights.energy === 0) return undefined
  return { weights, decay: decayOf(collective, settings), nowMs }
}

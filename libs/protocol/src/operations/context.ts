import { optional, withDefault } from '../schema/decoder.ts'
import { embedding } from '../schema/embedding.ts'
import { boolean, time, uuid } from '../schema/values.ts'
import { experienceFilter, include, recallWeights } from './experience-fields.ts'
import { operation } from './operation.ts'
import { resultCount } from './page-fields.ts'

/** PulseDB's defaults. */
const SIMILAR_DEFAULT = 20
const RECENT_DEFAULT = 10

export const contextOperations = {
  'context.get': operation('read', {
    collective: uuid,
    maxSimilar: withDefault(resultCount, SIMILAR_DEFAULT),
    maxRecent: withDefault(resultCount, RECENT_DEFAULT),
    embedding,
    includeInsights: withDefault(boolean, true),
    includeRelations: withDefault(boolean, true),
    includeActiveAgents: withDefault(boolean, true),
    filter: optional(experienceFilter),
    weights: optional(recallWeights),
    now: optional(time),
    include,
  }),
} as const

import { withDefault } from '../schema/decoder.ts'
import { boolean, uuid } from '../schema/values.ts'
import { operation, withEither } from './operation.ts'
import { resultCount } from './page-fields.ts'
import { searchFields, SOUGHT } from './search-fields.ts'

/** PulseDB's defaults. */
const SIMILAR_DEFAULT = 20
const RECENT_DEFAULT = 10

export const contextOperations = {
  'context.get': withEither(
    operation('read', {
      collective: uuid,
      maxSimilar: withDefault(resultCount, SIMILAR_DEFAULT),
      maxRecent: withDefault(resultCount, RECENT_DEFAULT),
      ...searchFields,
      includeInsights: withDefault(boolean, true),
      includeRelations: withDefault(boolean, true),
      includeActiveAgents: withDefault(boolean, true),
    }),
    SOUGHT,
  ),
} as const

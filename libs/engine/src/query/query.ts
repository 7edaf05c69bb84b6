/** Reads: they see one moment of the applied state, never what is only staged. */
import type { ReadName } from '@waggle/protocol'
import { feedQueries } from '../batch-store/feed/feed-queries.ts'
import { keyQueries } from '../batch-store/key-queries.ts'
import { pruneQueries } from '../batch-store/prune/prune-queries.ts'
import { reduceQueries } from '../batch-store/reduce/reduce-queries.ts'
import { activityQueries } from '../memory/activity/activity-queries.ts'
import { collectiveQueries } from '../memory/collective/collective-queries.ts'
import { energyQueries } from '../memory/experience/energy-queries.ts'
import { experienceQueries } from '../memory/experience/experience-queries.ts'
import { insightQueries } from '../memory/insight/insight-queries.ts'
import { relationQueries } from '../memory/relation/relation-queries.ts'
import { usageQueries } from '../memory/collective/usage-queries.ts'
import { pageQueries } from '../page-store/page-queries.ts'
import { contextQueries } from '../search/context.ts'
import { insightSearchQueries } from '../search/insight-search.ts'
import { searchQueries } from '../search/search.ts'
import { payloadQueries } from '../vector-store/payload-queries.ts'
import { vectorQueries } from '../vector-store/vector-queries.ts'
import { watchQueries } from '../watch/watch-queries.ts'
import type { Queries, Query, QueryContext } from './querier.ts'

const queries: Queries = {
  ...collectiveQueries,
  ...usageQueries,
  ...experienceQueries,
  ...energyQueries,
  ...relationQueries,
  ...insightQueries,
  ...activityQueries,
  ...searchQueries,
  ...insightSearchQueries,
  ...contextQueries,
  ...watchQueries,
  ...keyQueries,
  ...feedQueries,
  ...pruneQueries,
  ...reduceQueries,
  ...vectorQueries,
  ...payloadQueries,
  ...pageQueries,
}

/** Answers a read, at once where it waits for nothing. @throws Fault when it is refused */
export const query = (name: ReadName, fields: unknown, context: QueryContext): unknown =>
  (queries[name] as Query<unknown, unknown>)(fields, context)

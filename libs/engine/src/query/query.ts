/** Reads: they see one moment of the applied state, never what is only staged. */
import type { ReadName } from '@waggle/protocol'
import { activityQueries } from '../memory/activity/activity-queries.ts'
import { collectiveQueries } from '../memory/collective/collective-queries.ts'
import { energyQueries } from '../memory/experience/energy-queries.ts'
import { experienceQueries } from '../memory/experience/experience-queries.ts'
import { insightQueries } from '../memory/insight/insight-queries.ts'
import { relationQueries } from '../memory/relation/relation-queries.ts'
import { usageQueries } from '../memory/collective/usage-queries.ts'
import { contextQueries } from '../search/context.ts'
import { insightSearchQueries } from '../search/insight-search.ts'
import { searchQueries } from '../search/search.ts'
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
}

/** Answers a read. @throws Fault when it is refused */
export const query = async (name: ReadName, fields: unknown, context: QueryContext): Promise<unknown> =>
  (queries[name] as Query<unknown, unknown>)(fields, context)

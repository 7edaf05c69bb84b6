/** Reads: they see one moment of the applied state, never what is only staged. */
import type { ReadName } from '@waggle/protocol'
import { collectiveQueries } from '../memory/collective-queries.ts'
import { experienceQueries } from '../memory/experience-queries.ts'
import { searchQueries } from '../search/search.ts'
import type { Queries, Query, QueryContext } from './querier.ts'

const queries: Queries = { ...collectiveQueries, ...experienceQueries, ...searchQueries }

/** Answers a read. @throws Fault when it is refused */
export const query = async (name: ReadName, fields: unknown, context: QueryContext): Promise<unknown> =>
  (queries[name] as Query<unknown, unknown>)(fields, context)

/** Reads: they see one moment of the applied state, never what is only staged. */
import type { Generation, ReadName, RequestOf, ResultOf, TenantId } from '@waggle/protocol'
import type { CollectiveIndexes } from '../index/collective-indexes.ts'
import { collectiveQueries } from '../memory/collective-queries.ts'
import { experienceQueries } from '../memory/experience-queries.ts'
import { searchQueries } from '../search/search.ts'
import type { Reading } from './applied-state.ts'

export interface QueryContext {
  readonly reading: Reading
  readonly indexes: CollectiveIndexes
  readonly tenant: TenantId
  readonly generation: Generation
}

/** @throws Fault when the query is refused */
export type Query<Fields, Result> = (fields: Fields, context: QueryContext) => Promise<Result> | Result

export type Queries = { readonly [Name in ReadName]: Query<RequestOf<Name>, ResultOf<Name>> }

const queries: Queries = { ...collectiveQueries, ...experienceQueries, ...searchQueries }

/** Answers a read. @throws Fault when it is refused */
export const query = async (name: ReadName, fields: unknown, context: QueryContext): Promise<unknown> =>
  (queries[name] as Query<unknown, unknown>)(fields, context)

/** What every read sees and answers; `query.ts` has the table of them. */
import type { Histogram, Span, Timers } from '@waggle/kernel'
import type { Generation, ReadName, RequestOf, ResultOf, TenantId } from '@waggle/protocol'
import type { RegexCache } from '../batch-store/regex/regex-cache.ts'
import type { CollectiveIndexes } from '../index/collective-indexes.ts'
import type { EngineSettings } from '../settings.ts'
import type { PointIndexes } from '../vector-store/point-indexes.ts'
import type { Reading } from './applied-state.ts'

export interface QueryContext {
  readonly reading: Reading
  readonly indexes: CollectiveIndexes
  readonly points: PointIndexes
  readonly tenant: TenantId
  readonly generation: Generation
  /** Time of the query, unless it names one: the host's clock, never before the newest record. */
  readonly nowMs: number
  readonly settings: EngineSettings
  /** A read with much to compute lets others have their turn (P11). */
  readonly timers: Pick<Timers, 'yield'>
  readonly regexes: RegexCache
  /** Takes how many vectors a search looked among. */
  readonly candidates: Histogram
  /** Of the read: what it took to answer is told there. */
  readonly span: Span
}

/** @throws Fault when the query is refused */
export type Query<Fields, Result> = (fields: Fields, context: QueryContext) => Promise<Result> | Result

export type Queries = { readonly [Name in ReadName]: Query<RequestOf<Name>, ResultOf<Name>> }

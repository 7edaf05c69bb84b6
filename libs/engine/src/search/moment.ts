/** One moment of a collective: its state, and the indexes that stand exactly there. */
import { checkVector, type Collective, type CollectiveId } from '@waggle/protocol'
import type { Indexes, IndexName } from '../index/collective-indexes.ts'
import { knownCollective } from '../memory/collective/collective-commands.ts'
import type { QueryContext } from '../query/querier.ts'
import type { Scope } from '../state/keyspace.ts'
import type { StoreReader } from '../store/key-value-store.ts'

export interface Moment {
  /** Readable until the query ends; the indexes are only until the search does. */
  readonly state: StoreReader
  readonly scope: Scope
  readonly collective: Collective
}

interface Search<Name extends IndexName> {
  readonly collective: CollectiveId
  /** Absent where the search is by words alone. */
  readonly embedding: Float32Array | undefined
  readonly tables: readonly Name[]
  /** What has to be waited for first; the indexes may change under it. */
  readonly prepare?: (indexes: Pick<Indexes, Name>, collective: Collective) => Promise<unknown>
}

/**
 * Runs `search` at the newest moment, to which the reading moves on. It must not wait: index and state are of one
 * moment for this turn alone.
 * @throws Fault `NOT_FOUND`, `DIMENSION_MISMATCH` and what else `checkVector` refuses, `CORRUPT`
 */
export const atNewestMoment = async <Name extends IndexName, Result extends object>(
  { collective: id, embedding, tables, prepare }: Search<Name>,
  { reading, tenant, indexes }: Pick<QueryContext, 'reading' | 'tenant' | 'indexes'>,
  search: (moment: Moment, indexes: Pick<Indexes, Name>) => Result,
): Promise<Result> => {
  for (;;) {
    const stored = knownCollective(reading.state, tenant, id)
    if (embedding !== undefined) checkVector(embedding, stored.collective.dimension, 'embedding')
    const atMoment = (ready: Pick<Indexes, Name>): Result => {
      reading.renew()
      const { collective, scope } = knownCollective(reading.state, tenant, id)
      return search({ state: reading.state, collective, scope }, ready)
    }
    const prepared = prepare && (async (ready: Pick<Indexes, Name>) => prepare(ready, stored.collective))
    const found = await indexes.use(stored, reading.state, tables, atMoment, prepared)
    if (found !== undefined) return found
    reading.renew()
  }
}

/** One moment of a collective: its state, and the indexes that stand exactly there. */
import { checkVector, type Collective, type CollectiveId } from '@waggle/protocol'
import type { IndexTable } from '../index/index-change.ts'
import type { VectorIndex } from '../index/vector-index.ts'
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

interface Search {
  readonly collective: CollectiveId
  readonly embedding: Float32Array
  readonly tables: readonly IndexTable[]
}

/**
 * Runs `search` at the newest moment, to which the reading moves on. It must not wait: index and state are of one
 * moment for this turn alone.
 * @throws Fault `NOT_FOUND`, `DIMENSION_MISMATCH` and what else `checkVector` refuses, `CORRUPT`
 */
export const atNewestMoment = async <Result extends object>(
  { collective: id, embedding, tables }: Search,
  { reading, tenant, indexes }: Pick<QueryContext, 'reading' | 'tenant' | 'indexes'>,
  search: (moment: Moment, indexes: readonly VectorIndex[]) => Result,
): Promise<Result> => {
  for (;;) {
    const stored = knownCollective(reading.state, tenant, id)
    checkVector(embedding, stored.collective.dimension, 'embedding')
    const found = await indexes.use(stored, reading.state, tables, (ready) => {
      reading.renew()
      const { collective, scope } = knownCollective(reading.state, tenant, id)
      return search({ state: reading.state, collective, scope }, ready)
    })
    if (found !== undefined) return found
    reading.renew()
  }
}

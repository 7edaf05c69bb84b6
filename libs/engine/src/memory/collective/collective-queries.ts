/** Reads of collectives. */
import { requiredField, type Collective, type CollectiveStats } from '@waggle/protocol'
import type { Queries } from '../../query/querier.ts'
import { orderPrefix, positionOfOrderKey, type Scope } from '../../state/keyspace.ts'
import type { StoreReader } from '../../store/key-value-store.ts'
import { prefixRange } from '../../store/prefix-range.ts'
import { collectiveOfName, knownCollective } from './collective-commands.ts'
import { readCollective, scanCollectives } from './collective-rows.ts'
import { readTotals } from './totals.ts'

type CollectiveQueries = Pick<Queries, 'collective.get' | 'collective.list' | 'collective.stats'>

export const collectiveQueries: CollectiveQueries = {
  'collective.get'({ collective: id, name }, { reading: { state }, tenant }) {
    if (id === undefined && name === undefined) throw requiredField('collective')
    const stored =
      id === undefined ? collectiveOfName(state, tenant, name as string) : readCollective(state, tenant, id)
    return stored === undefined ? {} : { collective: stored.collective }
  },

  /** Oldest first, ties by id. */
  async 'collective.list'({ owner }, { reading: { state }, tenant }) {
    const items: Collective[] = []
    for await (const { collective } of scanCollectives(state, tenant))
      if (owner === undefined || collective.owner === owner) items.push(collective)
    return { items: items.sort((left, right) => left.createdAt - right.createdAt || compareIds(left, right)) }
  },

  async 'collective.stats'({ collective: id }, { reading: { state }, tenant }) {
    const { scope } = knownCollective(state, tenant, id)
    const oldest = await edgeOfOrder(state, scope, false)
    const newest = await edgeOfOrder(state, scope, true)
    const stats: CollectiveStats = {
      ...readTotals(state, scope),
      ...(oldest === undefined ? {} : { oldestExperience: oldest }),
      ...(newest === undefined ? {} : { newestExperience: newest }),
    }
    return { stats }
  },
}

const compareIds = (left: Collective, right: Collective): number => (left.id < right.id ? -1 : 1)

/** `createdAt` of the first or last experience. */
const edgeOfOrder = async (reader: StoreReader, scope: Scope, reverse: boolean): Promise<number | undefined> => {
  for await (const key of reader.scanKeys({ ...prefixRange(orderPrefix(scope)), reverse, limit: 1 }))
    return positionOfOrderKey(key).createdAt
  return undefined
}

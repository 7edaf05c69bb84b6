/** Reads of collectives. */
import type { Uuid } from '@waggle/kernel'
import { requiredField, type Collective, type CollectiveStats } from '@waggle/protocol'
import { mayExpire } from '../../expiry/expiry-rows.ts'
import type { Queries } from '../../query/querier.ts'
import { orderPrefix, positionOfOrderKey, type Scope } from '../../state/keyspace.ts'
import { decodeRow } from '../../state/rows.ts'
import type { StoreReader } from '../../store/key-value-store.ts'
import { prefixRange } from '../../store/prefix-range.ts'
import { collectiveOfName, knownCollective } from './collective-commands.ts'
import { readCollective, scanCollectives } from './collective-rows.ts'
import { isLiveExperience } from '../experience/experience-rows.ts'
import { liveTotals } from './totals.ts'

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

  async 'collective.stats'({ collective: id }, { reading: { state }, tenant, nowMs }) {
    const { scope } = knownCollective(state, tenant, id)
    const oldest = await edgeOfOrder(state, scope, { reverse: false, nowMs })
    const newest = await edgeOfOrder(state, scope, { reverse: true, nowMs })
    const stats: CollectiveStats = {
      ...(await liveTotals(state, scope, nowMs)),
      ...(oldest === undefined ? {} : { oldestExperience: oldest }),
      ...(newest === undefined ? {} : { newestExperience: newest }),
    }
    return { stats }
  },
}

const compareIds = (left: Collective, right: Collective): number => (left.id < right.id ? -1 : 1)

/** `createdAt` of the first or last experience. */
const edgeOfOrder = async (
  reader: StoreReader,
  scope: Scope,
  { reverse, nowMs }: { readonly reverse: boolean; readonly nowMs: number },
): Promise<number | undefined> => {
  const range = { ...prefixRange(orderPrefix(scope)), reverse }
  if (mayExpire(reader, scope, 'experience')) {
    for await (const [key, id] of reader.scan(range))
      if (isLiveExperience(reader, scope, decodeRow(id)[0] as Uuid, nowMs)) return positionOfOrderKey(key).createdAt
    return undefined
  }
  for await (const key of reader.scanKeys({ ...range, limit: 1 })) return positionOfOrderKey(key).createdAt
  return undefined
}

/** Reads of vectors. */
import { float32FromBytes, type Uint64Text } from '@waggle/protocol'
import { knownCollective } from '../memory/collective/collective-commands.ts'
import { sizeOnWire } from '../memory/pages.ts'
import type { Queries } from '../query/querier.ts'
import { ReplyRoom } from '../query/reply-room.ts'
import type { Scope } from '../state/keyspace.ts'
import type { StateView } from '../state/overlay.ts'
import { LOOK_UP_STEPS } from './payload-queries.ts'
import { livePointCount, pageOfIds, readDurability, readPoint, vectorTable } from './point-rows.ts'
import { searchPoints } from './point-search.ts'
import { Turns } from './turns.ts'

type VectorQueries = Pick<Queries, 'vectors.get' | 'vectors.ids' | 'vectors.status' | 'vectors.search'>

export const vectorQueries: VectorQueries = {
  /** @throws Fault `RESULT_TOO_LARGE` */
  async 'vectors.get'({ collective: id, ids }, { reading: { state }, tenant, timers, nowMs }) {
    const { scope, collective } = knownCollective(state, tenant, id)
    const room = new ReplyRoom()
    const turns = new Turns(timers)
    const items: (Float32Array | null)[] = []
    for (const point of ids) {
      const vector = readVector(state, scope, point, nowMs)
      if (vector !== undefined) room.take(sizeOnWire({ embedding: vector }))
      items.push(vector ?? null)
      const pause = turns.spend(LOOK_UP_STEPS + collective.dimension)
      if (pause !== undefined) await pause
    }
    return { items }
  },

  async 'vectors.ids'({ collective, ...page }, { reading: { state }, tenant, nowMs }) {
    const { scope } = knownCollective(state, tenant, collective)
    return pageOfIds(state, scope, vectorTable, page, nowMs)
  },

  async 'vectors.status'({ collective: id }, { reading: { state }, tenant, nowMs }) {
    const { scope, collective } = knownCollective(state, tenant, id)
    const { dimension } = collective
    const count = await livePointCount(state, scope, vectorTable, nowMs)
    return { ...count, dimension, durability: readDurability(state, scope) }
  },

  'vectors.search': searchPoints,
}

const readVector = (state: StateView, scope: Scope, id: Uint64Text, atMs: number): Float32Array | undefined => {
  const bytes = readPoint(state, scope, vectorTable, { id, atMs })
  return bytes === undefined ? undefined : float32FromBytes(bytes)
}

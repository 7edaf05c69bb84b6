/** Reads of payloads. */
import { utf8Size } from '@waggle/kernel'
import { invalidField, isJsonWithin, limits, type Json, type Uint64Text } from '@waggle/protocol'
import { knownCollective } from '../memory/collective/collective-commands.ts'
import type { Queries } from '../query/querier.ts'
import { ReplyRoom } from '../query/reply-room.ts'
import { livePointCount, pageOfIds, payloadTable, readPayload } from './point-rows.ts'
import { Turns } from './turns.ts'

export const payloadQueries: Pick<Queries, 'payloads.get' | 'payloads.ids' | 'payloads.status'> = {
  /** @throws Fault `RESULT_TOO_LARGE` */
  async 'payloads.get'({ collective, ids, as }, { reading: { state }, tenant, timers, nowMs }) {
    const { scope } = knownCollective(state, tenant, collective)
    const room = new ReplyRoom()
    const turns = new Turns(timers)
    const items: ({ readonly payload: Json } | { readonly json: string } | null)[] = []
    for (const id of ids) {
      const json = readPayload(state, scope, id, nowMs)
      if (json === undefined) items.push(null)
      else if (as === 'json') {
        room.take(bytesOfText(json))
        items.push({ json })
      } else {
        room.take(utf8Size(json) * VALUE_BYTES_PER_BYTE)
        items.push({ payload: payloadOf(id, json) })
      }
      const pause = turns.spend(LOOK_UP_STEPS + (json?.length ?? 0) * STEPS_PER_CHARACTER)
      if (pause !== undefined) await pause
    }
    return { items }
  },

  async 'payloads.ids'({ collective, ...page }, { reading: { state }, tenant, nowMs }) {
    const { scope } = knownCollective(state, tenant, collective)
    return pageOfIds(state, scope, payloadTable, page, nowMs)
  },

  'payloads.status'({ collective }, { reading: { state }, tenant, nowMs }) {
    const { scope } = knownCollective(state, tenant, collective)
    return livePointCount(state, scope, payloadTable, nowMs)
  },
}

/** A read of a row, in steps of a turn: some microseconds. */
export const LOOK_UP_STEPS = 5_000

/** What it takes to parse a text, in steps of a turn. */
export const STEPS_PER_CHARACTER = 10

/** What a JSON text takes inside JSON, the larger of both encodings: its quotes are written with a backslash. */
export const bytesOfText = (json: string): number => utf8Size(JSON.stringify(json))

/** A number of three digits and its comma is nine bytes of MessagePack at the worst. */
const VALUE_BYTES_PER_BYTE = 9 / 4

/** Around a payload stand its item, their list and the reply. */
const DEPTH_MAX = limits.BODY_DEPTH_MAX - 3

/** @throws Fault `INVALID_FIELD` for a payload that no body can carry as a value */
const payloadOf = (id: Uint64Text, json: string): Json => {
  if (!isJsonWithin(json, DEPTH_MAX))
    throw invalidField('as', 'json, for a payload is nested too deeply for a value', { id, limit: DEPTH_MAX })
  return JSON.parse(json) as Json
}

/** What a compactor asks of a shard's leader: one request to the subject of its epoch. */
import { encodeInternalRequest, INTERNAL_HEADER, upkeepSubject, type InternalRequest } from '@waggle/protocol'
import type { Bus } from '../nats/bus.ts'
import { headersOf } from '../nats/headers.ts'
import type { Leader } from './prune-schedule.ts'

/** A leader serves its clients first. */
const ASK_TIMEOUT_MS = 10_000

/** The bytes of the reply. @throws what the client throws when nobody answers */
export const askLeader = async (
  connection: Bus,
  { shard, epoch }: Leader,
  request: InternalRequest,
  timeoutMs = ASK_TIMEOUT_MS,
): Promise<Uint8Array> => {
  const reply = await connection.request(upkeepSubject(shard, epoch), undefined, {
    timeout: timeoutMs,
    headers: headersOf([[INTERNAL_HEADER, encodeInternalRequest(request)]]),
  })
  return reply.data
}

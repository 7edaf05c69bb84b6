/** What a compactor may ask of a shard's leader: the leader decides it, in the log. */
import type { Engine } from '@waggle/engine'
import { SYSTEM_TENANT, type InternalRequest } from '@waggle/protocol'
import type { Replica } from '../replica/replica.ts'

/** What of a leader's replica takes part. */
type Upheld = Pick<Replica, 'engine'> & { readonly checkpoints: Pick<Replica['checkpoints'], 'take'> }

type UpkeepResult = Readonly<Record<string, unknown>>

/** @throws Fault that the step was answered with, such as `BUSY`; asking again goes on there */
export const upkeep = async ({ engine, checkpoints }: Upheld, request: InternalRequest): Promise<UpkeepResult> => {
  switch (request.kind) {
    case 'pruneJournals':
      return { ...(await engine.pruneJournals(request.keepMs)) }
    case 'moveHorizon':
      return moveHorizon(engine)
    case 'takeCheckpoint':
      return { ...(await checkpoints.take()) }
  }
}

/** K1. A horizon that cannot move costs no record: compactors ask again and again. */
const moveHorizon = async (engine: Engine): Promise<UpkeepResult> => {
  const { horizon, limit } = engine.horizon()
  if (limit.sequence === horizon) return { horizon, reason: limit.reason }
  const { result } = await engine.submit({ name: 'maintenance.moveHorizon', tenant: SYSTEM_TENANT, fields: {} })
  return result as UpkeepResult
}

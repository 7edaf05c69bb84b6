/** What a compactor may ask of a shard's leader: the leader decides it, in the log. */
import type { Engine } from '@waggle/engine'
import { fault, type InternalRequest } from '@waggle/protocol'

/** @throws Fault that the step was answered with, such as `BUSY`; asking again goes on there */
export const upkeep = async (engine: Engine, request: InternalRequest): Promise<Readonly<Record<string, unknown>>> => {
  switch (request.kind) {
    case 'pruneJournals':
      return { ...(await engine.pruneJournals(request.keepMs)) }
    case 'moveHorizon':
    case 'takeCheckpoint':
      throw fault('OPERATION_NOT_BUILT', `this leader cannot do that kind=${request.kind}`, { kind: request.kind })
  }
}

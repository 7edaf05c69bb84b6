/**
 * Decisions about checkpoints (DESIGN K3). Where the state is copied, and which copy counts, are events of the log: so
 * every replica copies the same state, and the horizon never passes a copy that somebody doubts.
 *
 * V1  The newest verified checkpoint never moves back, and never stands above what the leader has applied.
 * V2  What one replica wrote and no other has confirmed never comes here: comparing is the host's business.
 */
import { invalidField } from '@waggle/protocol'
import type { DecideContext, Decision } from '../command/decider.ts'
import { event } from '../event/events.ts'
import { readPosition } from '../recovery/position.ts'
import { readCheckpoint } from './checkpoint-row.ts'

export interface CheckpointCommands {
  /** Has every replica take its digest at the record that this becomes. `writer` also keeps a copy. */
  'maintenance.requestDigest': { readonly writer: string }
  /** The result names the newest verified checkpoint as it is. */
  'maintenance.verifyCheckpoint': { readonly sequence: number; readonly digest: string }
}

const REPLICA = /^[A-Za-z0-9_-]{1,64}$/
const DIGEST = /^[0-9a-f]{64}$/

export const checkpointDeciders = {
  'maintenance.requestDigest'({ writer }: CheckpointCommands['maintenance.requestDigest']): Decision<object> {
    if (!REPLICA.test(writer)) throw invalidField('writer', String(REPLICA))
    return { events: [event('DigestRequested', { writer })], result: {} }
  },

  'maintenance.verifyCheckpoint'(
    { sequence, digest }: CheckpointCommands['maintenance.verifyCheckpoint'],
    { view }: DecideContext,
  ): Decision<{ readonly sequence: number }> {
    if (!DIGEST.test(digest)) throw invalidField('digest', String(DIGEST))
    // V1.
    const applied = readPosition(view)?.applied ?? 0
    if (!Number.isSafeInteger(sequence) || sequence < 1 || sequence > applied)
      throw invalidField('sequence', 'a record that was applied', { min: 1, max: applied })
    const before = readCheckpoint(view)
    if (before !== undefined && sequence <= before.sequence)
      return { events: [], result: { sequence: before.sequence } }
    return { events: [event('CheckpointVerified', { sequence, digest })], result: { sequence } }
  },
}

/**
 * Decisions about what the log must keep (DESIGN K1). They are events of the log, decided at its leader, so that a hold
 * and the horizon that it stops are in one order everywhere.
 *
 * H1  A hold never moves back, and never stands above what the leader has applied.
 * H2  The horizon never moves back and never passes the lowest hold or the newest verified checkpoint: the records
 *     there stay. It moves as far as they allow, and whoever asks names no place.
 * H3  A replica that registers below the horizon is refused: records that it needs may be gone.
 * H4  The last registered replica is never removed, for it may be the last copy.
 */
import { invalidField } from '@waggle/protocol'
import type { DecideContext, Decision } from '../command/decider.ts'
import { event } from '../event/events.ts'
import { readPosition } from '../recovery/position.ts'
import { readHolds, readLogHorizon } from './hold-rows.ts'
import { readHorizon } from './log-horizon.ts'

export interface HoldCommands {
  /**
   * Registers the replica, or moves its hold up: its fsynced state's `tip.sequence`. The result names the hold as it
   * is.
   */
  'maintenance.hold': { readonly replica: string; readonly sequence: number }
  /** Strikes a replica off. The result says whether it is gone, now or before. */
  'maintenance.removeReplica': { readonly replica: string }
  /** Lets the log be purged as far as it may be. The result names the horizon as it is, and why not further. */
  'maintenance.moveHorizon': object
}

/** All holds are one row, read and written whole with each that moves: about 5 KB at the most. */
const REPLICAS_MAX = 64
const REPLICA = /^[A-Za-z0-9_-]{1,64}$/

export const holdDeciders = {
  'maintenance.hold'(
    { replica, sequence }: HoldCommands['maintenance.hold'],
    { view }: DecideContext,
  ): Decision<{ readonly sequence: number }> {
    checkSequence(sequence)
    if (!REPLICA.test(replica)) throw invalidField('replica', String(REPLICA))
    const holds = new Map<string, number>(Object.entries(readHolds(view)))
    const before = holds.get(replica)
    // H1. A follower may have read a record that its leader has not been told of yet; it comes back for the rest.
    const bounded = Math.min(sequence, readPosition(view)?.applied ?? 0)
    if (before !== undefined && bounded <= before) return { events: [], result: { sequence: before } }
    if (before === undefined) checkRegistration(bounded, { horizon: readLogHorizon(view), replicas: holds.size })
    return { events: [event('HoldMoved', { replica, sequence: bounded })], result: { sequence: bounded } }
  },

  'maintenance.removeReplica'(
    { replica }: HoldCommands['maintenance.removeReplica'],
    { view }: DecideContext,
  ): Decision<{ readonly removed: boolean }> {
    const replicas = Object.keys(readHolds(view))
    if (!replicas.includes(replica)) return { events: [], result: { removed: true } }
    // H4.
    if (replicas.length === 1) return { events: [], result: { removed: false } }
    return { events: [event('ReplicaRemoved', { replica })], result: { removed: true } }
  },

  /** H2. */
  'maintenance.moveHorizon'(
    _: HoldCommands['maintenance.moveHorizon'],
    { view }: DecideContext,
  ): Decision<{ readonly horizon: number; readonly reason: string }> {
    const { horizon, limit } = readHorizon(view)
    const { sequence, reason } = limit
    const events = sequence > horizon ? [event('LogHorizonMoved', { sequence })] : []
    return { events, result: { horizon: sequence, reason } }
  },
}

const checkSequence = (sequence: number): void => {
  if (!Number.isSafeInteger(sequence) || sequence < 0) throw invalidField('sequence', 'a sequence')
}

/** H3. */
const checkRegistration = (
  sequence: number,
  { horizon, replicas }: { readonly horizon: number; readonly replicas: number },
): void => {
  if (Math.max(1, sequence) < horizon)
    throw invalidField('sequence', 'at least the horizon of the log', { limit: horizon })
  if (replicas >= REPLICAS_MAX) throw invalidField('replica', `at most ${REPLICAS_MAX}`, { limit: REPLICAS_MAX })
}

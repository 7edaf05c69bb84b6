/**
 * How far the horizon of the log may move (DESIGN K1): up to the lowest hold, and to the newest verified checkpoint.
 * Records at both stay. Holds, checkpoints and the horizon are events of one log, so whoever decides by these rows
 * decides in the order in which they changed.
 */
import type { Sequence } from '@waggle/protocol'
import { readCheckpoint } from '../checkpoint/checkpoint-row.ts'
import type { StateView } from '../state/overlay.ts'
import { readHolds, readLogHorizon } from './hold-rows.ts'

export interface HorizonLimit {
  /** The horizon may stand here; never below where it stands. */
  readonly sequence: Sequence
  /** Why it may not move further, for operators. */
  readonly reason: string
}

export interface LogHorizon {
  /** Everything below may be purged, as it was logged. */
  readonly horizon: Sequence
  readonly limit: HorizonLimit
}

export const readHorizon = (state: StateView): LogHorizon => {
  const horizon = readLogHorizon(state)
  const { sequence, reason } = limitOf(state) ?? { sequence: horizon, reason: NOBODY }
  return { horizon, limit: { sequence: Math.max(horizon, sequence) as Sequence, reason } }
}

/** Where nobody is registered nobody has said what it has, so nothing may go. */
const NOBODY = 'no replica is registered'

const limitOf = (state: StateView): HorizonLimit | undefined => {
  const [lowest] = Object.entries(readHolds(state)).sort(([, left], [, right]) => left - right)
  if (lowest === undefined) return undefined
  const [replica, hold] = lowest
  const checkpoint = readCheckpoint(state)
  if (checkpoint === undefined) return { sequence: 0 as Sequence, reason: 'no verified checkpoint' }
  return checkpoint.sequence <= hold
    ? { sequence: checkpoint.sequence, reason: `newest verified checkpoint sequence=${checkpoint.sequence}` }
    : { sequence: hold, reason: `lowest hold sequence=${hold} replica=${replica}` }
}

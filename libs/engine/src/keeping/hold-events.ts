/** What the events of holds and of the log's horizon do to the state. */
import type { Appliers } from '../event/applier.ts'
import { putHolds, putLogHorizon, readHolds } from './hold-rows.ts'

export const holdAppliers: Pick<Appliers, 'HoldMoved' | 'ReplicaRemoved' | 'LogHorizonMoved'> = {
  HoldMoved({ replica, sequence }, { state }) {
    putHolds(state, { ...readHolds(state), [replica]: sequence })
  },

  ReplicaRemoved({ replica }, { state }) {
    const { [replica]: _, ...others } = readHolds(state)
    putHolds(state, others)
  },

  LogHorizonMoved({ sequence }, { state }) {
    putLogHorizon(state, sequence)
  },
}

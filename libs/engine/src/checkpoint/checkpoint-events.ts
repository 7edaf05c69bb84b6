/** What the events of checkpoints do to the state. */
import type { Sequence } from '@waggle/protocol'
import type { Appliers } from '../event/applier.ts'
import { putCheckpoint } from './checkpoint-row.ts'

export const checkpointAppliers: Pick<Appliers, 'DigestRequested' | 'CheckpointVerified'> = {
  /** Changes nothing: what a replica does at this record is its host's, and must not show in the state. */
  DigestRequested({ writer }, { tell }) {
    tell({ kind: 'digest', writer })
  },

  CheckpointVerified({ sequence, digest }, { state, tell }) {
    putCheckpoint(state, { sequence: sequence as Sequence, digest })
    tell({ kind: 'checkpoint', sequence: sequence as Sequence, digest })
  },
}

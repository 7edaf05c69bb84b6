/**
 * Builds a shard's state again from what does not depend on this replica's own state: the newest verified checkpoint,
 * or nothing, and the log behind it (DESIGN K3). What comes out tells whether the replica is right.
 */
import { digestSnapshot, Engine, restoreState, type EngineParts, type KeyValueStore } from '@waggle/engine'
import type { Random } from '@waggle/kernel'
import { fault, type Sequence } from '@waggle/protocol'
import type { ShardLog } from '../directory/shard-entry.ts'
import type { NodeDisk } from '../disk/node-disk.ts'
import { JetStreamLog } from '../log/jetstream-log.ts'
import type { JetStreamAccess } from '../nats/jetstream-access.ts'
import { encodeCheckpointName } from './checkpoint-name.ts'
import type { CheckpointShelf } from './checkpoint-shelf.ts'
import { pacing, StoppedWork } from './pacing.ts'
import { judgeRestored, type Candidate } from './restore.ts'

export interface RebuildParts extends Pick<EngineParts, 'clock' | 'timers' | 'ids' | 'logger' | 'shard' | 'shards'> {
  readonly disk: NodeDisk
  readonly shelf: CheckpointShelf
  readonly access: JetStreamAccess
  readonly shardLog: ShardLog
  readonly random: Random
  readonly isOver: () => boolean
}

export interface Rebuild {
  readonly sequence: Sequence
  /** Verified, and not above `sequence`; the empty state when absent. */
  readonly from?: Candidate | undefined
}

/** @returns the digest at that record @throws Fault as restoring and replaying do; `StoppedWork` */
export const rebuildDigest = async (parts: RebuildParts, { sequence, from }: Rebuild): Promise<string> => {
  const { shard, disk } = parts
  const draft = await disk.openDraft(shard)
  try {
    if (from !== undefined) await restoreInto(parts, draft, from)
    await replayUntil(parts, draft, sequence)
    const snapshot = draft.snapshot()
    try {
      const reached = await digestSnapshot(snapshot, pacing(parts, parts))
      if (reached.sequence !== sequence)
        throw fault('SHARD_NOT_READY', `the log does not reach the record sequence=${sequence}`, { sequence })
      return reached.digest
    } finally {
      await snapshot.close()
    }
  } finally {
    await draft.close()
    // Whatever was in it goes: nobody looks at it again.
    await disk.openDraft(shard).then(
      (empty) => empty.close(),
      () => undefined,
    )
  }
}

const restoreInto = async (parts: RebuildParts, draft: KeyValueStore, from: Candidate): Promise<void> => {
  const { shelf, shard } = parts
  const name = encodeCheckpointName({ shard, generation: from.generation, sequence: from.sequence })
  await restoreState(draft, shelf.get(name), {
    pace: pacing(parts, parts),
    judge: (restored) => judgeRestored(from, restored),
  })
}

const replayUntil = async (parts: RebuildParts, draft: KeyValueStore, until: Sequence): Promise<void> => {
  const { clock, timers, ids, logger, shard, shards, isOver } = parts
  const log = new JetStreamLog({
    ...parts,
    store: draft,
    mayTryUntilMs: () => -Infinity,
    onTrouble: () => undefined,
  })
  const engine = await Engine.open({
    ...{ log, store: draft, clock, timers, ids, logger, shard, shards, fence: 'log', readOnly: true },
    onApplied: () => {
      if (isOver()) throw new StoppedWork()
    },
  })
  try {
    await engine.catchUp(until)
  } finally {
    await engine.close()
  }
}

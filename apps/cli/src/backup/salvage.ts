/**
 * A backup of what shard processes have left in their folders, where the logs are lost: of each shard the replica that
 * has applied most (DESIGN K4). What was acknowledged and no replica had applied is not in it.
 */
import { commandFault } from '../faults.ts'
import { stopIfInterrupted, type Task } from '../task.ts'
import type { BackupWriter } from './backup-folder.ts'

interface Chosen {
  readonly folder: string
  readonly applied: number
}

/** @throws Fault `BACKUP_UNSUITABLE` where a shard has no replica that can be used; `DATABASE_LOCKED` */
export const salvage = async (
  task: Task,
  {
    folders,
    shards,
    writer,
  }: { readonly folders: readonly string[]; readonly shards: number; readonly writer: BackupWriter },
): Promise<void> => {
  const chosen = await newest(task, folders)
  const missing = Array.from({ length: shards }, (_, shard) => shard).filter((shard) => !chosen.has(shard))
  if (missing.length > 0)
    throw commandFault(
      'BACKUP_UNSUITABLE',
      `some shards have no replica there: give the folders of all shard processes shards=${missing.join(',')}`,
      { shards: missing },
    )
  const { copyReplicaState } = await import('@waggle/embedded')
  for (let shard = 0; shard < shards; shard += 1) {
    stopIfInterrupted(task)
    const { folder } = chosen.get(shard) as Chosen
    await copyReplicaState({ folder, shard }, (pieces) => writer.add(shard, pieces))
  }
}

const newest = async ({ output }: Task, folders: readonly string[]): Promise<ReadonlyMap<number, Chosen>> => {
  const { replicasIn } = await import('@waggle/embedded')
  const chosen = new Map<number, Chosen>()
  for (const folder of folders) {
    const { replicas, unusable } = await replicasIn(folder)
    for (const { shard, reason } of unusable) output.warn('a replica cannot be used', { folder, shard, reason })
    for (const { shard, applied } of replicas)
      if (applied > (chosen.get(shard)?.applied ?? 0)) chosen.set(shard, { folder, applied })
  }
  return chosen
}

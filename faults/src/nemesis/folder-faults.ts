/** Shard processes that come back with another folder than they left, or with a damaged one. */
import path from 'node:path'
import type { ClusterProcess } from '@waggle/local-cluster'
import type { FaultContext, FaultKind } from './fault-kind.ts'
import { copyFolder, damageStates, emptyFolder } from './folders.ts'
import { nothing } from './process-faults.ts'

type Change = (folder: string, context: FaultContext, name: string) => Promise<readonly string[]>

/** A process is killed, its folder changed, and it comes back at once. */
const changed =
  (change: Change, choose: (context: FaultContext) => Promise<ClusterProcess | undefined>): FaultKind['begin'] =>
  async (context) => {
    const child = await choose(context)
    if (child?.folder === undefined) return nothing
    await child.holdDown()
    const what = await change(child.folder, context, child.name)
    await child.letGo()
    return { ...nothing, target: [child.name, ...what].join(' ') }
  }

const leader = ({ surroundings }: FaultContext) => surroundings.leader()
/** One that does not lead most: all shards go on meanwhile, and a replica is built again beside them. */
const follower = async ({ surroundings, chance }: FaultContext) => {
  const leading = await surroundings.leader()
  return chance.pick(surroundings.of('shard').filter(({ name, pid }) => pid !== undefined && name !== leading?.name))
}

const empty: Change = async (folder) => {
  await emptyFolder(folder)
  return []
}

const spareOf = (spare: string, name: string): string => path.join(spare, name)

/** As it was when the run began: the copy was taken then (`keepCopies`). */
const older: Change = async (folder, { spare }, name) => {
  await copyFolder(spareOf(spare, name), folder).catch(async () => emptyFolder(folder))
  return []
}

const damaged: Change = (folder, { chance }) => damageStates(folder, chance)

/** Takes copies of all folders of shard processes, each of which is down meanwhile, one after the other. */
export const keepCopies = async (
  { surroundings, spare }: FaultContext,
  settled: () => Promise<void>,
): Promise<void> => {
  for (const child of surroundings.of('shard')) {
    await child.holdDown()
    if (child.folder !== undefined) await copyFolder(child.folder, spareOf(spare, child.name))
    await child.letGo()
    await settled()
  }
}

export const folderFaults: readonly FaultKind[] = [
  { name: 'empty-leader', holdMs: [5_000, 8_000], begin: changed(empty, leader) },
  { name: 'empty-follower', holdMs: [5_000, 8_000], isShort: true, begin: changed(empty, follower) },
  { name: 'older-leader', holdMs: [5_000, 8_000], isShort: true, begin: changed(older, leader) },
  { name: 'older-follower', holdMs: [5_000, 8_000], begin: changed(older, follower) },
  { name: 'damage-leader', holdMs: [5_000, 8_000], isShort: true, begin: changed(damaged, leader) },
  { name: 'damage-follower', holdMs: [5_000, 8_000], begin: changed(damaged, follower) },
]

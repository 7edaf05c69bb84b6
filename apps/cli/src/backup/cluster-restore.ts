/**
 * Restores a backup into a cluster that is empty, as one step: either every shard goes on from it or none.
 *
 * S1  The states are brought first, and verified on the way; nothing depends on them yet.
 * S2  Then the cluster is frozen, and every shard's leader proves that it is empty. One that is not ends the restore.
 * S3  One write makes all shards go on from what was brought. From here on it goes by itself.
 * S4  Whoever runs it again after an end in the middle begins again, or, after S3, waits for the rest.
 */
import { hexOf, isFault, pause, sha256, systemIds, utf8 } from '@waggle/kernel'
import { fault, limits, type Generation, type RestoreLook } from '@waggle/protocol'
import { commandFault } from '../faults.ts'
import type { OperatorConnection } from '../operator.ts'
import { stopIfInterrupted, type Task } from '../task.ts'
import { verifyState } from './backup-folder.ts'
import type { BackedUpState, BackupManifest } from './backup-manifest.ts'
import { anyNode } from './cluster-copy.ts'

export interface ClusterRestoreParts {
  readonly task: Task
  readonly operator: OperatorConnection
  readonly folder: string
  readonly manifest: BackupManifest
  /** Bytes that were brought since the last call. */
  readonly onBytes: (bytes: number) => void
}

/** What a shard goes on from. */
interface Brought {
  readonly generation: Generation
  readonly firstSequence: number
  readonly sequence: number
  readonly digest: string
  readonly bytes: number
}

/** Records of its own that a shard may still get until it is frozen. */
const SLACK_RECORDS = 1_000
const ATTEMPTS = 3
/** Some terms of a leader. */
const FROZEN_MS = 120_000
/** Each replica reads its state from the shelf. */
const SERVED_MS = 30 * 60 * 1_000
const POLL_MS = 500

/** @throws Fault `BACKUP_DAMAGED`, `BACKUP_UNSUITABLE`, `RESTORE_REFUSED`, and as the cluster does */
export const restoreCluster = async (parts: ClusterRestoreParts): Promise<void> => {
  const { manifest, operator } = parts
  const looks = await lookAround(operator)
  refuseOtherShards(manifest, looks)
  const done = looks.find(({ restore }) => restore?.state === 'committed' && isOf(restore, manifest))?.restore
  // S4.
  if (done !== undefined) {
    await untilServed(parts, done.shards ?? [])
    return
  }
  const used = looks.flatMap(({ replicas }) => replicas).find(({ isEmpty }) => !isEmpty)
  if (used !== undefined) throw notEmpty(used.shard)
  const brought: Brought[] = []
  for (const state of manifest.states) brought.push(await bring(parts, state))
  const restore = systemIds.uuid()
  await untilProven(parts, restore)
  const node = await anyNode(operator)
  await operator.call('restore.commit', { node, restore, shards: brought })
  await untilServed(parts, brought)
}

/** Serves again as it was, where a restore was begun and not committed. @returns whether there was one */
export const abortRestore = async (operator: OperatorConnection): Promise<boolean> => {
  const node = await anyNode(operator)
  const { restore } = await operator.call('restore.look', { node })
  if (restore === undefined || restore.state === 'committed') return false
  await operator.call('restore.lift', { node, restore: restore.id as never })
  return true
}

const nodesOf = async (operator: OperatorConnection): Promise<readonly string[]> =>
  (await operator.call('node.list')).items.map(({ node }) => node)

/** What every node sees. @throws Fault `SHARD_NOT_READY` where one does not answer */
const lookAround = async (operator: OperatorConnection): Promise<readonly RestoreLook[]> => {
  const nodes = await nodesOf(operator)
  if (nodes.length === 0) throw fault('SHARD_NOT_READY', 'no node is heard of')
  return Promise.all(nodes.map((node) => operator.call('restore.look', { node })))
}

const refuseOtherShards = ({ shards }: BackupManifest, looks: readonly RestoreLook[]): void => {
  const other = looks.find((look) => look.shards !== shards)
  if (other !== undefined)
    throw commandFault(
      'BACKUP_UNSUITABLE',
      `the backup has another number of shards than the cluster: start one with as many, or take collectives over ` +
        `with waggle export and waggle import --restore backup=${shards} cluster=${other.shards}`,
      { backup: shards, cluster: other.shards },
    )
}

const isOf = ({ shards = [] }: NonNullable<RestoreLook['restore']>, { states }: BackupManifest): boolean =>
  shards.length === states.length && states.every(({ shard, digest }) => shards[shard]?.digest === digest)

/** S1. */
const bring = async (parts: ClusterRestoreParts, state: BackedUpState): Promise<Brought> => {
  const { operator, task } = parts
  const { shard, sequence, digest, bytes } = state
  const last = (await operator.call('shard.list')).items.find((each) => each.shard === shard)?.last ?? 0
  for (let attempt = 1; ; attempt += 1) {
    stopIfInterrupted(task)
    const generation = newGeneration()
    const firstSequence = Math.max(sequence, last + SLACK_RECORDS) + 1
    try {
      await upload(parts, state, { generation, sequence: firstSequence - 1 })
      return { generation, firstSequence, sequence, digest, bytes }
    } catch (error) {
      // The node that took it is no more, or was begun with anew.
      const isLost = isFault(error) && ['RESTORE_REFUSED', 'NOT_FOUND', 'SHARD_NOT_READY'].includes(error.code)
      if (!isLost || attempt === ATTEMPTS) throw error
    }
  }
}

const newGeneration = (): Generation => hexOf(sha256(utf8(systemIds.uuid()))).slice(0, 16) as Generation

const upload = async (
  { task, operator, folder, onBytes }: ClusterRestoreParts,
  state: BackedUpState,
  name: { readonly generation: Generation; readonly sequence: number },
): Promise<void> => {
  const node = await anyNode(operator)
  let offset = 0
  const send = async (bytes: Uint8Array): Promise<void> => {
    for (let at = 0; at < bytes.length; at += limits.CHECKPOINT_PIECE_BYTES_MAX) {
      stopIfInterrupted(task)
      const piece = bytes.subarray(at, at + limits.CHECKPOINT_PIECE_BYTES_MAX)
      const isLast = offset + piece.length === state.bytes
      await operator.call('restore.write', { ...name, node, shard: state.shard, offset, bytes: piece, isLast })
      offset += piece.length
      onBytes(piece.length)
    }
  }
  await verifyState(folder, state, send)
}

/** S2. */
const untilProven = async ({ task, operator }: ClusterRestoreParts, restore: string): Promise<void> => {
  const { clock, timers } = task.host
  const endMs = clock.monotonicMs() + FROZEN_MS
  const lift = async (): Promise<void> => {
    await operator.call('restore.lift', { node: await anyNode(operator), restore: restore as never })
  }
  try {
    for (;;) {
      stopIfInterrupted(task)
      for (const node of await nodesOf(operator))
        await operator.call('restore.freeze', { node, restore: restore as never })
      const { proofs } = await operator.call('restore.look', { node: await anyNode(operator) })
      const used = proofs.find((proof) => proof.restore === restore && proof.isEmpty === false)
      if (used !== undefined) throw notEmpty(used.shard)
      const open = proofs.find((proof) => proof.restore !== restore)
      if (open === undefined) return
      if (clock.monotonicMs() >= endMs)
        throw fault('SHARD_NOT_READY', `a shard has no leader that could be frozen shard=${open.shard}`, {
          shard: open.shard,
        })
      await pause(timers, POLL_MS)
    }
  } catch (error) {
    await lift().catch(() => undefined)
    throw error
  }
}

/** S3. */
const untilServed = async (
  { task, operator }: ClusterRestoreParts,
  shards: readonly { readonly generation: string }[],
): Promise<void> => {
  const { clock, timers } = task.host
  const endMs = clock.monotonicMs() + SERVED_MS
  for (;;) {
    stopIfInterrupted(task)
    const { items } = await operator.call('log.status')
    const { items: states } = await operator.call('shard.list')
    const waiting = shards.findIndex(
      ({ generation }, shard) =>
        items[shard]?.stream?.endsWith(`_${generation}`) !== true || states[shard]?.leader === undefined,
    )
    if (waiting === -1) return
    if (clock.monotonicMs() >= endMs)
      throw fault('SHARD_NOT_READY', `a shard is restored and not served yet shard=${waiting}`, { shard: waiting })
    await pause(timers, POLL_MS)
  }
}

const notEmpty = (shard: number) =>
  fault(
    'RESTORE_REFUSED',
    `the cluster is not empty: a backup is restored into one that nobody has written to shard=${shard}`,
    {
      shard,
    },
  )

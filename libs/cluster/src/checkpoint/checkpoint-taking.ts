/**
 * A leader takes a checkpoint: has the log ask for digests, compares them, and makes the checkpoint count (DESIGN K3).
 *
 * T1  A follower writes it, where there is one: the leader has enough to do.
 * T2  It counts when the manifest names it; then the log says so, and the horizon may move. In that order: what the log
 *     calls verified can be found.
 * T3  Unequal digests are an alarm that names them all. Who is wrong learns it from the log (`state-copier.ts`).
 * T4  What is on the shelf and was never verified, or has newer ones before it, goes.
 */
import type { Engine } from '@waggle/engine'
import { pause, type Clock, type Logger, type Random, type Timers } from '@waggle/kernel'
import { fault, SYSTEM_TENANT, type Sequence, type TakeCheckpointResult } from '@waggle/protocol'
import type { ShardLog } from '../directory/shard-entry.ts'
import type { Bucket } from '../nats/jetstream-bucket.ts'
import { checkpointsOf, decodeCheckpointName, encodeCheckpointName } from './checkpoint-name.ts'
import { CHECKPOINTS_KEPT, keepCheckpoint } from './checkpoint-manifest.ts'
import type { CheckpointShelf } from './checkpoint-shelf.ts'
import type { HeardDigests } from './heard-digests.ts'
import { StoppedWork } from './pacing.ts'
import { verifiedCheckpoints, type Candidate } from './restore.ts'
import type { FoundWrong, StateCopier } from './state-copier.ts'
import { judgeDigests, type DigestVerdict } from './verification.ts'

export interface CheckpointTakingParts {
  readonly shard: number
  readonly node: string
  readonly engine: Engine
  readonly shardLog: ShardLog
  readonly copier: StateCopier
  readonly heard: HeardDigests
  readonly shelf: CheckpointShelf
  /** The directory. */
  readonly entries: Bucket
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
  /** The first record that the log still has. */
  readonly firstRecord: () => Promise<Sequence>
  /** The digest at that record, from what does not depend on this replica's state. @throws */
  readonly rebuild: (sequence: Sequence, from: Candidate | undefined) => Promise<string>
  readonly onWrong: (found: FoundWrong) => void
  readonly isOver: () => boolean
}

const POLL_MS = 100
/** For one digest of a large state, at `RATE_BYTES_PER_SECOND`: 18 GiB. */
const DIGEST_MS_MAX = 10 * 60 * 1_000

/** One attempt. @param avoided nodes that cannot write @throws Fault, such as `NOT_LEADING` */
export const takeCheckpoint = async (
  parts: CheckpointTakingParts,
  avoided: ReadonlySet<string>,
): Promise<TakeCheckpointResult & { readonly writer: string }> => {
  const { engine, heard, node } = parts
  // T1.
  const writer = heard.near(engine.position.applied).find((name) => !avoided.has(name)) ?? node
  const { sequence } = await engine.submit({
    ...{ name: 'maintenance.requestDigest', tenant: SYSTEM_TENANT, fields: { writer } },
  })
  const digest = await ownDigest(parts, sequence)
  const isTold = await others(parts, sequence, writer)
  const found = { leader: digest, others: heard.at(sequence) }
  const verdict = await judged(parts, sequence, found)
  const replicas = [...new Map([[node, digest], ...found.others])].map(([name, each]) => ({ node: name, digest: each }))
  const said = { sequence, digest, replicas, writer }
  if (verdict.kind !== 'verified') return { ...said, verified: false, reason: verdict.reason }
  const written = writer === node ? digest : found.others.get(writer)
  if (written !== verdict.digest) {
    const reason = isTold
      ? `what ${writer} wrote is not right`
      : `${writer} was to write it and does not say that it has`
    return { ...said, verified: false, reason }
  }
  const reason = await keep(parts, { sequence, digest: verdict.digest, writer })
  return reason === undefined ? { ...said, verified: true } : { ...said, verified: false, reason }
}

const ownDigest = async ({ copier, clock, timers, isOver, shard }: CheckpointTakingParts, sequence: Sequence) => {
  const endMs = clock.monotonicMs() + DIGEST_MS_MAX
  for (;;) {
    const digest = copier.digestAt(sequence)
    if (digest !== undefined) return digest
    if (isOver() || clock.monotonicMs() > endMs)
      throw fault('SHARD_NOT_READY', `the state has no digest in time shard=${shard} sequence=${sequence}`, { shard })
    await pause(timers, POLL_MS)
  }
}

/** Whether the writer has told its digest; or, where this replica is the writer, another one that is there. */
const others = async (parts: CheckpointTakingParts, sequence: Sequence, writer: string): Promise<boolean> => {
  const { heard, node, clock, timers, isOver, engine } = parts
  const wanted = writer === node ? heard.near(engine.position.applied) : [writer]
  const endMs = clock.monotonicMs() + DIGEST_MS_MAX
  const isTold = (): boolean => wanted.some((name) => heard.at(sequence).has(name))
  while (!isTold() && wanted.some((name) => heard.isThere(name)) && !isOver() && clock.monotonicMs() < endMs)
    await pause(timers, POLL_MS)
  return isTold()
}

type Judged = Exclude<DigestVerdict, { kind: 'rebuild' }>

const judged = async (
  parts: CheckpointTakingParts,
  sequence: Sequence,
  found: { readonly leader: string; readonly others: ReadonlyMap<string, string> },
): Promise<Judged> => {
  const { shard, node, logger } = parts
  let verdict = judgeDigests(node, found)
  let rebuilt: string | undefined
  if (verdict.kind === 'rebuild') {
    const base = await baseOfRebuild(parts, sequence)
    if (base === 'none')
      return { kind: 'unverified', isLeaderWrong: false, reason: 'no second replica, and the log does not reach back' }
    rebuilt = await parts.rebuild(sequence, base).catch((error: unknown) => {
      // Not a bug: this replica closes in the middle of it.
      if (!(error instanceof StoppedWork)) throw error
      throw fault('SHARD_NOT_READY', `the replica closes, its rebuild was stopped shard=${shard}`, { shard })
    })
    verdict = judgeDigests(node, { ...found, rebuilt })
  }
  if (verdict.kind === 'rebuild') return { kind: 'unverified', isLeaderWrong: false, reason: 'nothing to compare with' }
  const isEqual = verdict.kind === 'verified' && verdict.wrong.length === 0
  // T3.
  if (!isEqual)
    logger.error('replicas have different states at the same record', {
      ...{ shard, sequence, [node]: found.leader, ...Object.fromEntries(found.others), rebuilt: rebuilt ?? null },
    })
  if (verdict.kind === 'unverified' && verdict.isLeaderWrong && rebuilt !== undefined)
    parts.onWrong({ sequence, digest: found.leader, verified: rebuilt })
  return verdict
}

/** `undefined`: the empty state, with the whole log behind it. */
const baseOfRebuild = async (
  parts: CheckpointTakingParts,
  sequence: Sequence,
): Promise<Candidate | undefined | 'none'> => {
  const kept = await verifiedCheckpoints(parts, parts.shardLog)
  const first = await parts.firstRecord()
  const base = kept.find((each) => each.sequence < sequence && each.sequence >= first - 1)
  if (base !== undefined) return base
  return first === 1 ? undefined : 'none'
}

/** T2, T4. @returns why it is not kept */
const keep = async (
  parts: CheckpointTakingParts,
  { sequence, digest, writer }: { readonly sequence: Sequence; readonly digest: string; readonly writer: string },
): Promise<string | undefined> => {
  const { shard, engine, shelf, entries, clock, logger } = parts
  const { generation } = engine
  const name = encodeCheckpointName({ shard, generation, sequence })
  const shelved = await shelf.list(checkpointsOf(shard))
  const object = shelved.find((each) => each.name === name)
  if (object === undefined) return `${writer} could not put it on the shelf`
  const checkpoint = { generation, sequence, digest, bytes: object.bytes, node: writer, atMs: clock.nowMs() }
  const kept = await keepCheckpoint(entries, parts, { shard, checkpoint })
  const fields = { sequence, digest }
  await engine.submit({ name: 'maintenance.verifyCheckpoint', tenant: SYSTEM_TENANT, fields })
  logger.info('checkpoint is verified', { shard, sequence, bytes: object.bytes, digest })
  const spared = (await verifiedCheckpoints(parts, parts.shardLog)).slice(0, CHECKPOINTS_KEPT)
  const names = new Set([...kept, ...spared].map((each) => encodeCheckpointName({ shard, ...each })))
  for (const each of shelved) {
    const old = decodeCheckpointName(each.name)
    if (names.has(each.name) || old === undefined || old.sequence >= sequence) continue
    await shelf.remove(each.name).catch((error: unknown) => {
      logger.warn('an old checkpoint is not removed', { shard, name: each.name, reason: String(error) })
    })
  }
  return undefined
}

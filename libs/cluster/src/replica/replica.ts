/**
 * One replica of a shard on this node: its folder, its log and its engine, opened together.
 *
 * R1  A folder that is damaged is set aside and built again from the log, which is the durable copy (DESIGN K2). It is
 *     kept for whoever wants to know what happened.
 * R2  A folder of another generation is not touched, unless a verified checkpoint is beyond it: the stream that it
 *     followed is gone, and it may hold what the stream has lost (K4).
 * R3  Before a replica proposes itself it reads the record at its tip from the log and compares (L3).
 * R4  That the stream ends before the state counts when it is said so often: absence and "last" are no proof (L2), and
 *     a server that has just become the stream's leader may know less for a moment.
 * R5  What cannot go on from its state goes on from a checkpoint, where one serves (`replica-healing.ts`). A replica
 *     that was open then is spent: it is closed, and opened again.
 * R6  A state that is proven wrong is marked so at once, set aside when it is closed, and never used again.
 */
import {
  Engine,
  engineFault,
  holdsCollectives,
  isMarkedWrong,
  markWrong,
  readPosition,
  type EngineSettings,
  type IndexMemory,
  type KeyValueStore,
} from '@waggle/engine'
import {
  pause,
  equalBytes,
  isFault,
  silentMetrics,
  type Clock,
  type Fault,
  type IdSource,
  type Logger,
  type Metrics,
  type Random,
  type Timers,
  type Tracer,
} from '@waggle/kernel'
import { decodeRecord, fault, type FaultCode, type Sequence } from '@waggle/protocol'
import type { CheckpointShelf } from '../checkpoint/checkpoint-shelf.ts'
import { ReplicaCheckpoints } from '../checkpoint/replica-checkpoints.ts'
import { restoreReplica, verifiedCheckpoints } from '../checkpoint/restore.ts'
import type { FoundWrong } from '../checkpoint/state-copier.ts'
import type { Directory } from '../directory/directory.ts'
import type { ShardLog } from '../directory/shard-entry.ts'
import type { NodeDisk } from '../disk/node-disk.ts'
import { JetStreamLog } from '../log/jetstream-log.ts'
import type { JetStreamAccess } from '../nats/jetstream-access.ts'
import { jittered } from '../nats/jetstream-retry.ts'
import { ailmentOf, cureOf, type Ailment, type Cure } from './replica-healing.ts'

export interface ReplicaParts {
  readonly shard: number
  readonly node: string
  readonly shelf: CheckpointShelf
  readonly disk: NodeDisk
  readonly settings: EngineSettings
  /** Of all replicas of the node. */
  readonly indexMemory: IndexMemory
  readonly access: JetStreamAccess
  readonly directory: Directory
  readonly clock: Clock
  /** What the engine takes for the time. */
  readonly engineClock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly ids: IdSource
  readonly logger: Logger
  /** Absent: nobody collects traces. */
  readonly tracer?: Tracer | undefined
  /** Absent: nobody is told. */
  readonly metrics?: Metrics | undefined
  readonly mayTryUntilMs: () => number
  readonly onTrouble: (code: FaultCode | undefined) => void
  readonly onTermEnded: (reason: Fault) => void
  /** R5: it goes on from a checkpoint, which takes a while. */
  readonly onRestoring?: () => void
  /** R5: what is open must be closed, and opened again. */
  readonly onSpent: (reason: Fault) => void
}

export interface Replica {
  readonly shardLog: ShardLog
  readonly log: JetStreamLog
  readonly engine: Engine
  readonly checkpoints: ReplicaCheckpoints
  /** Brings the state to the end of the log (R3). @throws Fault */
  catchUp(): Promise<void>
  /** Syncs what was applied; gives the end of the state that is on the disk (K1). @throws Fault `STORAGE_FAILED` */
  sync(): Promise<Sequence>
  /** Whether any tenant has a collective in what is applied. */
  holdsCollectives(): Promise<boolean>
  close(): Promise<void>
}

/** @throws Fault `STREAM_BEHIND` (R2), `SHARD_NOT_READY` (R5), and as the directory, the store and the engine do */
export const openReplica = async (parts: ReplicaParts): Promise<Replica> => {
  const { access, clock, timers, random, logger, metrics, mayTryUntilMs, onTrouble } = parts
  const shardLog = await parts.directory.shardLog(parts.shard)
  const store = await openState(parts)
  const log = new JetStreamLog({
    ...{ access, shardLog, store, clock, timers, random, logger, metrics, mayTryUntilMs, onTrouble },
  })
  try {
    if (isMarkedWrong(store)) throw engineFault('CORRUPT', `the state was proven wrong shard=${parts.shard}`)
    const ailment = ailmentOf(readPosition(store), shardLog, await log.bounds())
    const cure = ailment === undefined ? { kind: 'goOn' as const } : await cureFor(parts, shardLog, ailment)
    if (cure.kind === 'goOn') return await OpenReplica.open(parts, { shardLog, store, log })
    await store.close()
    await restore(parts, cure)
  } catch (error) {
    await store.close()
    // R1: a run with a gap shows only when the engine reads it.
    if (!isFault(error) || error.code !== 'CORRUPT') throw error
    await setAside(parts, error)
  }
  return openReplica(parts)
}

interface Opened {
  readonly shardLog: ShardLog
  readonly store: KeyValueStore
  readonly log: JetStreamLog
}

class OpenReplica implements Replica {
  readonly #parts: ReplicaParts
  readonly #store: KeyValueStore
  readonly shardLog: ShardLog
  readonly log: JetStreamLog
  readonly engine: Engine
  readonly checkpoints: ReplicaCheckpoints
  /** R6. */
  #wrong: Fault | undefined

  private constructor(parts: ReplicaParts, opened: Opened & Pick<Replica, 'engine' | 'checkpoints'>) {
    this.#parts = parts
    this.#store = opened.store
    this.shardLog = opened.shardLog
    this.log = opened.log
    this.engine = opened.engine
    this.checkpoints = opened.checkpoints
  }

  static async open(parts: ReplicaParts, opened: Opened): Promise<Replica> {
    const {
      shard,
      settings,
      indexMemory,
      engineClock: clock,
      timers,
      ids,
      logger,
      tracer,
      onTermEnded,
      directory,
    } = parts
    const { store, log } = opened
    const checkpoints = new ReplicaCheckpoints({ ...parts, ...opened, onWrong: (found) => replica.#provenWrong(found) })
    const graphs = parts.disk.graphs?.(shard)
    const engine = await Engine.open({
      ...{ log, store, clock, timers, ids, logger, shard, settings, indexMemory, onTermEnded },
      shards: directory.cluster.shards,
      fence: 'log',
      metrics: parts.metrics ?? silentMetrics,
      ...(graphs === undefined ? {} : { graphs }),
      ...(tracer === undefined ? {} : { tracer }),
      onCheckpointing: checkpoints.onCheckpointing,
    })
    checkpoints.begin(engine)
    const replica = new OpenReplica(parts, { ...opened, engine, checkpoints })
    return replica
  }

  async catchUp(): Promise<void> {
    try {
      await untilSure(this.#parts, () => this.engine.catchUp())
      await checkTip(this.engine, this.log, this.shardLog)
    } catch (error) {
      throw await this.#healed(error)
    }
  }

  async sync(): Promise<Sequence> {
    const { sequence } = this.engine.position.tip
    // A synced write takes everything before it to the disk.
    await this.#store.write([], { sync: true })
    return sequence
  }

  async holdsCollectives(): Promise<boolean> {
    return holdsCollectives(this.#store)
  }

  async close(): Promise<void> {
    await this.#closeStore()
    if (this.#wrong !== undefined) await setAside(this.#parts, this.#wrong)
    this.#wrong = undefined
  }

  async #closeStore(): Promise<void> {
    await this.checkpoints.close()
    await this.engine.close()
    await this.#store.close()
  }

  /** R5. @returns what is to be told of it */
  async #healed(error: unknown): Promise<unknown> {
    const ailment = isFault(error) ? await this.#ailmentOf(error) : undefined
    if (ailment === undefined) return error
    const cure = await cureFor(this.#parts, this.shardLog, ailment).catch((refusal: unknown) => refusal)
    if (!isCure(cure)) return cure
    if (cure.kind === 'goOn') return error
    const reason = fault('SHARD_NOT_READY', `the replica goes on from a checkpoint shard=${this.#parts.shard}`, {
      shard: this.#parts.shard,
    })
    await this.#closeStore()
    await restore(this.#parts, cure).finally(() => this.#parts.onSpent(reason))
    return reason
  }

  async #ailmentOf({ code, details }: Fault): Promise<Ailment | undefined> {
    const isPruned = code === 'SHARD_NOT_READY' && details.first !== undefined
    if (!isPruned && code !== 'LOG_DAMAGED') return undefined
    const ailment = ailmentOf(this.engine.position, this.shardLog, await this.log.bounds())
    if (ailment?.kind === 'pruned' || code !== 'LOG_DAMAGED') return ailment
    return { kind: 'unreadable', from: Number(details.from), to: Number(details.to) }
  }

  /** R6. In a turn of its own: it is told in the middle of applying a record. */
  #provenWrong({ sequence, digest, verified }: FoundWrong): void {
    const { shard, logger, timers, onSpent } = this.#parts
    if (this.#wrong !== undefined) return
    const reason = fault(
      'SHARD_NOT_READY',
      `the state is not what the log leads to shard=${shard} sequence=${sequence} ` +
        `digest=${digest} verified=${verified}`,
      { shard, sequence, digest, verified },
    )
    this.#wrong = reason
    logger.error('state is wrong: it is set aside and built again', { shard, sequence, digest, verified })
    const spend = (): void => {
      timers.after(0, () => onSpent(reason))
    }
    // A crash from here on finds the mark.
    markWrong(this.#store).then(spend, spend)
  }
}

const isCure = (cure: unknown): cure is Exclude<Cure, { kind: 'refuse' }> =>
  typeof cure === 'object' && cure !== null && !isFault(cure) && 'kind' in cure

/** @throws Fault that says why there is none */
const cureFor = async (
  parts: ReplicaParts,
  shardLog: ShardLog,
  ailment: Ailment,
): Promise<Exclude<Cure, { kind: 'refuse' }>> => {
  const kept = await verifiedCheckpoints({ ...parts, entries: parts.directory.entries }, shardLog)
  const cure = cureOf(ailment, shardLog, kept)
  if (cure.kind === 'refuse') throw cure.fault
  return cure
}

/** R5; the store is closed. */
const restore = async (parts: ReplicaParts, cure: Exclude<Cure, { kind: 'refuse' }>): Promise<void> => {
  if (cure.kind === 'goOn') return
  parts.onRestoring?.()
  const { disk, shard, logger, directory } = parts
  await restoreReplica({ ...parts, entries: directory.entries }, cure.candidates, async () => {
    if (!cure.setAside) return
    const kept = await disk.setAside(shard)
    logger.error('state of another generation is set aside', { shard, kept })
  })
}

const openState = async (parts: ReplicaParts): Promise<KeyValueStore> => {
  try {
    return await parts.disk.open(parts.shard)
  } catch (error) {
    if (!isFault(error) || error.code !== 'CORRUPT') throw error
    await setAside(parts, error)
    return parts.disk.open(parts.shard)
  }
}

/** R1. */
const setAside = async ({ disk, shard, logger }: ReplicaParts, reason: Fault): Promise<void> => {
  const kept = await disk.setAside(shard)
  logger.error('state is damaged: set aside, and built again from the log', { shard, reason: reason.message, kept })
}

/** Over 12 s: a stream's leader that was cut off notices after about 10. */
const BEHIND_ANSWERS = 25
const BEHIND_DELAY_MS = 500

/** R4. @throws Fault as `catchUp` */
export const untilSure = async <Result>(
  { timers, random }: Pick<ReplicaParts, 'timers' | 'random'>,
  catchUp: () => Promise<Result>,
): Promise<Result> => {
  for (let answers = 1; ; answers += 1) {
    try {
      return await catchUp()
    } catch (error) {
      if (!isFault(error) || error.code !== 'STREAM_BEHIND' || answers === BEHIND_ANSWERS) throw error
    }
    await pause(timers, jittered(random, BEHIND_DELAY_MS))
  }
}

/** R3. */
const checkTip = async ({ position }: Engine, log: JetStreamLog, shardLog: ShardLog): Promise<void> => {
  const { sequence, hash } = position.tip
  // What this life of the log began with is no record of it; its digest was compared when it was restored.
  if (sequence < shardLog.firstSequence) return
  const bytes = await log.readAgain(sequence)
  const decoded = bytes === undefined ? { defect: 'missing' } : decodeRecord(bytes)
  if ('defect' in decoded)
    throw fault('LOG_DAMAGED', `the last record that took effect cannot be read sequence=${sequence}`, {
      from: sequence,
      to: sequence,
    })
  if (!equalBytes(decoded.hash, hash))
    throw fault('LOG_DIVERGED', `the log has another record where the state ends sequence=${sequence}`, { sequence })
}

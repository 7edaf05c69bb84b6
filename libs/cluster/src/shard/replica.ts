/**
 * One replica of a shard on this node: its folder, its log and its engine, opened together.
 *
 * R1  A folder that is damaged is set aside and built again from the log, which is the durable copy (DESIGN K2). It is
 *     kept for whoever wants to know what happened.
 * R2  A folder of another generation is not touched: the stream that it followed is gone, and it may hold what the
 *     stream has lost (K4).
 * R3  Before a replica proposes itself it reads the record at its tip from the log and compares (L3).
 * R4  That the stream ends before the state counts when it is said so often: absence and "last" are no proof (L2), and
 *     a server that has just become the stream's leader may know less for a moment.
 */
import { Engine, type EngineSettings, type KeyValueStore } from '@waggle/engine'
import {
  pause,
  equalBytes,
  isFault,
  type Clock,
  type Fault,
  type IdSource,
  type Logger,
  type Random,
  type Timers,
} from '@waggle/kernel'
import { decodeRecord, fault, type FaultCode, type Sequence } from '@waggle/protocol'
import type { Directory } from '../directory/directory.ts'
import type { ShardLog } from '../directory/shard-entry.ts'
import type { NodeDisk } from '../disk/node-disk.ts'
import { JetStreamLog } from '../log/jetstream-log.ts'
import type { JetStreamAccess } from '../nats/jetstream-access.ts'
import { jittered } from '../nats/jetstream-retry.ts'

export interface ReplicaParts {
  readonly shard: number
  readonly disk: NodeDisk
  readonly settings: EngineSettings
  readonly access: JetStreamAccess
  readonly directory: Directory
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly ids: IdSource
  readonly logger: Logger
  readonly mayTryUntilMs: () => number
  readonly onTrouble: (code: FaultCode | undefined) => void
  readonly onTermEnded: (reason: Fault) => void
}

export interface Replica {
  readonly shardLog: ShardLog
  readonly log: JetStreamLog
  readonly engine: Engine
  /** Brings the state to the end of the log (R3). @throws Fault */
  catchUp(): Promise<void>
  /** Syncs what was applied; gives the end of the state that is then on the disk (K1). @throws Fault `STORAGE_FAILED` */
  sync(): Promise<Sequence>
  close(): Promise<void>
}

/** @throws Fault `STREAM_BEHIND` (R2), and as the directory, the store and the engine do */
export const openReplica = async (parts: ReplicaParts): Promise<Replica> => {
  const { shard, settings, access, clock, timers, random, ids, logger, onTermEnded } = parts
  const shardLog = await parts.directory.shardLog(shard)
  const store = await openState(parts)
  const log = new JetStreamLog({
    ...{ access, shardLog, store, clock, timers, random, logger },
    mayTryUntilMs: parts.mayTryUntilMs,
    onTrouble: parts.onTrouble,
  })
  try {
    const engine = await openEngine({
      ...{ log, store, clock, timers, ids, logger, shard, settings, onTermEnded },
      shards: parts.directory.cluster.shards,
      fence: 'log',
    })
    return {
      ...{ shardLog, log, engine },
      async catchUp() {
        await untilSure(parts, () => engine.catchUp())
        await checkTip(engine, log)
      },
      async sync() {
        const { sequence } = engine.position.tip
        // A synced write takes everything before it to the disk.
        await store.write([], { sync: true })
        return sequence
      },
      async close() {
        await engine.close()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    // R1: a run with a gap shows only when the engine reads it.
    if (!isFault(error) || error.code !== 'CORRUPT') throw error
    await setAside(parts, error)
    return openReplica(parts)
  }
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

/** R2. */
const openEngine = async (parts: Parameters<typeof Engine.open>[0]): Promise<Engine> => {
  try {
    return await Engine.open(parts)
  } catch (error) {
    if (!isFault(error) || error.code !== 'GENERATION_CHANGED') throw error
    throw fault('STREAM_BEHIND', `the state follows another stream generation=${String(error.details.generation)}`, {
      ...error.details,
      stream: parts.log.generation,
    })
  }
}

const BEHIND_ANSWERS = 6
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
const checkTip = async ({ position }: Engine, log: JetStreamLog): Promise<void> => {
  const { sequence, hash } = position.tip
  if (sequence === 0) return
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

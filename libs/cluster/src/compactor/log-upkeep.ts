/**
 * Keeps the logs of all shards short: when which leader is asked, by what it says of itself.
 *
 * W1  A leader is asked when its log could be purged by what its beat says, and no more often than every 10 s: idle
 *     shards cost nothing.
 * W2  A leader that refuses writes for want of room is asked every second. Where its newest checkpoint is what keeps
 *     the log, it is first asked for another, twice a minute at the most: a checkpoint reads the whole state.
 */
import type { Logger } from '@waggle/kernel'
import type { ShardBeat } from '@waggle/protocol'
import type { Bus } from '../nats/bus.ts'
import { askLeader } from './leader-question.ts'
import type { LedLog, LogPruning } from './log-pruning.ts'
import { PruneSchedule, type AskOutcome } from './prune-schedule.ts'
import { loggedLimit } from './safe-point.ts'

/** W1. */
const LOG_PAUSE_MS = 10_000
/** W2. */
const FULL_PAUSE_MS = 1_000
const CHECKPOINT_PAUSE_MS = 30_000
/** A checkpoint is verified or not within this; it goes on without whoever asked. */
const CHECKPOINT_TIMEOUT_MS = 25_000

export interface LogUpkeepParts {
  readonly connection: Bus
  readonly pruning: LogPruning
  readonly nowMs: () => number
  readonly logger: Logger
  readonly report: (message: string, facts: Readonly<Record<string, unknown>>) => void
}

export class LogUpkeep {
  readonly #parts: LogUpkeepParts
  readonly #schedule = new PruneSchedule<LedLog>({ done: LOG_PAUSE_MS })
  readonly #full = new PruneSchedule<LedLog>({ done: FULL_PAUSE_MS, failed: FULL_PAUSE_MS })
  readonly #checkpoints = new PruneSchedule<LedLog>({ done: CHECKPOINT_PAUSE_MS, failed: CHECKPOINT_PAUSE_MS })

  constructor(parts: LogUpkeepParts) {
    this.#parts = parts
  }

  /** Asks whom it is time to ask. */
  ask(leading: readonly ShardBeat[]): void {
    const nowMs = this.#parts.nowMs()
    const full = leading.filter(isFull)
    const prunable = leading.filter((beat) => !isFull(beat) && canBePurged(beat))
    this.#askAll(this.#schedule, prunable, (log) => this.#prune(log), nowMs)
    this.#askAll(this.#full, full, (log) => this.#prune(log), nowMs)
    this.#askAll(this.#checkpoints, full.filter(needsCheckpoint), (log) => this.#takeCheckpoint(log), nowMs)
  }

  #askAll(
    schedule: PruneSchedule<LedLog>,
    beats: readonly ShardBeat[],
    act: (log: LedLog) => Promise<AskOutcome>,
    nowMs: number,
  ): void {
    const logs = beats.map(({ shard, epoch, stream }) => ({ shard, epoch: epoch.sequence, stream }))
    for (const log of schedule.take(logs, nowMs))
      void act(log).then((outcome) => schedule.ended(log, outcome, this.#parts.nowMs()))
  }

  async #prune(log: LedLog): Promise<AskOutcome> {
    try {
      return (await this.#parts.pruning.prune(log)).done ? 'done' : 'more'
    } catch (error) {
      const { shard, epoch } = log
      this.#parts.report('log was not purged', { shard, epoch, reason: String(error) })
      return 'failed'
    }
  }

  async #takeCheckpoint(log: LedLog): Promise<AskOutcome> {
    const { connection, report, logger } = this.#parts
    const { shard, epoch } = log
    logger.info('log is full: asks for a checkpoint', { shard, epoch })
    try {
      await askLeader(connection, log, { kind: 'takeCheckpoint' }, CHECKPOINT_TIMEOUT_MS)
      return 'done'
    } catch (error) {
      report('no checkpoint was taken', { shard, epoch, reason: String(error) })
      return 'failed'
    }
  }
}

const isFull = ({ trouble }: ShardBeat): boolean => trouble === 'STORAGE_FULL'

/** W1. */
const canBePurged = (beat: ShardBeat): boolean => {
  const { first, last, horizon = 1 } = beat
  return loggedLimit(beat).sequence > horizon || first < Math.min(horizon, last)
}

/** W2: nothing else keeps more of the log. */
const needsCheckpoint = ({ checkpoint, holds, applied }: ShardBeat): boolean => {
  const sequence = checkpoint?.sequence ?? 0
  return sequence < applied && Object.values(holds).every((hold) => hold > sequence)
}

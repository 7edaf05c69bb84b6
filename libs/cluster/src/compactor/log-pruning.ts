/**
 * Has a leader move the horizon of its log, and purges the stream up to it (DESIGN K1): performs what `purge-step.ts`
 * decides.
 *
 * L1  It purges only below a horizon that a leader has just said is logged, and in the stream of which that leader
 *     spoke: names of streams hold their generation, so another life of the log is another stream.
 * L2  It can end anywhere: what was not purged is purged by whoever goes on, here or elsewhere.
 * L3  One pruning of a shard at a time; whoever asks meanwhile gets its answer.
 */
import { pause, type Counter, type Logger, type Metrics, type Timers } from '@waggle/kernel'
import { decodeMoveHorizonReply, metricTable, type MoveHorizonResult } from '@waggle/protocol'
import type { Bus } from '../nats/bus.ts'
import type { JetStreamAccess } from '../nats/jetstream-access.ts'
import { streamInfo } from '../nats/jetstream-streams.ts'
import { askLeader } from './leader-question.ts'
import type { Leader } from './prune-schedule.ts'
import { nextPurge, type StreamBounds } from './purge-step.ts'

/** A leader, and the stream of its log, as one beat says both. */
export interface LedLog extends Leader {
  readonly stream: string
}

export interface LogPruningParts {
  readonly connection: Bus
  readonly streams: Pick<JetStreamAccess['manager']['streams'], 'info' | 'purge'>
  readonly timers: Timers
  readonly logger: Logger
  readonly metrics: Metrics
  /** L2: whether to begin another step. */
  readonly mayGoOn: () => boolean
}

export interface LogPruned extends MoveHorizonResult {
  /** Where the stream begins now. */
  readonly first: number
  /** False: there is more to purge, ask again. */
  readonly done: boolean
}

/** Steps of one call: with their pauses a few seconds, and 640,000 records. */
const STEPS_MAX = 32
/** Between two steps: the server holds the stream while it purges, and clients wait behind it. */
const STEP_PAUSE_MS = 60

export class LogPruning {
  readonly #parts: LogPruningParts
  readonly #purged: Counter
  readonly #underWay = new Map<number, Promise<LogPruned>>()

  constructor(parts: LogPruningParts) {
    this.#parts = parts
    this.#purged = parts.metrics.counter(metricTable.logPurged, {})
  }

  /** L3. @throws Fault of the leader's, or what the client throws */
  prune(log: LedLog): Promise<LogPruned> {
    const before = this.#underWay.get(log.shard)
    if (before !== undefined) return before
    const pruning = this.#prune(log).finally(() => this.#underWay.delete(log.shard))
    this.#underWay.set(log.shard, pruning)
    return pruning
  }

  /** L1. */
  async #prune(log: LedLog): Promise<LogPruned> {
    const { connection, timers, logger, streams, mayGoOn } = this.#parts
    const { shard, stream } = log
    const moved = decodeMoveHorizonReply(await askLeader(connection, log, { kind: 'moveHorizon' }))
    const from = (await this.#bounds(stream)).first
    for (let steps = 0, first = from; ; steps += 1) {
      const below = nextPurge(await this.#bounds(stream), moved.horizon)
      if (below === undefined || steps === STEPS_MAX || !mayGoOn()) {
        if (first > from) logger.info('log purged', { shard, from, first, horizon: moved.horizon })
        return { ...moved, first, done: below === undefined }
      }
      if (steps > 0) await pause(timers, STEP_PAUSE_MS)
      await streams.purge(stream, { seq: below })
      this.#purged.add(below - first)
      first = below
    }
  }

  async #bounds(stream: string): Promise<StreamBounds> {
    const { messages, first_seq: first, last_seq: last } = (await streamInfo(this.#parts.streams, stream)).state
    return { first: messages === 0 ? last + 1 : first, last }
  }
}

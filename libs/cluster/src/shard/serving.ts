/**
 * A term as clients and routers see it: takes requests on the epoch's own subject, answers them, and says four times a
 * second that it lives and what it has answered.
 *
 * T1  The subject is taken before the epoch is announced: what reaches it is meant for this term.
 * T2  What was published while the connection was down is lost, answers and beats alike. So after it came back nothing
 *     counts as answered: routers send again what they keep, and a write is answered from what is remembered.
 * T3  A leader that was held up for so long that another may lead by now answers nothing until an append of its term,
 *     which began afterwards, shows that none did. The lease lasts longer than others wait, so it does not tell.
 */
import {
  isFault,
  pause,
  type Clock,
  type Fault,
  type Logger,
  type Metrics,
  type Timers,
  type Tracer,
} from '@waggle/kernel'
import {
  beatSubject,
  commandSubject,
  encodeClusterMessage,
  limits,
  SYSTEM_TENANT,
  upkeepSubject,
  type Epoch,
  type InternalRequest,
  type Sequence,
  type ShardBeat,
} from '@waggle/protocol'
import type { LogStatus } from '../log/jetstream-log.ts'
import type { Bus, BusMessage, BusSubscription } from '../nats/bus.ts'
import { AnswerAccount } from './answer-account.ts'
import type { Replica } from '../replica/replica.ts'
import { RequestHandler } from './request-handler.ts'

export interface ServingParts {
  readonly connection: Bus
  readonly shard: number
  /** How many shards the cluster has. */
  readonly shards: number
  readonly node: string
  readonly pid: number
  readonly epoch: Epoch
  readonly replica: Replica
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  readonly tracer?: Tracer | undefined
  readonly metrics?: Metrics | undefined
  /** What the log's stream last said of itself. */
  readonly status: () => LogStatus
  /** Why writes are refused for now. */
  readonly trouble: () => Fault | undefined
  /** Why nothing at all is served for now. */
  readonly refusal: () => Fault | undefined
  /** What compactors ask of this leader. */
  readonly upkeep: (request: InternalRequest) => Promise<Readonly<Record<string, unknown>>>
  /** Whether the lease is held at this moment, for this term. */
  readonly isServing: () => boolean
  /** Reads that were answered here so far. */
  readonly reads: () => number
  /** Called for each read that was answered. */
  readonly onRead: () => void
}

/** T3: of silence; others wait half a second longer before they take over. */
const HELD_UP_MS = 1_500
const BUSY_DELAY_MS = 50

export class Serving {
  readonly #parts: ServingParts
  readonly #account = new AnswerAccount()
  readonly #subscriptions: readonly BusSubscription[]
  /** When this leader was last known not to be held up. */
  #upAtMs: number
  #confirming: Promise<boolean> | undefined

  private constructor(parts: ServingParts) {
    this.#parts = parts
    const { connection, shard, epoch, replica, isServing, onRead, trouble, refusal, upkeep, clock, logger, tracer } =
      parts
    this.#upAtMs = clock.monotonicMs()
    const { engine } = replica
    const handler = new RequestHandler({
      ...{ connection, account: this.#account, clock, logger, tracer, isServing, onRead, trouble },
      ...{ shard, role: 'leader' },
      metrics: parts.metrics,
      mayAnswer: async () => (await this.#leadsStill()) && isServing(),
      execute: async (tenant, operation, body, span) => {
        const refused = refusal()
        if (refused !== undefined) throw refused
        return engine.execute(tenant, operation, body, span)
      },
      upkeep,
      replyBytesMax: Math.min(
        limits.REPLY_BYTES_MAX,
        (connection.info?.max_payload ?? limits.REPLY_BYTES_MAX) - limits.PAYLOAD_OVERHEAD_BYTES,
      ),
    })
    const hear = (subject: string, take: (message: BusMessage) => void): BusSubscription =>
      connection.subscribe(subject, { callback: (error, message) => (error === null ? take(message) : undefined) })
    this.#subscriptions = [
      hear(commandSubject(shard, epoch.sequence), (message) => handler.take(message)),
      hear(upkeepSubject(shard, epoch.sequence), (message) => handler.takeUpkeep(message)),
    ]
  }

  /** T1. `undefined` when the server cannot be reached. */
  static async begin(parts: ServingParts): Promise<Serving | undefined> {
    const serving = new Serving(parts)
    try {
      await parts.connection.flush()
      return serving
    } catch {
      serving.end()
      return undefined
    }
  }

  get epoch(): Epoch {
    return this.#parts.epoch
  }

  /**
   * @param leading false in the last beat of a term that lets go
   * @param successor the node that is to lead next, where one was chosen
   */
  beat(leading: boolean, successor?: string): void {
    const { connection, shard, shards, node, pid, epoch, replica, clock, status, trouble, refusal, reads } = this.#parts
    void this.#leadsStill()
    // A client that is closed throws, and the process is about to end.
    if (connection.isClosed()) return
    const { engine, shardLog } = replica
    const { applied } = engine.position
    const { first, last, bytes } = status()
    const checkpoint = engine.checkpoint()
    const refused = refusal() ?? trouble()
    const beat: ShardBeat = {
      kind: 'shard',
      ...{ shard, shards, generation: engine.generation, epoch, node, pid, leading, applied, first },
      last: Math.max(last, applied) as Sequence,
      stream: shardLog.stream,
      streamBytes: bytes,
      holds: engine.holds(),
      reads: reads(),
      horizon: engine.horizon().horizon,
      ...(checkpoint === undefined ? {} : { checkpoint }),
      ...(successor === undefined ? {} : { successor }),
      ...(refused === undefined ? {} : { trouble: refused.code }),
      ...this.#account.numbers(clock.monotonicMs()),
    }
    connection.publish(beatSubject(shard), encodeClusterMessage(beat))
  }

  /** T2. */
  reconnected(): void {
    this.#account.forget()
  }

  /** T3. */
  #leadsStill(): Promise<boolean> | boolean {
    const nowMs = this.#parts.clock.monotonicMs()
    const isHeldUp = nowMs - this.#upAtMs > HELD_UP_MS
    this.#upAtMs = nowMs
    if (isHeldUp) this.#confirming ??= this.#confirm()
    return this.#confirming ?? true
  }

  async #confirm(): Promise<boolean> {
    const { replica, timers, logger, shard } = this.#parts
    logger.warn('leader was held up: it asks the log whether it still leads', { shard })
    for (;;)
      try {
        await replica.engine.submit({ name: 'maintenance.confirm', tenant: SYSTEM_TENANT, fields: {} })
        this.#confirming = undefined
        return true
      } catch (error) {
        // The term has ended, or cannot append: nothing more of it is answered.
        if (!isFault(error) || error.kind !== 'busy') return false
        await pause(timers, BUSY_DELAY_MS)
      }
  }

  /** Takes no further requests; those that were taken are still answered while the lease lasts. */
  end(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe()
  }
}

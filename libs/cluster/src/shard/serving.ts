/**
 * A term as clients and routers see it: takes requests on the epoch's own subject, answers them, and says four times a
 * second that it lives and what it has answered.
 *
 * T1  The subject is taken before the epoch is announced: what reaches it is meant for this term.
 * T2  What was published while the connection was down is lost, answers and beats alike. So after it came back nothing
 *     counts as answered: routers send again what they keep, and a write is answered from what is remembered.
 */
import type { Fault, Logger, Clock } from '@waggle/kernel'
import {
  beatSubject,
  commandSubject,
  encodeClusterMessage,
  limits,
  upkeepSubject,
  type Epoch,
  type InternalRequest,
  type Sequence,
  type ShardBeat,
} from '@waggle/protocol'
import type { LogStatus } from '../log/jetstream-log.ts'
import type { Bus, BusMessage, BusSubscription } from '../nats/bus.ts'
import { AnswerAccount } from './answer-account.ts'
import type { Replica } from './replica.ts'
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
  readonly logger: Logger
  /** What the log's stream last said of itself. */
  readonly status: () => LogStatus
  /** Why writes are refused for now. */
  readonly trouble: () => Fault | undefined
  /** What compactors ask of this leader. */
  readonly upkeep: (request: InternalRequest) => Promise<Readonly<Record<string, unknown>>>
  /** Whether the lease is held at this moment, for this term. */
  readonly isServing: () => boolean
}

export class Serving {
  readonly #parts: ServingParts
  readonly #account = new AnswerAccount()
  readonly #subscriptions: readonly BusSubscription[]

  private constructor(parts: ServingParts) {
    this.#parts = parts
    const { connection, shard, epoch, replica, isServing, trouble, upkeep, clock, logger } = parts
    const { engine } = replica
    const handler = new RequestHandler({
      ...{ connection, account: this.#account, clock, logger, isServing, trouble },
      execute: (tenant, operation, body) => engine.execute(tenant, operation, body),
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

  /** @param leading false in the last beat of a term that lets go */
  beat(leading: boolean): void {
    const { connection, shard, shards, node, pid, epoch, replica, clock, status, trouble } = this.#parts
    // A client that is closed throws, and the process is about to end.
    if (connection.isClosed()) return
    const { engine, shardLog } = replica
    const { applied } = engine.position
    const { first, last, bytes } = status()
    const refusal = trouble()
    const beat: ShardBeat = {
      kind: 'shard',
      ...{ shard, shards, generation: engine.generation, epoch, node, pid, leading, applied, first },
      last: Math.max(last, applied) as Sequence,
      stream: shardLog.stream,
      streamBytes: bytes,
      holds: engine.holds(),
      ...(refusal === undefined ? {} : { trouble: refusal.code }),
      ...this.#account.numbers(clock.monotonicMs()),
    }
    connection.publish(beatSubject(shard), encodeClusterMessage(beat))
  }

  /** T2. */
  reconnected(): void {
    this.#account.forget()
  }

  /** Takes no further requests; those that were taken are still answered while the lease lasts. */
  end(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe()
  }
}

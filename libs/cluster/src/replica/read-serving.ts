/**
 * Reads that routers send to a replica which need not lead: it answers from what it has applied, and says four times a
 * second what it has answered.
 *
 * R1  It takes a request only while it is near the end of its log, and then only what any replica may answer: a read
 *     that carries a token waits for it, and one with `consistency: any` wants no more than what is there. Everything
 *     else is for the leader: it stays open, and its router sends it there. So does what a replica that closes has not
 *     answered.
 * R2  Where the log is damaged it takes reads with `consistency: any` alone, and says so (DESIGN L2).
 * R3  What was published while the connection was down is lost, so after it came back nothing counts as answered.
 */
import { isFault, type Clock, type Logger, type Metrics, type Tracer } from '@waggle/kernel'
import {
  encodeClusterMessage,
  fault,
  isPollName,
  isWriteName,
  limits,
  readSubject,
  replicaBeatSubject,
  type BuiltName,
  type ReplicaBeat,
} from '@waggle/protocol'
import type { Bus, BusSubscription } from '../nats/bus.ts'
import { AnswerAccount } from '../shard/answer-account.ts'
import type { Replica } from './replica.ts'
import { RequestHandler } from '../shard/request-handler.ts'

/** `anyOnly`: R2. */
export type Readiness = 'not' | 'whole' | 'anyOnly'

export interface ReadServingParts {
  readonly connection: Bus
  readonly shard: number
  /** How many shards the cluster has. */
  readonly shards: number
  readonly node: string
  readonly pid: number
  readonly replica: Replica
  readonly clock: Clock
  readonly logger: Logger
  readonly tracer?: Tracer | undefined
  readonly metrics?: Metrics | undefined
  /** What it takes at this moment. */
  readonly readiness: () => Readiness
  /** Whether what it has may be told: not where it contradicts the log. */
  readonly mayAnswer: () => boolean
  /** Called for each read that was answered. */
  readonly onRead: () => void
}

/** What else a beat tells. */
export type ReplicaSaid = Pick<ReplicaBeat, 'hold' | 'reads' | 'digests'>

export class ReadServing {
  readonly #parts: ReadServingParts
  readonly #account = new AnswerAccount()
  readonly #subscription: BusSubscription

  constructor(parts: ReadServingParts) {
    this.#parts = parts
    const { connection, shard, node, replica, clock, logger, tracer, readiness, mayAnswer, onRead } = parts
    const handler = new RequestHandler({
      ...{ connection, account: this.#account, clock, logger, tracer, mayAnswer, onRead },
      ...{ shard, role: 'follower' },
      metrics: parts.metrics,
      isServing: () => readiness() !== 'not',
      trouble: () => undefined,
      execute: async (tenant, operation, body, span) => {
        if (!isTaken(operation, body, readiness())) throw forLeader()
        return replica.engine.execute(tenant, operation, body, span).catch((error: unknown) => {
          throw isFault(error) && error.code === 'CLOSED' ? forLeader() : error
        })
      },
      upkeep: () => Promise.reject(forLeader()),
      replyBytesMax: Math.min(
        limits.REPLY_BYTES_MAX,
        (connection.info?.max_payload ?? limits.REPLY_BYTES_MAX) - limits.PAYLOAD_OVERHEAD_BYTES,
      ),
    })
    this.#subscription = connection.subscribe(readSubject(shard, node), {
      callback: (error, message) => (error === null ? handler.take(message) : undefined),
    })
  }

  beat(said: ReplicaSaid): void {
    const { connection, shard, shards, node, pid, replica, clock, readiness } = this.#parts
    // A client that is closed throws, and the process is about to end.
    if (connection.isClosed()) return
    const { generation, position } = replica.engine
    const { epoch, applied } = position
    const ready = readiness()
    const beat: ReplicaBeat = {
      kind: 'replica',
      ...{ shard, shards, generation, node, pid, epoch, applied, ...said },
      serving: ready !== 'not',
      ...(ready === 'anyOnly' ? { anyOnly: true } : {}),
      ...this.#account.numbers(clock.monotonicMs()),
    }
    connection.publish(replicaBeatSubject(shard, node), encodeClusterMessage(beat))
  }

  /** R3. */
  reconnected(): void {
    this.#account.forget()
  }

  end(): void {
    this.#subscription.unsubscribe()
  }
}

/** R1, R2. */
const isTaken = (operation: string, body: unknown, readiness: Readiness): boolean => {
  const name = operation as BuiltName
  if (isWriteName(name) || isPollName(name) || typeof body !== 'object' || body === null) return false
  const { consistency, token } = body as { readonly consistency?: unknown; readonly token?: unknown }
  if (consistency === 'any') return readiness !== 'not'
  return readiness === 'whole' && consistency !== 'strong' && typeof token === 'string'
}

/** Never told: what is answered so stays open. */
const forLeader = () => fault('NOT_LEADING', 'only the leader answers that')

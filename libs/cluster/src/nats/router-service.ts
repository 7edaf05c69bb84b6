/**
 * A router on its connection to NATS: which subjects it hears, and how it comes and goes.
 *
 * V1  It hears the beats before it takes requests, and takes none any more before it stops hearing beats.
 * V2  Routers share the requests as one queue group, which forgets one that leaves or dies.
 * V3  A server tells whoever listens to the reply subject himself when nobody took a message. For a part of a question
 *     to all shards that is no answer: its leader has gone, and it is kept for the next one.
 * V4  Where no beat comes for some seconds, the server may be cut off from those that beat, and another one is tried.
 */
import type { CancelTimer, Clock, IdSource, Logger, Metrics, Timers, Tracer } from '@waggle/kernel'
import {
  API_SUBJECTS,
  BEAT_SUBJECTS,
  COMPACTOR_BEAT_SUBJECTS,
  internalInboxPrefix,
  NODE_BEAT_SUBJECTS,
  REPLICA_BEAT_SUBJECTS,
  ROUTER_QUEUE,
  type ServerPool,
} from '@waggle/protocol'
import type { Msg, NatsConnection } from '@nats-io/transport-node'
import { LogLimit } from '../log-limit.ts'
import type { RateQuotaParts } from '../quota/rate-quotas.ts'
import type { Outbox } from '../router/outbox.ts'
import type { Incoming } from '../router/incoming.ts'
import { Router } from '../router/router.ts'
import { connectionCheck, type ReadinessCheck } from '../readiness-check.ts'
import { observeRouter } from '../router/router-metrics.ts'
import { serversOf } from './cut-off.ts'
import { headersOf, traceOf } from './headers.ts'
import { registerService } from './micro-service.ts'

const SERVICE = 'waggle-router'

export interface RouterOptions extends RateQuotaParts {
  /** Of the role `router`; it stays the caller's to close. */
  readonly connection: NatsConnection
  /** Name of this process among the routers. */
  readonly node: string
  readonly version: string
  readonly pid: number
  readonly clock: Clock
  readonly timers: Timers
  readonly ids: IdSource
  readonly logger: Logger
  /** Absent: nobody collects traces; those that requests belong to go on. */
  readonly tracer?: Tracer
  /** Absent: nobody is told. */
  readonly metrics?: Metrics
}

export interface RunningRouter {
  /** What it needs to be ready, as it is now. */
  checks(): readonly ReadinessCheck[]
  /** How much of what it has done, and what it keeps. */
  figures(): Readonly<Record<string, number>>
  /** Takes no further requests, and ends those that it keeps within about 2 s. */
  drain(): Promise<void>
  /** Resolves with the reason when it hears no more. */
  readonly ended: Promise<unknown>
}

/** Resolves when it takes requests. */
export const startRouter = async (options: RouterOptions): Promise<RunningRouter> => {
  const { connection, node, version, pid, clock, ids, logger } = options
  // Drawn, and told to nobody but the leaders that it asks.
  const inbox = `${internalInboxPrefix('router')}.${ids.uuid()}`
  const outbox = outboxOf(connection, { clock, logger })
  const router = new Router({ ...options, id: ids.uuid(), inbox, outbox })
  if (options.metrics !== undefined) observeRouter(options.metrics, router)

  let refuse: (error: Error) => void = () => undefined
  const refused = new Promise<Error>((resolve) => {
    refuse = resolve
  })
  const hear = (subject: string, handle: (message: Msg) => void) =>
    connection.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) handle(message)
        else refuse(error)
      },
    })
  const pool = serversOf(connection, clock)
  const hearBeats = (subject: string, handle: (message: Msg) => void) =>
    hear(subject, (message) => {
      pool.heard(clock.monotonicMs())
      handle(message)
    })
  // V1.
  const heard = [
    hearBeats(BEAT_SUBJECTS, router.shardBeat),
    hearBeats(REPLICA_BEAT_SUBJECTS, router.replicaBeat),
    hearBeats(NODE_BEAT_SUBJECTS, router.nodeBeat),
    hearBeats(COMPACTOR_BEAT_SUBJECTS, router.compactorBeat),
    hear(`${inbox}.*.*`, (message) => {
      if (!isUnheard(message)) router.answer(message)
    }),
  ]
  await connection.flush()
  void followChanges(connection, router)
  const cancelLook = leaveSilence(pool, options)
  const service = await registerService(connection, {
    name: SERVICE,
    version,
    description: 'takes requests to Waggle and passes them on to the leaders of shards',
    metadata: { node, pid: String(pid) },
    // V2.
    endpoint: {
      name: 'api',
      subject: API_SUBJECTS,
      queue: ROUTER_QUEUE,
      handle: (message) => router.request({ ...incoming(message), trace: traceOf(message.headers) }),
      figures: () => router.figures(),
    },
  })
  await connection.flush()

  return {
    checks: () => [connectionCheck('nats', connection), clusterCheck(router)],
    figures: () => router.figures(),
    async drain() {
      cancelLook()
      if (!connection.isClosed()) await service.stop()
      await router.drain()
      for (const subscription of heard) subscription.unsubscribe()
    },
    ended: Promise.race([refused, connection.closed(), service.stopped]),
  }
}

/** A shard without a leader is none of its business: the others are served, and that one's requests wait. */
const clusterCheck = ({ led }: Router): ReadinessCheck =>
  led === undefined
    ? { name: 'cluster', ready: false, reason: 'no leader of any shard was heard yet' }
    : { name: 'cluster', ready: true }

/** The status with which a server says that nobody listens. */
const NOBODY_LISTENS = 503

/** V3. */
const isUnheard = ({ data, headers }: Msg): boolean => data.length === 0 && headers?.code === NOBODY_LISTENS

const incoming = ({ subject, reply, data }: Msg): Incoming =>
  reply === undefined ? { subject, data } : { subject, reply, data }

const followChanges = async (connection: NatsConnection, router: Router): Promise<void> => {
  for await (const { type } of connection.status()) if (type === 'reconnect') router.reconnected()
}

const LOOK_MS = 1_000

/** V4. */
const leaveSilence = (pool: ServerPool, { connection, clock, timers, logger }: RouterOptions): CancelTimer => {
  let cancel: CancelTimer = () => undefined
  const look = (): void => {
    const server = connection.getServer()
    if (pool.leave(clock.monotonicMs()))
      logger.warn('no beat comes from this NATS server, another one is tried', { server })
    cancel = timers.after(LOOK_MS, look, { background: true })
  }
  look()
  return () => {
    cancel()
  }
}

/** Before the server has said what it carries, and while there is none: what every server carries. */
const PAYLOAD_BYTES_DEFAULT = 1_048_576

const outboxOf = (connection: NatsConnection, { clock, logger }: Pick<RouterOptions, 'clock' | 'logger'>): Outbox => {
  const failures = new LogLimit(clock)
  let payloadBytesMax = PAYLOAD_BYTES_DEFAULT
  return {
    get payloadBytesMax() {
      payloadBytesMax = connection.info?.max_payload ?? payloadBytesMax
      return payloadBytesMax
    },
    publish(subject, bytes, { reply, headers }) {
      try {
        connection.publish(subject, bytes, {
          ...(reply === undefined ? {} : { reply }),
          ...(headers === undefined ? {} : { headers: headersOf(headers) }),
        })
      } catch (error) {
        // Closed, or a subject that no server takes: as lost as anything on a network.
        const skipped = failures.take()
        if (skipped !== undefined) logger.warn('a message was not published', { reason: String(error), skipped })
      }
    },
  }
}

/**
 * Leaves a NATS server that is cut off from most of its cluster. Such a server goes on taking connections: it brings
 * them what others at the same server say, reads its own copies of streams, and lets them speak to nobody else.
 *
 * I1  The connection that keeps logs asks for the directory's stream once a second. It leaves where for 5 s nobody has
 *     answered for that stream whom most of its copies follow: a leader who has lost them does not notice for 10-20 s.
 * I2  After each such answer it sends a pulse to the connection that takes requests, which leaves where for 5 s pulses
 *     were sent and none came. So of two connections that do not reach each other the one away from the logs goes.
 * I3  Nothing is decided by where a connection is: one that leaves too early loses messages, as on any network.
 */
import { equalBytes, utf8, type CancelTimer, type Clock, type IdSource, type Logger, type Timers } from '@waggle/kernel'
import { nodePulseSubject, ServerPool } from '@waggle/protocol'
import type { StreamInfo } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { DIRECTORY_BUCKET } from '../directory/directory.ts'
import { bucketStream } from '../log/stream-config.ts'
import { apiCode, STREAM_NOT_FOUND } from './api-errors.ts'
import type { JetStreamAccess, NatsJetStream } from './jetstream-access.ts'

const LOOK_MS = 1_000
/** A leader hears from each of its copies once a second. */
const FOLLOWED_MS = 5_000
const NANOSECONDS_PER_MS = 1_000_000

/** I1. Whether most of the copies, the leader's among them, are in touch with the leader who says this. */
export const isFollowedByMost = ({ config, cluster }: Pick<StreamInfo, 'config' | 'cluster'>): boolean => {
  if (config.num_replicas <= 1) return true
  if (cluster?.leader === undefined) return false
  const { replicas = [] } = cluster
  const inTouch = replicas.filter(({ offline, active }) => !offline && active < FOLLOWED_MS * NANOSECONDS_PER_MS)
  return 2 * (1 + inTouch.length) > config.num_replicas
}

type Leaving = Pick<ServerPool, 'heard' | 'leave'>

export interface CutOffWatchParts {
  /** Whether somebody answers for the logs (I1). Never rejects. */
  readonly isAnswered: () => Promise<boolean>
  readonly logs: Leaving
  /** Absent where one connection does everything. */
  readonly requests?: { readonly servers: Leaving; sendPulse(): void }
  readonly clock: Clock
  readonly logger: Logger
}

export class CutOffWatch {
  readonly #parts: CutOffWatchParts
  /** The first since one was heard. */
  #pulseSentMs: number | undefined

  constructor(parts: CutOffWatchParts) {
    this.#parts = parts
  }

  /** To be called once a second. */
  async look(): Promise<void> {
    const { isAnswered, logs, requests, clock, logger } = this.#parts
    const answered = await isAnswered()
    const nowMs = clock.monotonicMs()
    if (answered) {
      logs.heard(nowMs)
      this.#pulseSentMs ??= nowMs
      requests?.sendPulse()
    } else if (logs.leave(nowMs)) logger.warn('nobody answers for the logs at this NATS server, another one is tried')
    // Where no pulse was sent, none is missed.
    if (this.#pulseSentMs !== undefined && requests?.servers.leave(nowMs, this.#pulseSentMs) === true)
      logger.warn('nothing comes to this NATS server from where the logs are, another one is tried')
  }

  heardPulse(): void {
    const { requests, clock } = this.#parts
    this.#pulseSentMs = undefined
    requests?.servers.heard(clock.monotonicMs())
  }
}

/** The servers that a connection knows, kept in mind for as long as it lives. */
export const serversOf = (connection: NatsConnection, clock: Clock): ServerPool => {
  const servers = new ServerPool(connection, clock.monotonicMs())
  void follow(connection, servers)
  return servers
}

const follow = async (connection: NatsConnection, servers: ServerPool): Promise<void> => {
  for await (const { type } of connection.status()) if (type === 'reconnect' || type === 'update') servers.changed()
}

export interface CutOffOptions {
  /** Over the connection that keeps the logs. */
  readonly access: NatsJetStream
  /** I2. A node's connection that takes requests. */
  readonly requests?: { readonly connection: NatsConnection; readonly node: string; readonly ids: IdSource }
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
}

/** Looks once a second from now on. @returns what ends that */
export const leaveWhenCutOff = (options: CutOffOptions): CancelTimer => {
  const { timers } = options
  let cancel: CancelTimer = () => undefined
  let isOver = false
  const watch = watchOf(options)
  const look = async (): Promise<void> => {
    await watch.look()
    if (!isOver) cancel = timers.after(LOOK_MS, () => void look(), { background: true })
  }
  void look()
  return () => {
    isOver = true
    cancel()
  }
}

const watchOf = ({ access, requests, clock, logger }: CutOffOptions): CutOffWatch => {
  const parts = {
    isAnswered: () => isAnswered(access.manager.streams),
    logs: serversOf(access.connection, clock),
    ...{ clock, logger },
  }
  if (requests === undefined) return new CutOffWatch(parts)
  const { connection, node, ids } = requests
  // Another process may have the name of this node.
  const pulse = utf8(ids.uuid())
  const sendPulse = (): void => {
    if (!access.connection.isClosed()) access.connection.publish(nodePulseSubject(node), pulse)
  }
  const watch = new CutOffWatch({ ...parts, requests: { servers: serversOf(connection, clock), sendPulse } })
  connection.subscribe(nodePulseSubject(node), {
    callback: (error, { data }) => {
      if (error === null && equalBytes(data, pulse)) watch.heardPulse()
    },
  })
  return watch
}

/** I1. That there is no such stream yet only the leader of all servers says. */
const isAnswered = async (streams: Pick<JetStreamAccess['manager']['streams'], 'info'>): Promise<boolean> => {
  try {
    return isFollowedByMost(await streams.info(bucketStream(DIRECTORY_BUCKET)))
  } catch (error) {
    return apiCode(error) === STREAM_NOT_FOUND
  }
}

/**
 * The connection of a part of a cluster to its NATS server.
 *
 * The client's own options are made for people at desks: it would notice a server that hangs after four minutes and
 * give up after ten attempts. With these a hung server is left after about 5 s (measured), and the attempts never end.
 *
 * What is published while there is no connection is lost: whoever publishes must be ready to do so again.
 */
import { silentMetrics, type Clock, type Counter, type Logger, type Metrics, type Random } from '@waggle/kernel'
import { internalInboxPrefix, metricTable, type InternalRole } from '@waggle/protocol'
import {
  connect,
  errors,
  type NatsConnection,
  type NodeConnectionOptions as LibraryOptions,
  type Status,
} from '@nats-io/transport-node'
import { LogLimit } from '../log-limit.ts'

/** Paths of PEM files, which are read again for each attempt to connect: a renewed certificate needs no restart. */
export interface TlsFiles {
  /** Absent: the authorities that Node trusts. */
  readonly caFile?: string | undefined
  /** For servers that ask for a certificate. */
  readonly certFile?: string | undefined
  readonly keyFile?: string | undefined
}

export interface NodeConnectionOptions {
  /**
   * `nats://host:port`, one or more; others of the same cluster of servers are learnt from these. With one that is
   * `tls://host:port`, or with files for TLS, no connection is made but with TLS.
   */
  readonly servers: readonly string[]
  readonly user?: string
  readonly password?: string
  readonly tls?: TlsFiles | undefined
  /** Whose inbox replies go to; absent for the ordinary one, which the servers' own account needs. */
  readonly role?: InternalRole
  /** What the server's monitoring shows. */
  readonly name: string
  /** What metrics call it; `main` where it is absent. */
  readonly label?: 'main' | 'log' | 'system'
  readonly logger: Logger
  /** Absent: nobody is told. */
  readonly metrics?: Metrics
  readonly clock: Clock
  readonly random: Random
}

/** Milliseconds; two that stay unanswered end the connection. */
const PING_INTERVAL_MS = 1_500
const PINGS_OUT_MAX = 2
const DIAL_TIMEOUT_MS = 2_000
/** Between two attempts, 100 to 355 ms: so that a whole cluster does not come back in the same moment. */
const RECONNECT_DELAY_MS = 100

/**
 * Connects, and says in the log from then on when the connection is lost, is back, or is refused something.
 *
 * Its `closed()` resolves when it has ended for good: after `close` or `drain`, or because the server refused these
 * credentials twice; then the process must end.
 * @throws Error naming the servers, when none takes the connection
 */
export const connectNode = async (options: NodeConnectionOptions): Promise<NatsConnection> => {
  const { servers, user, password, role, name, logger, clock, random } = options
  const connection = await connect({
    servers: [...servers],
    name,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { pass: password }),
    ...(role === undefined ? {} : { inboxPrefix: internalInboxPrefix(role) }),
    ...tlsOptions(options),
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: PINGS_OUT_MAX,
    timeout: DIAL_TIMEOUT_MS,
    maxReconnectAttempts: -1,
    reconnectDelayHandler: () => RECONNECT_DELAY_MS + (random.bytes(1)[0] as number),
    noAsyncTraces: true,
  }).catch((error: unknown) => {
    const hint = error instanceof errors.TimeoutError && isTlsAsked(options) ? UNSAID : ''
    throw new Error(`no NATS server takes the connection servers=${servers.join(',')} reason=${String(error)}${hint}`, {
      cause: error,
    })
  })
  const reconnects = countReconnects(connection, options)
  void report(connection.status(), { connection: name, logger, limit: new LogLimit(clock), reconnects })
  return connection
}

/** Measured: of a certificate that it does not like, the server says nothing that the library would pass on. */
const UNSAID = ' (or the server asks for a certificate that it knows: nats.tls.certFile)'

/** By itself the client library would tell its password in the clear to whoever says that there is no TLS. */
const tlsOptions = (options: NodeConnectionOptions): Pick<LibraryOptions, 'tls'> =>
  isTlsAsked(options) ? { tls: { ...options.tls } as NonNullable<LibraryOptions['tls']> } : {}

const isTlsAsked = ({ servers, tls = {} }: NodeConnectionOptions): boolean =>
  Object.values(tls).some((file) => file !== undefined) || servers.some((server) => server.startsWith('tls://'))

const countReconnects = (
  connection: NatsConnection,
  { metrics = silentMetrics, label = 'main' }: Pick<NodeConnectionOptions, 'metrics' | 'label'>,
): Counter => {
  const labels = { connection: label }
  const forget = metrics.observe(metricTable.natsConnected, () => [
    { labels, value: connection.info === undefined ? 0 : 1 },
  ])
  void connection.closed().then(forget)
  return metrics.counter(metricTable.natsReconnects, labels)
}

interface Reporting {
  readonly connection: string
  readonly logger: Logger
  readonly limit: LogLimit
  readonly reconnects: Counter
}

/** Ends with the connection. */
const report = async (
  changes: AsyncIterable<Status>,
  { connection, logger, limit, reconnects }: Reporting,
): Promise<void> => {
  for await (const change of changes)
    switch (change.type) {
      case 'disconnect':
        logger.warn('connection to NATS lost', { connection, server: change.server })
        break
      case 'reconnect':
        reconnects.add()
        logger.info('connection to NATS is back', { connection, server: change.server })
        break
      case 'staleConnection':
        logger.warn('NATS server answers no pings', { connection })
        break
      case 'ldm':
        logger.info('NATS server is about to stop', { connection, server: change.server })
        break
      case 'error':
        reportError(change.error, { connection, logger, limit })
        break
      case 'update':
      case 'ping':
      case 'reconnecting':
      case 'forceReconnect':
      case 'slowConsumer':
      case 'close':
        break
    }
}

const reportError = (error: Error, { connection, logger, limit }: Omit<Reporting, 'reconnects'>): void => {
  // Whoever names a subject of ours as the place for a reply can provoke these as often as it likes.
  const skipped = limit.take()
  if (skipped === undefined) return
  const refused = error instanceof errors.PermissionViolationError
  logger.error(refused ? 'NATS server refuses a subject' : 'NATS server reports an error', {
    connection,
    ...(refused ? { operation: error.operation, subject: error.subject } : {}),
    reason: error.message,
    ...(skipped === 0 ? {} : { skipped }),
  })
}

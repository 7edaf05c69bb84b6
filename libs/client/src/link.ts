/**
 * One connection to the NATS servers: what goes out, what comes back to whom, and what the servers say about it.
 *
 * Requests have an inbox of their own instead of the library's: an answer to an earlier attempt is an answer still, and
 * nothing of a request outlives it.
 */
import {
  fraction,
  traceHeaders,
  type TraceContext,
  type Clock,
  type Fault,
  type Logger,
  type Random,
  type Timers,
} from '@waggle/kernel'
import { fault, FAULT_NUMBER_HEADER, limits, ServerPool } from '@waggle/protocol'
import {
  connect,
  createInbox,
  credsAuthenticator,
  errors,
  headers,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  type NodeConnectionOptions,
  type Subscription,
} from '@nats-io/transport-node'
import type { ServerSettings } from './connect-options.ts'

export interface LinkPorts {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
}

/** Who waits for the answer to a request. */
export interface LinkListener {
  readonly subject: string
  /** @param hasFaultHeader whether it says of itself that it is a fault */
  answered(attempt: number, bytes: Uint8Array, hasFaultHeader: boolean): void
  /** Nobody listens to the subject: that attempt did nothing. */
  unheard(attempt: number): void
  /** The credentials do not suffice. */
  denied(refusal: Fault): void
  /** The connection is there again; whatever was under way may be lost. */
  reconnected(): void
}

/** What a request needs of it. */
export type RequestLine = Pick<Link, 'isConnected' | 'refusal' | 'servers' | 'listen' | 'forget' | 'send' | 'doubt'>

const CONNECT_MS_MAX = 10_000
/**
 * A server that was halted takes a connection and says nothing: measured, the library's 20 s and 2 min keep a client
 * there.
 */
const DIAL_MS_MAX = 2_000
const PING_MS = 1_500
const RECONNECT_MS = 100

export class Link {
  /** The servers as they were given, for messages. */
  readonly servers: string
  readonly #nc: NatsConnection
  readonly #inbox: string
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #pool: ServerPool
  readonly #listeners = new Map<string, LinkListener>()
  #subscription: Subscription
  #isConnected = true
  #payloadMax = 0
  #refusal: Fault | undefined
  #count = 0

  /**
   * @param inboxPrefix under which the credentials may listen
   * @throws Fault `DENIED`; `SHARD_NOT_READY` when no server answers within 10 s
   */
  static async open(settings: ServerSettings, inboxPrefix: string, ports: LinkPorts): Promise<Link> {
    return new Link(await connectWithin(settings, inboxPrefix, ports), settings, inboxPrefix, ports)
  }

  private constructor(nc: NatsConnection, settings: ServerSettings, inboxPrefix: string, { clock, logger }: LinkPorts) {
    this.#nc = nc
    this.#clock = clock
    this.#logger = logger
    this.#pool = new ServerPool(nc, clock.monotonicMs())
    this.servers = settings.servers.join(',')
    this.#inbox = createInbox(inboxPrefix)
    this.#subscription = this.#subscribe()
    void this.#follow()
  }

  get isConnected(): boolean {
    return this.#isConnected && !this.#nc.isClosed()
  }

  /** Bytes of the largest request that the server takes. */
  get requestBytesMax(): number {
    // Unknown while there is no connection: then what the last server said counts.
    this.#payloadMax = this.#nc.info?.max_payload ?? this.#payloadMax
    return Math.min(limits.REQUEST_BYTES_MAX, this.#payloadMax - limits.PAYLOAD_OVERHEAD_BYTES)
  }

  /** Why the servers do not let this client in any more; `undefined` while they do. */
  get refusal(): Fault | undefined {
    return this.#refusal
  }

  /** @returns the name under which the listener's requests are answered */
  listen(listener: LinkListener): string {
    this.#count += 1
    const name = this.#count.toString(36)
    this.#listeners.set(name, listener)
    return name
  }

  forget(name: string): void {
    this.#listeners.delete(name)
  }

  /** Sends a request of a listener. @throws Error when the connection is closed */
  send(name: string, attempt: number, subject: string, bytes: Uint8Array, trace?: TraceContext): void {
    // The server ends a subscription that it does not allow; the rights may be others by now.
    if (this.#subscription.isClosed()) this.#subscription = this.#subscribe()
    const reply = `${this.#inbox}.${name}.${attempt}`
    this.#nc.publish(subject, bytes, trace === undefined ? { reply } : { reply, headers: headersOf(trace) })
  }

  /**
   * A request goes out once more, for nothing came back: where nobody has heard anything for some seconds, the server
   * may be cut off from those that could answer, and another one is tried.
   * @param sinceMs since when that request could have been answered, on the monotonic clock
   */
  doubt(sinceMs: number): void {
    const server = this.#nc.getServer()
    if (this.#pool.leave(this.#clock.monotonicMs(), sinceMs))
      this.#logger.warn('nothing comes from this NATS server, another one is tried', { server })
  }

  async close(): Promise<void> {
    await this.#nc.close()
  }

  #subscribe(): Subscription {
    return this.#nc.subscribe(`${this.#inbox}.*.*`, {
      callback: (error, message) => {
        if (error === null) this.#deliver(message)
      },
    })
  }

  #deliver(message: Msg): void {
    const [name = '', attempt] = message.subject.slice(this.#inbox.length + 1).split('.')
    const listener = this.#listeners.get(name)
    if (listener === undefined) return
    if (message.data.length === 0 && message.headers?.code === NOBODY_LISTENS) listener.unheard(Number(attempt))
    else {
      this.#pool.heard(this.#clock.monotonicMs())
      listener.answered(Number(attempt), message.data, message.headers?.has(FAULT_NUMBER_HEADER) ?? false)
    }
  }

  /** What happens to the connection, until it is closed. */
  async #follow(): Promise<void> {
    for await (const status of this.#nc.status())
      switch (status.type) {
        case 'disconnect':
          this.#isConnected = false
          this.#logger.warn('connection to NATS lost', { server: status.server })
          break
        case 'reconnect':
          this.#isConnected = true
          this.#pool.changed()
          this.#refusal = undefined
          this.#logger.info('connected to NATS again', { server: status.server })
          for (const listener of [...this.#listeners.values()]) listener.reconnected()
          break
        case 'error':
          this.#complained(status.error)
          break
        case 'update':
          this.#pool.changed()
          break
        case 'close':
        case 'forceReconnect':
        case 'ldm':
        case 'ping':
        case 'reconnecting':
        case 'slowConsumer':
        case 'staleConnection':
          break
      }
    this.#isConnected = false
  }

  #complained(error: Error): void {
    this.#logger.warn('NATS complains', { reason: error.message })
    if (isRefusal(error)) this.#refusal = refusalOf(error)
    if (!(error instanceof errors.PermissionViolationError)) return
    const refusal = refusalOf(error)
    const { operation, subject } = error
    for (const listener of [...this.#listeners.values()])
      if (operation === 'subscription' || listener.subject === subject) listener.denied(refusal)
  }
}

const headersOf = (trace: TraceContext): MsgHdrs => {
  const made = headers()
  for (const [name, value] of traceHeaders(trace)) made.set(name, value)
  return made
}

/** The status with which a server says that nobody listens. */
const NOBODY_LISTENS = 503

const isRefusal = (error: unknown): error is Error =>
  error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError

const refusalOf = (error: Error): Fault =>
  fault(
    'DENIED',
    `the NATS server refuses reason=${error.message}`,
    { reason: error.message, ...(error instanceof errors.PermissionViolationError ? { subject: error.subject } : {}) },
    { cause: error },
  )

/** @throws Fault */
const connectWithin = async (
  settings: ServerSettings,
  inboxPrefix: string,
  { timers, random }: LinkPorts,
): Promise<NatsConnection> => {
  const connecting = connect(natsOptions(settings, inboxPrefix, random))
  const late = new Promise<never>((_resolve, reject) => {
    const cancel = timers.after(CONNECT_MS_MAX, () => {
      reject(new Error(`no connection within ${CONNECT_MS_MAX} ms`))
    })
    connecting.then(cancel, cancel)
  })
  try {
    return await Promise.race([connecting, late])
  } catch (error) {
    // One that comes too late is nobody's.
    connecting.then((nc) => nc.close()).catch(() => undefined)
    if (isRefusal(error)) throw refusalOf(error)
    const servers = settings.servers.join(',')
    const reason = error instanceof Error ? error.message : String(error)
    throw fault(
      'SHARD_NOT_READY',
      `no NATS server can be reached servers=${servers} reason=${reason}`,
      { servers, reason },
      { cause: error },
    )
  }
}

const natsOptions = (
  { servers, credentials, tls, name }: ServerSettings,
  inboxPrefix: string,
  random: Random,
): NodeConnectionOptions => ({
  servers: [...servers],
  name,
  inboxPrefix,
  timeout: DIAL_MS_MAX,
  pingInterval: PING_MS,
  maxPingOut: 2,
  maxReconnectAttempts: -1,
  // Two "authentication timeouts" of a busy server in a row would otherwise end the connection for good.
  ignoreAuthErrorAbort: true,
  reconnectDelayHandler: () => RECONNECT_MS + Math.floor(RECONNECT_MS * fraction(random)),
  noAsyncTraces: true,
  ...(tls === undefined ? {} : { tls: tls as NonNullable<NodeConnectionOptions['tls']> }),
  ...(credentials.kind === 'password' ? { user: credentials.user, pass: credentials.password } : {}),
  ...(credentials.kind === 'token' ? { token: credentials.token } : {}),
  ...(credentials.kind === 'creds'
    ? { authenticator: credsAuthenticator(new TextEncoder().encode(credentials.creds)) }
    : {}),
})

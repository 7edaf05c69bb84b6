/** Routers on a real server, with the users and rights that a cluster has. */
import { silentLogger, systemClock, systemIds, systemRandom, systemTimers, type Logger } from '@waggle/kernel'
import { testServer, type TestServer } from '@waggle/nats-server/testing'
import {
  apiSubject,
  decodeReply,
  DEFAULT_TENANT,
  encodeBody,
  inboxPrefix,
  internalPermissions,
  operatorPermissions,
  SYSTEM_TENANT,
  systemInboxPrefix,
  wholeTenantPermissions,
  type Encoding,
  type TenantId,
} from '@waggle/protocol'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { connectNode } from '../nats/connection.ts'
import { startRouter, type RunningRouter } from '../nats/router-service.ts'
import { ScriptedLeader, type LeaderScript } from './scripted-leader.ts'

export const ana = 'ana' as TenantId

const users = [
  { user: 'router', password: 'router', permissions: internalPermissions.router },
  { user: 'shard', password: 'shard', permissions: internalPermissions.shard },
  { user: 'compactor', password: 'compactor', permissions: internalPermissions.compactor },
  { user: 'default', password: 'default', permissions: wholeTenantPermissions(DEFAULT_TENANT) },
  { user: 'ana', password: 'ana', permissions: wholeTenantPermissions(ana) },
  { user: 'operator', password: 'operator', permissions: operatorPermissions() },
]

export interface StartedRouter extends RunningRouter {
  readonly connection: NatsConnection
}

export class RouterFixture {
  readonly server: TestServer
  readonly #connections: NatsConnection[] = []

  private constructor(server: TestServer) {
    this.server = server
  }

  static async start(): Promise<RouterFixture> {
    return new RouterFixture(await testServer({ users, noAuthUser: 'default', jetstream: false }))
  }

  async dispose(): Promise<void> {
    await this.closeAll()
    await this.server.dispose()
  }

  /** Ends every router, leader and client: the server stays for the next test. */
  async closeAll(): Promise<void> {
    await Promise.all(this.#connections.splice(0).map((connection) => connection.close()))
  }

  async router(logger: Logger = silentLogger): Promise<StartedRouter> {
    const connection = await connectNode({
      ...{ servers: [this.server.url], user: 'router', password: 'router', role: 'router', name: 'router-1' },
      ...{ logger, clock: systemClock, random: systemRandom },
    })
    this.#connections.push(connection)
    const ports = { clock: systemClock, timers: systemTimers, ids: systemIds, logger }
    const router = await startRouter({ connection, node: 'router-1', version: '0.1.0', pid: 4711, ...ports })
    return { ...router, connection }
  }

  async leader(script: Omit<LeaderScript, 'connection'>): Promise<ScriptedLeader> {
    const connection = await this.#connect({ user: 'shard', inbox: 'waggle.internal.shard' })
    const leader = new ScriptedLeader({ ...script, connection })
    await connection.flush()
    return leader
  }

  /** A connection of that tenant; of nobody in particular for the default one. */
  async client(tenant: TenantId = DEFAULT_TENANT): Promise<Client> {
    if (tenant === SYSTEM_TENANT)
      return new Client(tenant, await this.#connect({ user: 'operator', inbox: systemInboxPrefix() }))
    const user = tenant === DEFAULT_TENANT ? undefined : tenant
    return new Client(tenant, await this.#connect({ user, inbox: inboxPrefix(tenant) }))
  }

  /** As the parts of a cluster that beat. */
  async beating(user: 'shard' | 'compactor'): Promise<NatsConnection> {
    return this.#connect({ user, inbox: `waggle.internal.${user}` })
  }

  async #connect({ user, inbox }: { user: string | undefined; inbox: string }): Promise<NatsConnection> {
    const credentials = user === undefined ? {} : { user, pass: user }
    const options = { servers: this.server.url, inboxPrefix: inbox, maxReconnectAttempts: -1, reconnectTimeWait: 100 }
    const connection = await connect({ ...options, ...credentials })
    this.#connections.push(connection)
    return connection
  }
}

export class Client {
  readonly connection: NatsConnection
  readonly #tenant: TenantId

  constructor(tenant: TenantId, connection: NatsConnection) {
    this.#tenant = tenant
    this.connection = connection
  }

  /** The result. @throws Fault as the reply carries it */
  async ask(operation: string, fields: object, encoding: Encoding = 'messagePack'): Promise<Record<string, unknown>> {
    return { ...decodeReply((await this.send(operation, encodeBody(fields, encoding))).data) }
  }

  async send(operation: string, body: Uint8Array, timeoutMs = 30_000) {
    return this.connection.request(apiSubject(this.#tenant, operation), body, { timeout: timeoutMs })
  }
}

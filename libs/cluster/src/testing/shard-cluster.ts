/** Shard nodes over a real server, in this process, and what a router does with requests, without one. */
import { setTimeout as delay } from 'node:timers/promises'
import { decodeSettings } from '@waggle/engine'
import { temporaryFolder } from '@waggle/engine/testing'
import {
  silentLogger,
  systemClock,
  systemIds,
  systemRandom,
  systemTimers,
  type Logger,
  type Uuid,
} from '@waggle/kernel'
import { testServer, type TestServer } from '@waggle/nats-server/testing'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import {
  BEAT_SUBJECTS,
  commandSubject,
  decodeClusterMessage,
  decodeReply,
  DEFAULT_TENANT,
  encodeBody,
  encodeForwarded,
  FORWARDED_HEADER,
  inboxPrefix,
  internalPermissions,
  internalRoles,
  NODE_BEAT_SUBJECTS,
  operatorPermissions,
  partition,
  SYSTEM_TENANT,
  systemInboxPrefix,
  wholeTenantPermissions,
  readSubject,
  REPLICA_BEAT_SUBJECTS,
  type InternalRole,
  type NodeBeat,
  type ReplicaBeat,
  type ShardBeat,
  type TenantId,
} from '@waggle/protocol'
import { connectNode } from '../nats/connection.ts'
import { headersOf } from '../nats/headers.ts'
import { jetStreamAccess } from '../nats/jetstream-access.ts'
import { startRouter } from '../nats/router-service.ts'
import { startShardNode } from '../nats/shard-service.ts'
import type { ShardNode } from '../node/shard-node.ts'
import { Client } from './router-fixture.ts'

const DEADLINE_MS = 60_000

export const ports = { clock: systemClock, timers: systemTimers, random: systemRandom, ids: systemIds }

/** Asks until there is an answer; says what was seen when there is none in time. */
export const eventually = async <Value>(
  what: string,
  look: () => Value | undefined | Promise<Value | undefined>,
  seen: () => unknown,
): Promise<Value> => {
  const endMs = systemClock.monotonicMs() + DEADLINE_MS
  for (;;) {
    const value = await look()
    if (value !== undefined) return value
    if (systemClock.monotonicMs() > endMs) throw new Error(`never happened: ${what}; seen: ${JSON.stringify(seen())}`)
    await delay(20)
  }
}

const everything = { publish: { allow: ['>'] }, subscribe: { allow: ['>'] } }

export interface ShardClusterOptions {
  readonly shards: number
  /** Room of each log; 32 MiB when absent. */
  readonly logBytesMax?: number
}

export interface StartedNode extends ShardNode {
  readonly folder: string
}

export class ShardCluster {
  readonly server: TestServer
  readonly requests: Requests
  readonly #options: ShardClusterOptions
  readonly #cleanups: (() => Promise<unknown>)[]

  private constructor(server: TestServer, requests: Requests, options: ShardClusterOptions) {
    this.server = server
    this.requests = requests
    this.#options = options
    this.#cleanups = [() => server.dispose()]
  }

  static async start(options: ShardClusterOptions): Promise<ShardCluster> {
    const users = [
      ...internalRoles.map((role) => ({ user: role, password: role, permissions: internalPermissions[role] })),
      { user: 'default', password: 'default', permissions: wholeTenantPermissions(DEFAULT_TENANT) },
      { user: 'operator', password: 'operator', permissions: operatorPermissions() },
      { user: 'root', password: 'root', permissions: everything },
    ]
    const server = await testServer({ users })
    const connection = await connectAs(server, 'router')
    const cluster = new ShardCluster(server, new Requests(connection, options.shards), options)
    cluster.#cleanups.push(() => connection.close())
    return cluster
  }

  /** A connection with the rights of that role, closed with the cluster. */
  async connect(role: InternalRole): Promise<NatsConnection> {
    const connection = await connectAs(this.server, role)
    this.#cleanups.push(() => connection.close())
    return connection
  }

  /** A router, ended with the cluster. */
  async startRouter(): Promise<void> {
    const connection = await this.connect('router')
    const router = await startRouter({
      ...{ connection, node: 'router-1', version: '0.1.0', pid: process.pid, logger: silentLogger, ...ports },
    })
    this.#cleanups.push(() => router.drain())
  }

  /** A client of the default tenant, or an operator. */
  async client(tenant: TenantId = DEFAULT_TENANT): Promise<Client> {
    const user = tenant === SYSTEM_TENANT ? 'operator' : 'default'
    const inbox = tenant === SYSTEM_TENANT ? systemInboxPrefix() : inboxPrefix(tenant)
    const connection = await connect({ servers: this.server.url, inboxPrefix: inbox, user, pass: user })
    this.#cleanups.push(() => connection.close())
    return new Client(tenant, connection)
  }

  /** As who runs the servers may: gives a stream so many bytes. */
  async giveRoom(stream: string, bytesMax: number): Promise<void> {
    const connection = await connectNode({
      ...{ servers: [this.server.url], user: 'root', password: 'root', name: 'test root', logger: silentLogger },
      ...ports,
    })
    this.#cleanups.push(() => connection.close())
    await (await jetStreamAccess(connection)).manager.streams.update(stream, { max_bytes: bytesMax })
  }

  /** Starts a node, in a folder of its own where none is given. */
  async startNode(node: string, options: NodeOptions = {}): Promise<StartedNode> {
    const { folder, logger = silentLogger, clockAheadMs = 0 } = options
    const temporary = folder === undefined ? await temporaryFolder() : undefined
    if (temporary !== undefined) this.#cleanups.push(() => temporary.remove())
    const path = folder ?? (temporary as { readonly path: string }).path
    const { shards, logBytesMax = 32 * 1024 ** 2 } = this.#options
    const started = await startShardNode({
      connection: await this.connect('shard'),
      logConnection: await this.connect('log'),
      ...{ node, folder: path, version: '0.1.0', pid: process.pid, logger, ...ports },
      clock: { ...systemClock, nowMs: () => systemClock.nowMs() + clockAheadMs },
      ...{ shards, replicas: 1, logBytesMax, settings: decodeSettings({}) },
    })
    let drained: Promise<void> | undefined
    const drain = (): Promise<void> => (drained ??= started.drain())
    this.#cleanups.push(drain)
    return { folder: path, drain, checks: () => started.checks() }
  }

  async dispose(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup()
  }
}

export interface NodeOptions {
  readonly folder?: string
  readonly logger?: Logger
  /** Of its wall clock, before everybody else's. */
  readonly clockAheadMs?: number
}

const connectAs = (server: TestServer, role: InternalRole): Promise<NatsConnection> =>
  connectNode({
    ...{ servers: [server.url], user: role, password: role, name: `test ${role}`, role, logger: silentLogger },
    ...ports,
  })

export class Requests {
  readonly connection: NatsConnection
  readonly leaders = new Map<number, ShardBeat>()
  readonly nodes = new Map<string, NodeBeat>()
  /** By node and shard: `n1.0`. */
  readonly replicas = new Map<string, ReplicaBeat>()
  readonly #shards: number
  readonly #router = systemIds.uuid()
  #number = 0

  constructor(connection: NatsConnection, shards: number) {
    this.connection = connection
    this.#shards = shards
    connection.subscribe(BEAT_SUBJECTS, {
      callback: (_, message) => {
        const beat = decodeClusterMessage('shard', message.data)
        if (beat !== undefined) this.leaders.set(beat.shard, beat)
      },
    })
    connection.subscribe(REPLICA_BEAT_SUBJECTS, {
      callback: (_, message) => {
        const beat = decodeClusterMessage('replica', message.data)
        if (beat !== undefined) this.replicas.set(`${beat.node}.${beat.shard}`, beat)
      },
    })
    connection.subscribe(NODE_BEAT_SUBJECTS, {
      callback: (_, message) => {
        const beat = decodeClusterMessage('node', message.data)
        if (beat !== undefined) this.nodes.set(beat.node, beat)
      },
    })
  }

  /** The newest beat of a shard's leader that satisfies, as soon as there is one. */
  leader(shard: number, satisfies: (beat: ShardBeat) => boolean = () => true): Promise<ShardBeat> {
    const look = (): ShardBeat | undefined => {
      const beat = this.leaders.get(shard)
      return beat?.leading === true && satisfies(beat) ? beat : undefined
    }
    return eventually('a leader', look, () => [[...this.leaders.values()], [...this.nodes.values()]])
  }

  /** The newest beat of a replica that satisfies, as soon as there is one. */
  replica(node: string, shard: number, satisfies: (beat: ReplicaBeat) => boolean = () => true): Promise<ReplicaBeat> {
    const look = (): ReplicaBeat | undefined => {
      const beat = this.replicas.get(`${node}.${shard}`)
      return beat !== undefined && satisfies(beat) ? beat : undefined
    }
    return eventually(`a replica at ${node}`, look, () => [...this.replicas.values(), ...this.leaders.values()])
  }

  /** Sends a request to the leader as a router would, and gives the result. @throws Fault */
  async execute(collective: Uuid, operation: string, body: object): Promise<Readonly<Record<string, unknown>>> {
    const shard = partition(collective, this.#shards)
    const { epoch } = await this.leader(shard)
    return this.#request(commandSubject(shard, epoch.sequence), operation, body)
  }

  /** The same to another replica, that of the node. @throws Fault, or Error when nothing is answered in time */
  async read(
    node: string,
    collective: Uuid,
    { operation, body, timeoutMs = 20_000 }: { operation: string; body: object; timeoutMs?: number },
  ): Promise<Readonly<Record<string, unknown>>> {
    return this.#request(readSubject(partition(collective, this.#shards), node), operation, body, timeoutMs)
  }

  async #request(
    subject: string,
    operation: string,
    body: object,
    timeout = 20_000,
  ): Promise<Readonly<Record<string, unknown>>> {
    this.#number += 1
    const header = encodeForwarded({
      ...{ tenant: DEFAULT_TENANT, operation, requestId: systemIds.uuid(), router: this.#router },
      ...{ number: this.#number, lowest: this.#number },
    })
    const reply = await this.connection.request(subject, encodeBody(body, 'messagePack'), {
      timeout,
      headers: headersOf([[FORWARDED_HEADER, header]]),
    })
    return decodeReply(reply.data)
  }
}

/** A compactor with its connections, and found by others: all that its process has to hold and let go of. */
import { silentMetrics, type Clock } from '@waggle/kernel'
import type { ServerFacts } from '@waggle/protocol'
import type { NatsConnection } from '@nats-io/transport-node'
import type { ClusterEntry } from '../directory/cluster-entry.ts'
import { readManifest, type KeptCheckpoint } from '../checkpoint/checkpoint-manifest.ts'
import { Directory, type DirectoryParts } from '../directory/directory.ts'
import { takeLease, type LeaseRequest, type LeaseTaking } from '../lease/lease.ts'
import { connectNode, type TlsFiles } from '../nats/connection.ts'
import { leaveWhenCutOff, serversOf } from '../nats/cut-off.ts'
import { jetStreamAccess, type JetStreamAccess } from '../nats/jetstream-access.ts'
import { connectionCheck, type ReadinessCheck } from '../readiness-check.ts'
import { registerService } from '../nats/micro-service.ts'
import { Compactor, type CompactorParts } from './compactor.ts'
import { readServerFacts } from './server-facts.ts'

interface Credentials {
  readonly user: string
  readonly password: string
}

export interface CompactorNodeOptions extends Omit<
  CompactorParts,
  'connection' | 'streams' | 'readServers' | 'takeLease' | 'name'
> {
  /** `nats://host:port`, one or more. */
  readonly servers: readonly string[]
  /** Absent where the server lets everybody do everything. */
  readonly credentials?: Credentials
  readonly tls?: TlsFiles | undefined
  /** A user of the system account; absent, how the servers keep the logs is not told. */
  readonly systemCredentials?: Credentials
  /** `[A-Za-z0-9_-]{1,64}`, another one for each compactor. */
  readonly node: string
  readonly version: string
}

export interface CompactorNode {
  /** What it needs to be ready, as it is now: one that stands by is. */
  checks(): readonly ReadinessCheck[]
  /** Settles when the connection has ended for good. */
  readonly ended: Promise<unknown>
  /** Hands the role over and closes the connections. */
  drain(): Promise<void>
}

/** Servers answer within milliseconds; who is slower is in the next round. */
const SERVERS_WAIT_MS = 500

/** @throws Error when no server takes a connection */
export const startCompactorNode = async (options: CompactorNodeOptions): Promise<CompactorNode> => {
  const { credentials, systemCredentials, node, version, pid, journalKeepMs } = options
  const { clock, timers, random, ids, logger, metrics = silentMetrics } = options
  const opened: NatsConnection[] = []
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((connection) => connection.close()))
  }
  try {
    const connect = async (
      more: Pick<Parameters<typeof connectNode>[0], 'name' | 'label' | 'role' | 'user' | 'password'>,
    ) => {
      const connection = await connectNode({
        ...{ servers: options.servers, tls: options.tls, logger, clock, random, metrics },
        ...more,
      })
      opened.push(connection)
      return connection
    }
    const connection = await connect({ name: `waggle-compactor ${node}`, role: 'compactor', ...credentials })
    const system =
      systemCredentials &&
      (await connect({ name: `waggle-compactor ${node} system`, label: 'system', ...systemCredentials }))
    const access = await jetStreamAccess(connection)
    const directory = new FoundDirectory(access, options)
    await registerService(connection, {
      name: 'waggle-compactor',
      version,
      description: 'Purges logs as far as leaders allow, and has journals pruned',
      metadata: { node, pid: String(pid) },
    })
    const compactor = new Compactor({
      ...{ connection, name: node, pid, journalKeepMs, clock, timers, random, ids, logger, metrics },
      ...(system === undefined ? {} : { readServers: serversReader(system, { clock, directory }) }),
      streams: access.manager.streams,
      takeLease: (request) => directory.takeLease(request),
      checkpoints: (shard) => directory.checkpoints(shard),
      cluster: () => directory.cluster,
    })
    const cancelLook = leaveWhenCutOff({ access, clock, timers, logger })
    return {
      checks: () => [connectionCheck('nats', connection)],
      ended: connection.closed(),
      async drain() {
        cancelLook()
        await compactor.stop()
        await connection.drain()
        await system?.close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** A server that is cut off from most of the others hears few answers, and is left. */
const serversReader = (
  system: NatsConnection,
  { clock, directory }: { readonly clock: Clock; readonly directory: FoundDirectory },
): (() => Promise<readonly ServerFacts[]>) => {
  const servers = serversOf(system, clock)
  return async () => {
    const facts = await readServerFacts(system, SERVERS_WAIT_MS)
    if (2 * facts.length > (directory.cluster?.replicas ?? 1)) servers.heard(clock.monotonicMs())
    else servers.leave(clock.monotonicMs())
    return facts
  }
}

/** The cluster's directory, once there is one: shards create it, a compactor may not. */
class FoundDirectory {
  readonly #parts: DirectoryParts
  #directory: Directory | undefined

  constructor(access: JetStreamAccess, { clock, timers, random, logger }: CompactorNodeOptions) {
    this.#parts = { access, clock, timers, random, logger }
  }

  /** What the cluster was created with; `undefined` until the directory was found. */
  get cluster(): ClusterEntry | undefined {
    return this.#directory?.cluster
  }

  /** @throws Fault `SHARD_NOT_READY`, `DIRECTORY_UNREADABLE` */
  async checkpoints(shard: number): Promise<readonly KeptCheckpoint[]> {
    this.#directory ??= await Directory.find(this.#parts)
    return this.#directory === undefined ? [] : readManifest(this.#directory.entries, this.#parts, shard)
  }

  async takeLease(request: LeaseRequest): Promise<LeaseTaking> {
    this.#directory ??= await Directory.find(this.#parts)
    if (this.#directory === undefined) return { kind: 'unanswered' }
    return takeLease({ ...this.#parts, bucket: this.#directory.leases }, request)
  }
}

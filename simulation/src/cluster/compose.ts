/**
 * The processes of a cluster, composed of the classes of production over simulated ports. What `nats/` composes for
 * real connections is said once more here: this and nothing else is not what production runs.
 */
import {
  Compactor,
  decodeSettings,
  Directory,
  headersOf,
  Router,
  runShardNode,
  takeLease,
  type Bus,
  type Incoming,
  type CompactorParts,
  type JetStreamAccess,
  type LeaseRequest,
  type LeaseTaking,
  type NodeDisk,
  type Outbox,
  type ShardNodeParts,
} from '@waggle/cluster'
import {
  API_SUBJECTS,
  BEAT_SUBJECTS,
  COMPACTOR_BEAT_SUBJECTS,
  internalInboxPrefix,
  NODE_BEAT_SUBJECTS,
  REPLICA_BEAT_SUBJECTS,
  ROUTER_QUEUE,
} from '@waggle/protocol'
import type { Machine } from '../disk/simulated-disk.ts'
import type { Shelf } from '../disk/simulated-shelf.ts'
import type { SimulatedProcess } from '../world/process.ts'
import type { Compose, Running } from './member.ts'

export interface ClusterShape {
  readonly nodes: number
  readonly routers: number
  readonly compactors: number
  readonly shards: number
  readonly copies: number
  /** How long journals are kept, milliseconds. */
  readonly journalKeepMs: number
}

/** What a process of any kind gets from the simulated world. */
export interface Ports {
  readonly bus: (process: SimulatedProcess, role: 'router' | 'shard' | 'log' | 'compactor') => Bus
  readonly access: (process: SimulatedProcess, role: 'log' | 'compactor') => JetStreamAccess
}

const VERSION = '0.1.0'
const LOG_BYTES_MAX = 64 * 1024 ** 2

const portsOf = ({ clock, timers, random, ids, logger }: SimulatedProcess) => ({ clock, timers, random, ids, logger })

export const shardProcess =
  (ports: Ports, shape: ClusterShape, { machine, shelf }: { machine: Machine; shelf: Shelf }): Compose =>
  (process) => {
    const disk: NodeDisk = machine.diskOf(process)
    const parts: ShardNodeParts = {
      ...{ connection: ports.bus(process, 'shard'), access: ports.access(process, 'log'), disk },
      ...{ node: process.name, pid: process.pid, version: VERSION, settings: decodeSettings({}) },
      ...{ shards: shape.shards, replicas: 3, copies: shape.copies, logBytesMax: LOG_BYTES_MAX },
      ...{ shelf: shelf.shelfOf(process), ...portsOf(process) },
    }
    return runShardNode(parts)
  }

export const routerProcess =
  (ports: Ports): Compose =>
  async (process): Promise<Running> => {
    const connection = ports.bus(process, 'router')
    const { clock, timers, ids, logger, name, pid } = process
    const inbox = `${internalInboxPrefix('router')}.${ids.uuid()}`
    const router = new Router({
      ...{ id: ids.uuid(), inbox, node: name, pid, clock, timers, ids, logger },
      outbox: outboxOf(connection),
    })
    const hear = (subject: string, handle: ((message: Incoming) => void) | undefined) =>
      connection.subscribe(subject, {
        callback: (error, { subject: to, reply, data }) => {
          if (error === null) handle?.(reply === undefined ? { subject: to, data } : { subject: to, reply, data })
        },
      })
    const heard = [
      hear(BEAT_SUBJECTS, router.shardBeat),
      hear(REPLICA_BEAT_SUBJECTS, (router as Partial<Record<'replicaBeat', (message: Incoming) => void>>).replicaBeat),
      hear(NODE_BEAT_SUBJECTS, router.nodeBeat),
      hear(COMPACTOR_BEAT_SUBJECTS, router.compactorBeat),
      hear(`${inbox}.*.*`, router.answer),
    ]
    await connection.flush()
    void followReconnects(connection, router)
    const requests = connection.subscribe(API_SUBJECTS, {
      queue: ROUTER_QUEUE,
      callback: (error, { subject, reply, data }) => {
        if (error === null) router.request(reply === undefined ? { subject, data } : { subject, reply, data })
      },
    })
    return {
      async drain() {
        requests.unsubscribe()
        await router.drain()
        for (const subscription of heard) subscription.unsubscribe()
      },
    }
  }

const followReconnects = async (connection: Bus, router: Router): Promise<void> => {
  for await (const { type } of connection.status()) if (type === 'reconnect') router.reconnected()
}

const outboxOf = (connection: Bus): Outbox => ({
  payloadBytesMax: connection.info?.max_payload ?? 1_048_576,
  publish(subject, bytes, { reply, headers }) {
    if (connection.isClosed()) return
    connection.publish(subject, bytes, {
      ...(reply === undefined ? {} : { reply }),
      ...(headers === undefined ? {} : { headers: headersOf(headers) }),
    })
  },
})

export const compactorProcess =
  (ports: Ports, { journalKeepMs }: ClusterShape): Compose =>
  async (process): Promise<Running> => {
    const access = ports.access(process, 'compactor')
    const parts = {
      ...{ connection: ports.bus(process, 'compactor'), access, streams: access.manager.streams },
      ...{ name: process.name, pid: process.pid, journalKeepMs, ...portsOf(process) },
      takeLease: leaseOf(process, access),
    }
    const compactor = new Compactor(parts satisfies CompactorParts)
    return { drain: () => compactor.stop() }
  }

const leaseOf = (
  { clock, timers, random, logger }: SimulatedProcess,
  access: JetStreamAccess,
): ((request: LeaseRequest) => Promise<LeaseTaking>) => {
  let directory: Directory | undefined
  return async (request) => {
    directory ??= await Directory.find({ access, clock, timers, random, logger })
    if (directory === undefined) return { kind: 'unanswered' }
    return takeLease({ bucket: directory.leases, clock, timers, random, logger }, request)
  }
}

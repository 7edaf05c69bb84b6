/**
 * The folder of a local cluster.
 *
 * ```
 * cluster.json     the children that run, for whoever wants to look at or kill them
 * settings.json    what was decided when the cluster was made
 * operator.json    credentials of the operator while it runs, for this user only
 * processes.json   the same children and the guard, known beyond reuse of their pids
 * lock             one holder
 * nats/            the server: configuration, log, streams; nats-<i>/ where there are several
 * node-<i>/        states of the shards, one folder a shard process
 * logs/            one file a process
 * ```
 *
 * Z1  The numbers of shards and of servers are fixed when the cluster is made: one decides which shard a collective is
 *     on, the other where the streams are.
 * Z2  Processes of an earlier life that are still there are waited for, then killed: two servers on one store, or two
 *     shard processes on one state, must not be.
 */
import path from 'node:path'
import { until, type Logger, type Waiting } from '@waggle/kernel'
import { limits } from '@waggle/protocol'
import { localClusterFault } from './errors.ts'
import { readJsonFile, writeJsonFile } from './json-file.ts'
import { isAlive, isIdentity, type ProcessIdentity } from './process-identity.ts'
import type { Role } from './supervised-child.ts'

export interface ClusterChild {
  readonly role: Role
  readonly pid: number
  /** Of the server: where clients connect. */
  readonly port?: number
}

/** The guard gives services and server some 16 s before it kills. */
const GUARDED_MS_MAX = 20_000
/** Without it the server waits for nothing, but services drain by themselves. */
const DRAIN_MS_MAX = 3_000
const SIGNALLED_MS_MAX = 5_000
const POLL_MS = 25

/** A process that may outlive its cluster. */
export interface NotedProcess extends ProcessIdentity {
  readonly role: Role | 'guard'
}

export class ClusterFolder {
  readonly path: string
  /** The files are written one after the other, in the order of what they tell. */
  #written: Promise<void> = Promise.resolve()

  constructor(folder: string) {
    this.path = path.resolve(folder)
  }

  get natsFolder(): string {
    return path.join(this.path, 'nats')
  }

  nodeFolder(name: string): string {
    return path.join(this.path, name)
  }

  get logsFolder(): string {
    return path.join(this.path, 'logs')
  }

  logFile(name: string): string {
    return path.join(this.logsFolder, `${name}.log`)
  }

  get operatorFile(): string {
    return path.join(this.path, 'operator.json')
  }

  /** Z1. @param asked what the user says @throws Fault `SHARDS_FIXED`, `SERVERS_FIXED` */
  async settings(asked: { readonly shards?: number | undefined; readonly servers?: number | undefined }) {
    const file = path.join(this.path, 'settings.json')
    const value = await readJsonFile(file)
    const isMade = typeof value === 'object' && value !== null && 'shards' in value
    const made = isMade ? (value as { readonly shards: unknown; readonly servers?: unknown }) : undefined
    const { shards = limits.SHARDS_DEFAULT, servers = 1 } = asked
    if (made === undefined) {
      await writeJsonFile(file, { shards, servers })
      return { shards, servers }
    }
    // A folder that was made before there could be several has one.
    const fixed = { shards: Number(made.shards), servers: Number(made.servers ?? 1) }
    const details = { path: this.path }
    if (asked.shards !== undefined && asked.shards !== fixed.shards)
      throw localClusterFault(
        'SHARDS_FIXED',
        `the cluster has ${fixed.shards} shards, not ${shards}; path=${this.path}`,
        {
          ...{ ...details, shards: fixed.shards, asked: shards },
        },
      )
    if (asked.servers !== undefined && asked.servers !== fixed.servers)
      throw localClusterFault(
        'SERVERS_FIXED',
        `the cluster has ${fixed.servers} servers, not ${servers}; path=${this.path}`,
        {
          ...{ ...details, servers: fixed.servers, asked: servers },
        },
      )
    return fixed
  }

  /** What runs now. Never rejects: a disk that is full ends no child. */
  noteChildren(children: readonly ClusterChild[], processes: readonly NotedProcess[], logger: Logger): Promise<void> {
    this.#written = this.#written.then(async () => {
      try {
        await writeJsonFile(path.join(this.path, 'processes.json'), processes)
        await writeJsonFile(path.join(this.path, 'cluster.json'), { children })
      } catch (error) {
        logger.warn('the children of the cluster cannot be noted down', { path: this.path, reason: String(error) })
      }
    })
    return this.#written
  }

  /** Z2. */
  async endLeftovers(waiting: Waiting, logger: Logger): Promise<void> {
    const leftovers = (await this.#notedProcesses()).filter(isAlive)
    if (leftovers.length === 0) return
    logger.warn('processes of an earlier life of this cluster are still ending', {
      pids: leftovers.map(({ pid }) => pid),
    })
    const areGone = (durationMsMax: number): Promise<boolean> =>
      until(waiting, { everyMs: POLL_MS, durationMsMax }, () => !leftovers.some(isAlive))
    const isGuarded = leftovers.some(({ role }) => role === 'guard')
    if (await areGone(isGuarded ? GUARDED_MS_MAX : DRAIN_MS_MAX)) return
    for (const name of ['SIGTERM', 'SIGKILL'] as const) {
      for (const leftover of leftovers) if (isAlive(leftover)) process.kill(leftover.pid, name)
      if (await areGone(SIGNALLED_MS_MAX)) return
    }
  }

  async #notedProcesses(): Promise<readonly NotedProcess[]> {
    const value = await readJsonFile(path.join(this.path, 'processes.json'))
    return Array.isArray(value) ? (value.filter(isIdentity) as NotedProcess[]) : []
  }
}

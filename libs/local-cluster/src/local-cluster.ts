/**
 * A whole cluster on this machine, as child processes.
 *
 * V1  It is ready when a record went all the way: created, found, deleted, through a connection without credentials.
 * V2  Stopping goes against the stream: routers, then shards and compactors, the server last, so that what each still
 *     has to write finds somebody to write to.
 * V3  Whatever fails while it starts, nothing that was started stays.
 * V4  No child outlives this process: services end with their standard input, and a guard ends what is left.
 * V5  Processes come and go while it runs; one that goes drains.
 */
import { constants } from 'node:fs'
import { access, mkdir, rm, symlink } from 'node:fs/promises'
import path from 'node:path'
import { silentLogger, systemClock, systemRandom, systemTimers, type Logger, type Waiting } from '@waggle/kernel'
import { findNatsServer, knowsSyncInterval, type FoundServer, type ServerUser } from '@waggle/nats-server'
import { fault, type Durability } from '@waggle/protocol'
import { ClusterFolder, type ClusterChild } from './cluster-folder.ts'
import { clusterUsers, type ClusterUsers } from './cluster-users.ts'
import { localClusterFault } from './errors.ts'
import { Guard } from './guard.ts'
import { writeJsonFile } from './json-file.ts'
import { Links } from './links/links.ts'
import { natsLives } from './nats-child.ts'
import { refuseTakenPort } from './port.ts'
import { proveReady } from './readiness.ts'
import { forgetCluster, registerCluster, type OperatorAccess } from './registry.ts'
import { configFileOf, planServers, type PlannedServer } from './server-plan.ts'
import { checkBuilt, startService, type ServiceRole, type Variables } from './service-process.ts'
import { ordinalOf, planService, planServices, serviceName, type ServiceParts, type ServicePlan } from './services.ts'
import { SupervisedChild, type Life, type Role } from './supervised-child.ts'

export interface LocalClusterOptions extends Partial<Waiting> {
  /** Made where it is absent; one that holds a cluster goes on with its data. */
  readonly folder: string
  /** 1..`limits.SHARDS_MAX`, fixed with the first start. Absent: what the folder has, or 16. */
  readonly shards?: number | undefined
  /**
   * nats-servers, 1 or 3, fixed with the first start: three keep three copies of every log. Absent: what the folder
   * has, or 1.
   */
  readonly servers?: 1 | 3 | undefined
  /**
   * What an acknowledgement means, fixed with the first start: `synced`, the default where the server can, survives a
   * power cut; `replicated` is quicker.
   */
  readonly durability?: Durability | undefined
  /** Every way between two processes goes through a link that can be disturbed. Default: none does. */
  readonly hasLinks?: boolean
  /** Shard processes; more than one keeps warm followers. Default 1. */
  readonly nodes?: number
  /** Default 1. */
  readonly routers?: number
  /** One works, the others stand by. Default 1. */
  readonly compactors?: number
  /** TCP port on loopback, of the first server; 0, the default, takes a free one. */
  readonly port?: number
  /** `process.env` of the caller: to find the nats-server, and for the services to inherit. */
  readonly environment: Variables
  /** Where running clusters are noted down for `findOperatorAccess`; absent: nowhere. */
  readonly stateFolder?: string | undefined
  /** Users beside those of the cluster, such as another tenant's. */
  readonly users?: readonly ServerUser[]
  /** Milliseconds from the start of the services to the proof. Default 120,000. */
  readonly readyMsMax?: number
  /** Breaks the start off: what was started is stopped, then the promise rejects with `CLOSED`. */
  readonly signal?: AbortSignal
  /** Told as soon as clients can connect; requests wait until the cluster is ready. */
  readonly listening?: (url: string) => Promise<void>
  readonly logger?: Logger
}

export interface LocalCluster {
  /** `nats://127.0.0.1:4222`, for connections without credentials; all servers, with commas between. */
  readonly url: string
  readonly port: number
  readonly folder: string
  readonly shards: number
  readonly servers: number
  readonly operator: OperatorAccess
  /** Absent without `hasLinks`. Ends are named like processes, and `clients` for whoever connects to `url`. */
  readonly links?: Links
  /** Those that run now. */
  children(): readonly ClusterChild[]
  /** All that belong to it by their names, also one that is down: for whoever breaks them. */
  processes(): readonly ClusterProcess[]
  /** V5. Starts another process of a service, the next after the last one; resolves with its name when it runs. */
  addProcess(role: ServiceRole): Promise<string>
  /** V5. True when it drained. The folder of a shard process stays, for whoever gets its name. */
  removeProcess(name: string): Promise<boolean>
  /** V2. True when everything drained; false when something had to be killed. Doing it again does nothing. */
  stop(): Promise<boolean>
}

/** A process of a cluster over all its lives. */
export interface ClusterProcess extends Pick<SupervisedChild, 'name' | 'role' | 'holdDown' | 'letGo'> {
  /** Absent while it is down. */
  readonly pid: number | undefined
  /** Where its data are; routers and compactors have none. */
  readonly folder: string | undefined
}

const READY_MS_MAX = 120_000

/**
 * Starts a cluster and waits until it is ready.
 * @throws Fault `FOLDER_UNUSABLE`, `DATABASE_LOCKED` when another live process holds the folder, `PORT_TAKEN`,
 *   `SHARDS_FIXED`, `SERVERS_FIXED`, `SERVICE_NOT_BUILT`, `CLUSTER_NOT_READY`, and those of finding and starting a
 *   nats-server
 */
export const startLocalCluster = async (options: LocalClusterOptions): Promise<LocalCluster> => {
  checkBuilt(['router', 'shard', 'compactor'])
  const folder = new ClusterFolder(options.folder)
  await makeFolder(folder.path)
  // Here, for looking up a running cluster needs no store.
  const { acquireFolderLock } = await import('@waggle/engine')
  const lock = await acquireFolderLock(folder.path)
  const cluster = new StartedCluster(options, folder)
  try {
    await cluster.start()
  } catch (error) {
    // V3
    await cluster.stop()
    await lock.release()
    throw error
  }
  const { url, port, shards, servers, operator, links } = cluster
  let stopped: Promise<boolean> | undefined
  const stop = async (): Promise<boolean> => {
    const isClean = await cluster.stop()
    await lock.release()
    return isClean
  }
  return {
    ...{ url, port, shards, servers, operator },
    ...(links === undefined ? {} : { links }),
    folder: folder.path,
    children: () => cluster.children(),
    processes: () => cluster.processes(),
    addProcess: (role) => cluster.addProcess(role),
    removeProcess: (name) => cluster.removeProcess(name),
    stop: () => (stopped ??= stop()),
  }
}

const makeFolder = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true })
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw localClusterFault('FOLDER_UNUSABLE', `the folder cannot be used reason=${reason}`, { path: folder })
  }
}

class StartedCluster {
  readonly #options: LocalClusterOptions
  readonly #folder: ClusterFolder
  readonly #waiting: Waiting
  readonly #logger: Logger
  readonly #users: ClusterUsers
  readonly #children: SupervisedChild[] = []
  readonly links: Links | undefined
  #guard: Guard | undefined
  #isRegistered = false
  /** Of the services by their names, those among them that are about to start. */
  readonly #roles = new Map<string, ServiceRole>()
  #plannedServers: readonly PlannedServer[] = []
  /** Where each process finds the servers. */
  readonly #urls = new Map<string, string>()
  #durability: Durability = 'synced'
  shards = 0
  servers = 0

  constructor(options: LocalClusterOptions, folder: ClusterFolder) {
    const { clock = systemClock, timers = systemTimers, logger = silentLogger, users = [] } = options
    this.#options = options
    this.#folder = folder
    this.#waiting = { clock, timers }
    this.#logger = logger
    this.#users = clusterUsers(systemRandom, users)
    this.links = options.hasLinks === true ? new Links(this.#waiting) : undefined
  }

  get url(): string {
    return this.#urls.get(CLIENTS) ?? ''
  }

  get port(): number {
    const [first] = this.#plannedServers
    return first === undefined ? 0 : this.#portOf(first)
  }

  get operator(): OperatorAccess {
    return { server: this.url, ...this.#users.operator }
  }

  children(): readonly ClusterChild[] {
    return this.#children.flatMap(({ role, life }) => {
      if (life === undefined) return []
      const { identity, port } = life
      return [{ role, pid: identity.pid, ...(port === undefined ? {} : { port }) }]
    })
  }

  processes(): readonly ClusterProcess[] {
    const folders = new Map(this.#plannedServers.map(({ name, folder }) => [name, folder]))
    return this.#children.map((child) => ({
      ...{ name: child.name, role: child.role, pid: child.life?.identity.pid },
      folder: folders.get(child.name) ?? (child.role === 'shard' ? this.#folder.nodeFolder(child.name) : undefined),
      holdDown: () => child.holdDown(),
      letGo: () => child.letGo(),
    }))
  }

  /** V5 */
  async addProcess(role: ServiceRole): Promise<string> {
    const ordinals = [...this.#roles].filter(([, other]) => other === role).map(([name]) => ordinalOf(name))
    const name = serviceName(role, 1 + Math.max(0, ...ordinals))
    this.#roles.set(name, role)
    await this.#findServers(name)
    await this.#startService(planService(this.#serviceParts(), role, name))
    return name
  }

  /** V5 */
  async removeProcess(name: string): Promise<boolean> {
    const index = this.#children.findIndex((child) => child.name === name && child.role !== 'nats')
    const [child] = index < 0 ? [] : this.#children.splice(index, 1)
    const drained = (await child?.stop()) ?? true
    this.#roles.delete(name)
    await this.#noteChildren()
    return drained
  }

  async start(): Promise<void> {
    const { stateFolder, port = 0, readyMsMax = READY_MS_MAX, signal } = this.#options
    const folder = this.#folder
    await folder.endLeftovers(this.#waiting, this.#logger)
    const { shards: askedShards, servers: askedServers } = this.#options
    const { shards: fixedShards, servers } = await folder.settings({ shards: askedShards, servers: askedServers })
    this.shards = fixedShards
    this.servers = servers
    await refuseTakenPort(port)
    await this.#startServers(port)
    const { operator, url, shards } = this
    await writeJsonFile(folder.operatorFile, operator, { isSecret: true })
    await this.#register(stateFolder)
    await this.#options.listening?.(url)
    await this.#startServices()
    await proveReady({
      ...{ ...this.#waiting, url, operator, shards, readyMsMax },
      isBrokenOff: () => signal?.aborted === true,
      complaints: () => this.#complaints(),
    })
  }

  /** V2 */
  async stop(): Promise<boolean> {
    const { stateFolder } = this.#options
    if (this.#isRegistered && stateFolder !== undefined) await forgetCluster(stateFolder, this.port)
    await rm(this.#folder.operatorFile, { force: true })
    // Whoever drains must reach the servers.
    this.links?.heal()
    let isClean = true
    for (const roles of STOP_ORDER) {
      const ending = this.#children.filter(({ role }) => roles.includes(role))
      const drained = await Promise.all(ending.map(async (child) => child.stop()))
      isClean &&= drained.every(Boolean)
    }
    await this.#noteChildren()
    await this.#guard?.end()
    await this.links?.close()
    return isClean
  }

  /** A convenience: where it cannot be had, an operator names the credentials. */
  async #register(stateFolder: string | undefined): Promise<void> {
    if (stateFolder === undefined) return
    try {
      await registerCluster(stateFolder, { port: this.port, folder: this.#folder.path, operator: this.operator })
      this.#isRegistered = true
    } catch (error) {
      const path = this.#folder.operatorFile
      const reason = error instanceof Error ? error.message : String(error)
      this.#logger.warn('the operator’s credentials stand in the folder only', { path, reason })
    }
  }

  async #startServers(port: number): Promise<void> {
    const { environment } = this.#options
    const logger = this.#logger
    const need = this.servers === 1 ? 'unreplicated' : 'replicated'
    const binary = await findNatsServer({ need, environment, logger, ...this.#waiting })
    this.#refuseBrokenOff()
    this.#durability = this.#options.durability ?? (knowsSyncInterval(binary.version) ? 'synced' : 'replicated')
    this.#plannedServers = await planServers({
      ...{ servers: this.servers, port, natsFolder: this.#folder.natsFolder },
      routePort: async (from, to, clusterPort) => (await this.links?.port(from, to, () => clusterPort)) ?? clusterPort,
    })
    this.#guard = await Guard.start(this.#plannedServers.map(configFileOf), logger)
    // A server that is ready waits for none of the others; streams wait for most of them.
    await Promise.all(this.#plannedServers.map((planned) => this.#startServer(planned, binary)))
    await this.#findServers(CLIENTS)
  }

  async #startServer(planned: PlannedServer, binary: FoundServer): Promise<void> {
    const { name, folder } = planned
    const [users, logger, durability] = [this.#users, this.#logger, this.#durability]
    const lives = natsLives({ ...this.#waiting, ...planned, binary, users, logger, durability })
    await this.#child('nats', name, lives).start()
    await linkLog(this.#folder.logFile(name), folder)
  }

  #portOf({ name, port }: PlannedServer): number {
    return this.#children.find((child) => child.name === name)?.knownPort ?? port
  }

  async #findServers(name: string): Promise<void> {
    const ports = await Promise.all(
      this.#plannedServers.map(async (planned) => {
        const port = (): number => this.#portOf(planned)
        return (await this.links?.port(name, planned.name, port)) ?? port()
      }),
    )
    this.#urls.set(name, ports.map((port) => `nats://127.0.0.1:${port}`).join(','))
  }

  #serviceParts(): ServiceParts {
    return {
      ...{ environment: this.#options.environment, shards: this.shards, replicas: this.servers, users: this.#users },
      durability: this.#durability,
      urlOf: (name) => this.#urls.get(name) ?? this.url,
      nodeFolder: (name) => this.#folder.nodeFolder(name),
    }
  }

  async #startServices(): Promise<void> {
    const { nodes = 1, routers = 1, compactors = 1 } = this.#options
    const counts = { nodes, routers, compactors }
    for (const { name, role } of planServices(this.#serviceParts(), counts)) {
      this.#roles.set(name, role)
      await this.#findServers(name)
    }
    for (const plan of planServices(this.#serviceParts(), counts)) await this.#startService(plan)
  }

  async #startService({ role, name, variables }: ServicePlan): Promise<void> {
    this.#refuseBrokenOff()
    const logFile = this.#folder.logFile(name)
    await this.#child(role, name, async () => startService({ ...this.#waiting, role, logFile, variables })).start()
  }

  #child(role: Role, name: string, begin: () => Promise<Life>): SupervisedChild {
    const child = new SupervisedChild({
      ...{ ...this.#waiting, role, name, begin, logger: this.#logger },
      changed: ({ life }) => {
        // V4
        if (life !== undefined) this.#guard?.tell({ ...life.identity, role })
        void this.#noteChildren()
      },
    })
    this.#children.push(child)
    return child
  }

  #noteChildren(): Promise<void> {
    const living = this.#children.flatMap(({ life, role }) => (life === undefined ? [] : [{ ...life.identity, role }]))
    const guard = this.#guard
    const guarding = guard === undefined || living.length === 0 ? [] : [{ ...guard.identity, role: 'guard' as const }]
    return this.#folder.noteChildren(this.children(), [...living, ...guarding], this.#logger)
  }

  #complaints(): string {
    const ended = this.#children.flatMap(({ name, lastEnd }) => (lastEnd === undefined ? [] : [`${name}: ${lastEnd}`]))
    return [...ended, `logs=${this.#folder.logsFolder}`].join('; ')
  }

  #refuseBrokenOff(): void {
    if (this.#options.signal?.aborted === true) throw fault('CLOSED', 'the start of the cluster was broken off')
  }
}

/** Whoever connects from outside. */
const CLIENTS = 'clients'

const STOP_ORDER: readonly (readonly Role[])[] = [['router'], ['shard'], ['compactor'], ['nats']]

/** The server's log lies in its own folder; here it is found beside the others. */
const linkLog = async (link: string, natsFolder: string): Promise<void> => {
  await mkdir(path.dirname(link), { recursive: true })
  await rm(link, { force: true })
  await symlink(path.relative(path.dirname(link), path.join(natsFolder, 'nats-server.log')), link)
}

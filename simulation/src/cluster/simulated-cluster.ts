/** A whole cluster on one line of time: servers, machines, and the processes of production on them. */
import { internalInboxPrefix } from '@waggle/protocol'
import type { Bus, JetStreamAccess } from '@waggle/cluster'
import type { Logger } from '@waggle/kernel'
import { Machine } from '../disk/simulated-disk.ts'
import { Shelf } from '../disk/simulated-shelf.ts'
import type { FaultCounts } from '../faults/fault-counts.ts'
import { Interests, type SimulatedConnection } from '../network/bus.ts'
import { goodNetwork, Network } from '../network/network.ts'
import { goodServers, JetStreamServers } from '../servers/jetstream-servers.ts'
import { simulatedAccess } from '../servers/jetstream-access.ts'
import { SimulatedProcess } from '../world/process.ts'
import type { World } from '../world/world.ts'
import { compactorProcess, routerProcess, shardProcess, type ClusterShape, type Ports } from './compose.ts'
import { Member, type Compose } from './member.ts'

/** What a mutant may put in the place of a part (see `mutants/`). */
export interface PortWrapping {
  readonly access?: (access: JetStreamAccess, process: SimulatedProcess) => JetStreamAccess
  readonly bus?: (bus: Bus, process: SimulatedProcess) => Bus
}

export interface ClusterParts {
  readonly world: World
  readonly shape: ClusterShape
  readonly faults: FaultCounts
  readonly logger: (process: string) => Logger
  readonly wrapping?: PortWrapping
}

export class SimulatedCluster {
  readonly world: World
  readonly shape: ClusterShape
  readonly network: Network
  readonly servers: JetStreamServers
  readonly shelf: Shelf
  readonly machines = new Map<string, Machine>()
  readonly nodes: readonly Member[]
  readonly routers: readonly Member[]
  readonly compactors: readonly Member[]
  /** Skews of wall clocks, by process name: a machine keeps its own. */
  readonly skews = new Map<string, number>()
  readonly #parts: ClusterParts
  readonly #interests: Interests
  #pid = 100

  constructor(parts: ClusterParts) {
    const { world, shape, faults } = parts
    this.#parts = parts
    this.world = world
    this.shape = shape
    this.network = new Network(world, world.dice.fork(), { rates: goodNetwork, faults })
    this.#interests = new Interests(this.network, world.dice.fork())
    this.servers = new JetStreamServers({
      ...{ world, dice: world.dice.fork(), interests: this.#interests, rates: goodServers },
    })
    this.shelf = new Shelf(world.dice.fork())
    const ports = this.#ports()
    this.nodes = names('node', shape.nodes).map((name) => {
      const machine = new Machine(world.dice.fork(), faults)
      this.machines.set(name, machine)
      return this.#member(name, shardProcess(ports, shape, { machine, shelf: this.shelf }))
    })
    this.routers = names('router', shape.routers).map((name) => this.#member(name, routerProcess(ports)))
    this.compactors = names('compactor', shape.compactors).map((name) =>
      this.#member(name, compactorProcess(ports, shape)),
    )
  }

  get members(): readonly Member[] {
    return [...this.nodes, ...this.routers, ...this.compactors]
  }

  machine(name: string): Machine {
    return this.machines.get(name) as Machine
  }

  /** A client of tenant `default`, as a process of its own. */
  client(
    name: string,
    inbox = '_INBOX',
  ): { readonly process: SimulatedProcess; readonly connection: SimulatedConnection } {
    const process = this.#newLife(name)
    return { process, connection: this.#interests.connect(process, inbox) }
  }

  #member(name: string, compose: Compose): Member {
    return new Member({ name, compose, newLife: () => this.#newLife(name) })
  }

  #newLife(name: string): SimulatedProcess {
    const { world, logger } = this.#parts
    this.#pid += 1
    return new SimulatedProcess({
      ...{ name, pid: this.#pid, world, dice: world.dice.fork(), logger: logger(name) },
      ...{ skewMs: this.skews.get(name) ?? 0, drift: world.dice.between(-0.0005, 0.0005) },
    })
  }

  #ports(): Ports {
    const { wrapping = {} } = this.#parts
    const { access: wrapAccess = (plain: JetStreamAccess) => plain, bus: wrapBus = (plain: Bus) => plain } = wrapping
    const connect = (process: SimulatedProcess, role: Parameters<Ports['bus']>[1]): SimulatedConnection =>
      this.#interests.connect(process, internalInboxPrefix(role))
    return {
      bus: (process, role) => wrapBus(connect(process, role), process),
      access: (process, role) => {
        const connection = connect(process, role)
        const access = simulatedAccess({ servers: this.servers, connection, dice: this.world.dice.fork() })
        return wrapAccess(access, process)
      },
    }
  }
}

const names = (kind: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${kind}-${index}`)

/**
 * Does what the plan says, for as long as clients work; then heals everything.
 *
 * M1  What it does ends by itself after a while, so that faults meet one another in every combination.
 * M2  After `heal` nothing is broken any more: every process runs, every link is open, every server leads what it did.
 */
import type { Member } from '../cluster/member.ts'
import type { SimulatedCluster } from '../cluster/simulated-cluster.ts'
import { goodDisk } from '../disk/simulated-store.ts'
import { goodNetwork, serverNames, type ServerName } from '../network/network.ts'
import { goodServers } from '../servers/jetstream-servers.ts'
import type { StreamGroup } from '../servers/stream-group.ts'
import type { Dice } from '../world/dice.ts'
import type { SimulatedProcess } from '../world/process.ts'
import type { FaultCounts } from './fault-counts.ts'
import { actions, type Action, type FaultPlan } from './fault-plan.ts'

interface NemesisParts {
  readonly cluster: SimulatedCluster
  readonly plan: FaultPlan
  readonly dice: Dice
  readonly faults: FaultCounts
  /** Clients, whose links are cut as well. */
  readonly clients: readonly SimulatedProcess[]
  /** Whether a replica of that process has halted for good. */
  readonly isHalted: (process: SimulatedProcess) => boolean
}

const FAILED_SYNC_RATE = 0.5

export class Nemesis {
  readonly #parts: NemesisParts
  /** Undoes what has not ended yet. */
  readonly #undo = new Set<() => void>()
  #isOver = false

  constructor(parts: NemesisParts) {
    this.#parts = parts
    const { cluster, plan, dice, faults } = parts
    cluster.network.rates = plan.network
    cluster.servers.rates = plan.servers
    cluster.shelf.failureRate = plan.shelfFailureRate
    for (const machine of cluster.machines.values()) machine.rates = plan.disk
    for (const { name, process } of cluster.members) {
      const skewMs = Math.round(dice.between(-plan.skewMs, plan.skewMs))
      if (skewMs !== 0) faults.hit('clockSkew')
      cluster.skews.set(name, skewMs)
      process.skewMs = skewMs
    }
    this.#next()
  }

  /** M2. */
  heal(): void {
    const { cluster } = this.#parts
    this.#isOver = true
    cluster.network.rates = goodNetwork
    cluster.servers.rates = goodServers
    cluster.shelf.failureRate = 0
    for (const machine of cluster.machines.values()) machine.rates = goodDisk
    for (const undo of this.#undo) undo()
    this.#undo.clear()
    for (const group of cluster.servers.groups) group.mend()
    for (const member of cluster.members) member.restart()
    for (const member of cluster.nodes)
      if (this.#parts.isHalted(member.process)) {
        member.kill()
        member.restart()
      }
  }

  #next(): void {
    const { cluster, plan, dice } = this.#parts
    cluster.world.plan(dice.around(plan.gapMs), 'nemesis', () => {
      if (this.#isOver) return
      const action = this.#drawAction()
      if (action !== undefined) this.#do[action]()
      this.#next()
    })
  }

  #drawAction(): Action | undefined {
    const { plan, dice } = this.#parts
    const whole = actions.reduce((sum, action) => sum + plan.weights[action], 0)
    let left = dice.fraction() * whole
    return actions.find((action) => (left -= plan.weights[action]) < 0)
  }

  readonly #do: Readonly<Record<Action, () => void>> = {
    partition: () => this.#partition('partition'),
    asymmetricPartition: () => this.#partition('asymmetricPartition'),
    isolatedServer: () => this.#isolateServer(),
    kill: () => this.#killNode('kill'),
    powerCut: () => this.#killNode('powerCut'),
    lostFolder: () => this.#killNode('lostFolder'),
    freeze: () => this.#freeze(),
    drain: () => this.#drain(),
    compactorKill: () => this.#kill(this.#parts.dice.pick(this.#parts.cluster.compactors), 'compactorKill'),
    routerKill: () => this.#kill(this.#parts.dice.pick(this.#parts.cluster.routers), 'routerKill'),
    clockJump: () => this.#jumpClock(),
    streamElection: () => this.#electSome(),
    fullStream: () => this.#fill(),
    holeInCopy: () => this.#loseRecord(),
    hiddenRecord: () => this.#hideRecord(),
    failedSync: () => this.#failSyncs(),
  }

  /** M1. */
  #for(durationMs: number, undo: () => void): void {
    const { world } = this.#parts.cluster
    this.#undo.add(undo)
    world.plan(durationMs, 'undo', () => {
      if (this.#undo.delete(undo)) undo()
    })
  }

  /** One process, or two, cannot reach the servers, or cannot be reached by them. */
  #partition(kind: 'partition' | 'asymmetricPartition'): void {
    const { cluster, dice, faults, clients } = this.#parts
    faults.hit(kind)
    const processes = [...cluster.members.map(({ process }) => process), ...cluster.nodes.map(({ process }) => process)]
    const { name } = dice.chance(0.15) ? dice.pick(clients) : dice.pick(processes)
    const outwards = serverNames.map((server) => `${name}>${server}`)
    const inwards = serverNames.map((server) => `${server}>${name}`)
    const links = kind === 'partition' ? [...outwards, ...inwards] : dice.chance(0.5) ? outwards : inwards
    cluster.network.cut(links)
    this.#for(dice.between(200, 9_000), () => cluster.network.heal(links))
  }

  /** A server is cut off from the others, with all who are connected to it: what it led is led by another. */
  #isolateServer(): void {
    const { cluster, dice, faults } = this.#parts
    faults.hit('isolatedServer')
    const server = dice.pick(serverNames)
    const others = serverNames.filter((name) => name !== server)
    const outwards = others.map((other) => `${server}>${other}`)
    const inwards = others.map((other) => `${other}>${server}`)
    const chance = dice.fraction()
    const links = chance < 0.6 ? [...outwards, ...inwards] : chance < 0.8 ? outwards : inwards
    // One that still hears the others hears of the new leader at once.
    const isDeaf = chance < 0.6 || chance >= 0.8
    cluster.network.cut(links)
    const durationMs = dice.chance(0.4) ? dice.between(8_000, 14_000) : dice.between(500, 8_000)
    if (dice.chance(0.6)) this.#gather(server)
    // What it led before it was cut off: more than its share, for that is where it can do harm.
    for (const group of cluster.servers.logs) if (dice.chance(0.5)) group.leader = server
    for (const group of cluster.servers.groups) if (group.leader === server) this.#elect(group, isDeaf ? durationMs : 0)
    this.#for(durationMs, () => cluster.network.heal(links))
  }

  /** A minority that is whole in itself: who leads, who routes, and who asks, all at the server that is cut off. */
  #gather(server: ServerName): void {
    const { cluster, dice, clients } = this.#parts
    const { nodes, routers, network } = cluster
    const gathered = [dice.pick(nodes).process, dice.pick(routers).process, ...clients.filter(() => dice.chance(0.4))]
    for (const process of gathered) network.move(process, server)
  }

  /** Mostly of a log. */
  #electSome(): void {
    const { dice, cluster } = this.#parts
    const { groups, logs } = cluster.servers
    this.#elect(dice.pick([...groups, ...logs, ...logs]), undefined)
  }

  #elect(group: StreamGroup, staleMs: number | undefined): void {
    const { dice } = this.#parts
    const next = dice.pick(serverNames.filter((name): name is ServerName => name !== group.leader))
    // A leader without its followers notices after some 10 s.
    const known = Math.min(staleMs ?? dice.between(0, 1_500), 10_000)
    group.elect(next, {
      electionMs: dice.chance(0.6) ? dice.between(50, 800) : dice.between(800, 5_000),
      staleMs: known,
    })
  }

  #killNode(kind: 'kill' | 'powerCut' | 'lostFolder'): void {
    const { cluster, dice } = this.#parts
    const member = dice.pick(cluster.nodes)
    const machine = cluster.machine(member.name)
    this.#kill(member, kind)
    if (kind === 'powerCut') machine.cutPower()
    if (kind === 'lostFolder') machine.empty()
  }

  #kill(member: Member, kind: 'kill' | 'powerCut' | 'lostFolder' | 'compactorKill' | 'routerKill'): void {
    const { dice, faults } = this.#parts
    if (kind !== 'lostFolder') faults.hit(kind)
    member.kill()
    this.#for(dice.between(100, 6_000), () => {
      faults.hit('restart')
      member.restart()
    })
  }

  #freeze(): void {
    const { cluster, dice, faults } = this.#parts
    const { process } = dice.pick([...cluster.nodes, ...cluster.nodes, ...cluster.members])
    if (!process.isRunning) return
    faults.hit('freeze')
    process.freeze()
    this.#for(dice.chance(0.2) ? dice.between(10_000, 18_000) : dice.between(100, 6_000), () => process.thaw())
  }

  #drain(): void {
    const { dice, faults, cluster } = this.#parts
    const member = dice.pick(cluster.members)
    if (!member.isUp || !member.process.isRunning) return
    faults.hit('drain')
    member.drain().catch(() => member.kill())
    // What does not leave in time is killed, as by any supervisor.
    this.#for(dice.between(5_000, 12_000), () => {
      member.kill()
      faults.hit('restart')
      member.restart()
    })
  }

  #jumpClock(): void {
    const { cluster, dice, faults } = this.#parts
    faults.hit('clockJump')
    const { name, process } = dice.pick(cluster.members)
    process.skewMs += Math.round(dice.between(-4_000, 4_000))
    cluster.skews.set(name, process.skewMs)
  }

  #fill(): void {
    const { cluster, dice, faults } = this.#parts
    const { logs } = cluster.servers
    if (logs.length === 0) return
    const { stream } = dice.pick(logs)
    faults.hit('fullStream')
    stream.isFull = true
    this.#for(dice.between(300, 6_000), () => {
      stream.isFull = false
    })
  }

  /** Never the same record on all copies: what a quorum has kept is there. */
  #loseRecord(): void {
    const { cluster, dice } = this.#parts
    const { logs } = cluster.servers
    if (logs.length === 0) return
    const group = dice.pick(logs)
    const { first, last } = group.stream
    if (last < first) return
    const sequence = Math.max(first, last - dice.below(20))
    const server = dice.pick(serverNames)
    if (!group.isLacking(sequence, server)) group.loseRecord(server, sequence)
  }

  /** A replica that reads it meanwhile halts, and says so; whoever operates the cluster begins it anew (`heal`). */
  #hideRecord(): void {
    const { cluster, dice } = this.#parts
    const { logs } = cluster.servers
    if (logs.length === 0) return
    const group = dice.pick(logs)
    const sequence = Math.max(group.stream.first, group.stream.last - dice.below(10))
    group.hide(sequence)
    this.#for(dice.between(1_000, 15_000), () => group.unhide(sequence))
  }

  #failSyncs(): void {
    const { cluster, dice, plan } = this.#parts
    const machine = dice.pick([...cluster.machines.values()])
    machine.rates = { ...plan.disk, failedSyncRate: FAILED_SYNC_RATE }
    this.#for(dice.between(500, 12_000), () => {
      machine.rates = plan.disk
    })
  }
}

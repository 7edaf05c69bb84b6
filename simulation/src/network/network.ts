/**
 * Three servers, the connections of processes to them, and every link between, as bad as the seed says.
 *
 * N1  What one sends to another arrives in its order, but for what a fault reorders.
 * N2  A link is cut in one direction. What is sent over it is lost, or held until it heals, as a network does that
 *     sends again: so a message may land long after its sender gave up.
 * N3  A connection whose link stays cut goes to another server, and says so; what was on its way is lost.
 */
import type { Dice } from '../world/dice.ts'
import type { SimulatedProcess } from '../world/process.ts'
import type { World } from '../world/world.ts'
import type { FaultCounts, FaultKind } from '../faults/fault-counts.ts'

export const serverNames = ['s0', 's1', 's2'] as const
export type ServerName = (typeof serverNames)[number]

export interface NetworkRates {
  /** Milliseconds that a hop takes, on average. */
  readonly hopMs: number
  /** Of messages, how many take long. */
  readonly slowRate: number
  readonly slowMs: number
  readonly lossRate: number
  readonly duplicateRate: number
  readonly reorderRate: number
}

export const goodNetwork: NetworkRates = {
  ...{ hopMs: 0.2, slowRate: 0, slowMs: 0 },
  ...{ lossRate: 0, duplicateRate: 0, reorderRate: 0 },
}

/** Where a connection is at home; it changes when it reconnects. */
export interface Attachment {
  readonly process: SimulatedProcess
  server: ServerName
  /** Counts its reconnections: what was sent before one does not arrive after it. */
  life: number
  reconnected(): void
}

interface Held {
  readonly path: readonly string[]
  readonly isCurrent: () => boolean
  readonly arrive: () => void
}

/** How long a client waits for a server that does not answer, before it looks for another. */
const SERVER_PATIENCE_MS = 2_500
const RECONNECT_RETRY_MS = 500

export class Network {
  rates: NetworkRates
  readonly #world: World
  readonly #dice: Dice
  readonly #faults: FaultCounts
  readonly #attachments = new Set<Attachment>()
  readonly #cut = new Map<string, number>()
  readonly #arrivals = new Map<string, number>()
  #held: Held[] = []
  #detectAtMs = Infinity

  constructor(world: World, dice: Dice, { rates, faults }: { rates: NetworkRates; faults: FaultCounts }) {
    this.#world = world
    this.#dice = dice
    this.rates = rates
    this.#faults = faults
  }

  hit(kind: FaultKind): void {
    this.#faults.hit(kind)
  }

  attach(attachment: Attachment): void {
    this.#attachments.add(attachment)
    attachment.process.onDeath(() => this.#attachments.delete(attachment))
  }

  /** N3: all connections of a process go to that server. */
  move(process: SimulatedProcess, server: ServerName): void {
    for (const attachment of this.#attachments)
      if (attachment.process === process && attachment.server !== server) this.#reconnect(attachment, server)
  }

  isOpen(path: readonly string[]): boolean {
    return path.every((at, index) => index === 0 || !this.#cut.has(`${path[index - 1] as string}>${at}`))
  }

  /** Cuts links in one direction each, until they are healed again as often. */
  cut(links: readonly string[]): void {
    for (const link of links) this.#cut.set(link, (this.#cut.get(link) ?? 0) + 1)
    this.#detectIn(SERVER_PATIENCE_MS * this.#dice.between(0.5, 1.5))
  }

  /** N2. */
  heal(links: readonly string[]): void {
    for (const link of links) {
      const times = (this.#cut.get(link) ?? 0) - 1
      if (times > 0) this.#cut.set(link, times)
      else this.#cut.delete(link)
    }
    const held = this.#held
    this.#held = []
    for (const each of held) {
      if (!this.isOpen(each.path)) this.#held.push(each)
      else if (each.isCurrent()) this.#world.plan(this.#dice.around(20), 'late', each.arrive)
    }
  }

  /**
   * Sends over a path of names; `arrive` is called when it is there, perhaps twice, perhaps never.
   * @param order what comes from here to there keeps its order under one name (N1)
   * @param mayLose false for what goes over a connection that asks again, until it breaks
   */
  send(
    path: readonly string[],
    { order, mayLose, isCurrent = () => true }: { order: string; mayLose: boolean; isCurrent?: () => boolean },
    arrive: () => void,
  ): void {
    const { rates } = this
    if (!this.isOpen(path)) {
      // N2
      if (!mayLose || this.#dice.chance(0.5)) this.#held.push({ path, isCurrent, arrive })
      return
    }
    if (mayLose && this.#dice.chance(rates.lossRate)) {
      this.hit('loss')
      return
    }
    this.#arrive(path.length - 1, order, { isCurrent, arrive })
    if (!mayLose || !this.#dice.chance(rates.duplicateRate)) return
    this.hit('duplication')
    this.#arrive(path.length - 1, order, { isCurrent, arrive })
  }

  /** N1. */
  #arrive(hops: number, order: string, { isCurrent, arrive }: Omit<Held, 'path'>): void {
    const { hopMs, slowRate, slowMs, reorderRate } = this.rates
    let delayMs = 0.05
    for (let hop = 0; hop < hops; hop += 1) delayMs += this.#dice.around(hopMs)
    if (this.#dice.chance(slowRate)) {
      this.hit('delay')
      delayMs += this.#dice.around(slowMs)
    }
    const before = this.#arrivals.get(order) ?? 0
    let atMs = this.#world.nowMs + delayMs
    if (atMs < before)
      if (this.#dice.chance(reorderRate * 10)) this.hit('reorder')
      else atMs = before
    this.#arrivals.set(order, Math.max(before, atMs))
    this.#world.plan(atMs - this.#world.nowMs, order, () => {
      if (isCurrent()) arrive()
    })
  }

  #detectIn(delayMs: number): void {
    const atMs = this.#world.nowMs + delayMs
    if (atMs >= this.#detectAtMs) return
    this.#detectAtMs = atMs
    this.#world.plan(delayMs, 'detect', () => {
      if (this.#detectAtMs === atMs) this.#detect()
    })
  }

  /** N3. */
  #detect(): void {
    this.#detectAtMs = Infinity
    for (const attachment of this.#attachments) {
      const { process, server } = attachment
      if (this.#isReached(process.name, server)) continue
      const others = serverNames.filter((name) => this.#isReached(process.name, name))
      if (others.length === 0) {
        this.#detectIn(RECONNECT_RETRY_MS)
        continue
      }
      this.#reconnect(attachment, this.#dice.pick(others))
    }
  }

  #reconnect(attachment: Attachment, server: ServerName): void {
    attachment.server = server
    attachment.life += 1
    this.hit('reconnect')
    const delayMs = this.#dice.around(20)
    attachment.process.planFor('message', delayMs, 'reconnect', () => attachment.reconnected())
  }

  #isReached(process: string, server: string): boolean {
    return this.isOpen([process, server, process])
  }
}

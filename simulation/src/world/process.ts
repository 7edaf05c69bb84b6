/**
 * One life of a process: its clock, timers and chance, and whether it runs.
 *
 * P1  A process that was killed never runs again: nothing that it waits for comes. Its next life is another object.
 * P2  A frozen process gets no events; its clock goes on, and what came meanwhile comes when it thaws: either as it was
 *     due, or the timers first, as an event loop does that looks at its timers before its sockets.
 * P3  Clocks of processes differ: the wall clock by a skew that may jump, the monotonic one by a drift.
 */
import { uuidV7Source, type Clock, type IdSource, type Logger, type Timers } from '@waggle/kernel'
import type { Dice } from './dice.ts'
import type { World } from './world.ts'

/** When the world begins. */
const EPOCH_MS = 1_800_000_000_000

export interface ProcessParts {
  readonly name: string
  readonly pid: number
  readonly world: World
  readonly dice: Dice
  readonly logger: Logger
  /** Milliseconds by which its wall clock is ahead. */
  readonly skewMs?: number
  /** Its monotonic clock runs so much faster: 0.001 is a millisecond a second. */
  readonly drift?: number
}

type Kind = 'timer' | 'message'

interface Held {
  readonly kind: Kind
  readonly label: string
  readonly act: () => void
}

export class SimulatedProcess {
  readonly name: string
  readonly pid: number
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Dice
  readonly ids: IdSource
  readonly logger: Logger
  skewMs: number
  #state: 'running' | 'frozen' | 'dead' = 'running'
  readonly #world: World
  readonly #begunMs: number
  readonly #onDeath: (() => void)[] = []
  #held: Held[] = []

  constructor({ name, pid, world, dice, logger, skewMs = 0, drift = 0 }: ProcessParts) {
    this.name = name
    this.pid = pid
    this.#world = world
    this.#begunMs = world.nowMs
    this.random = dice
    this.logger = logger
    this.skewMs = skewMs
    const elapsedMs = (): number => (world.nowMs - this.#begunMs) * (1 + drift)
    // P3
    this.clock = {
      nowMs: () => Math.floor(EPOCH_MS + world.nowMs + this.skewMs),
      monotonicMs: () => 1_000 + elapsedMs(),
    }
    this.timers = {
      after: (delayMs, callback) => {
        let isCancelled = false
        this.planFor('timer', delayMs / (1 + drift), 'timer', () => {
          if (!isCancelled) callback()
        })
        return () => {
          isCancelled = true
        }
      },
      yield: () => new Promise((resolve) => this.planFor('timer', 0, 'yield', resolve)),
    }
    this.ids = uuidV7Source(this.clock, dice)
  }

  get isAlive(): boolean {
    return this.#state !== 'dead'
  }

  get isRunning(): boolean {
    return this.#state === 'running'
  }

  /** An event of this process: it happens if the process lives then, and when it runs (P1, P2). */
  planFor(kind: Kind, delayMs: number, label: string, act: () => void): void {
    this.#world.plan(delayMs, `${label}@${this.name}`, () => this.#happen({ kind, label, act }))
  }

  onDeath(act: () => void): void {
    this.#onDeath.push(act)
  }

  /** P1. */
  kill(): void {
    if (!this.isAlive) return
    this.#state = 'dead'
    this.#held = []
    for (const act of this.#onDeath) act()
  }

  freeze(): void {
    if (this.isRunning) this.#state = 'frozen'
  }

  /** P2. */
  thaw(): void {
    if (this.#state !== 'frozen') return
    this.#state = 'running'
    const held = this.#held
    this.#held = []
    const inOrder = this.random.chance(0.5)
      ? held
      : [...held.filter(({ kind }) => kind === 'timer'), ...held.filter(({ kind }) => kind === 'message')]
    for (const { kind, label, act } of inOrder) this.planFor(kind, 0, label, act)
  }

  #happen(event: Held): void {
    if (this.#state === 'dead') return
    if (this.#state === 'frozen') this.#held.push(event)
    else event.act()
  }
}

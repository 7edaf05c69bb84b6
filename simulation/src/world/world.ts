/**
 * The one line of time on which everything of a simulated cluster happens.
 *
 * O1  One event at a time, and between two events every promise that can settle has settled: what runs is a function of
 *     the seed alone.
 * O2  Nothing waits for real time. `settle` gives the process one turn of its event loop, in which all that is ready
 *     runs; nothing here reads, writes or asks outside of memory.
 * O3  The trace is a hash over every event in its order: two runs that differ anywhere have different traces.
 */
import { Dice } from './dice.ts'
import { EventHeap } from './event-heap.ts'

export interface WorldParts {
  readonly seed: number
  /** O2: resolves in a later turn of the event loop, when no promise is ready any more. */
  readonly settle: () => Promise<void>
}

const STANDING_EVENTS_MAX = 20_000

export class World {
  readonly seed: number
  /** Draws for the world itself; parts draw from dice of their own. */
  readonly dice: Dice
  /** Milliseconds since the beginning. */
  nowMs = 0
  /** That have happened. */
  events = 0
  readonly #settle: () => Promise<void>
  readonly #heap = new EventHeap()
  readonly #labels = new Map<string, number>()
  #order = 0
  /** Events in a row that took no time. */
  #stood = 0
  #trace = 0x811c9dc5

  constructor({ seed, settle }: WorldParts) {
    this.seed = seed
    this.#settle = settle
    this.dice = new Dice(seed)
  }

  /** O3. */
  get trace(): string {
    return (this.#trace >>> 0).toString(16).padStart(8, '0')
  }

  plan(delayMs: number, label: string, act: () => void): void {
    this.#order += 1
    this.#heap.push({ atMs: this.nowMs + Math.max(0, delayMs), order: this.#order, label, act })
  }

  /** Lets a number count for the trace. */
  note(number: number): void {
    this.#trace = Math.imul(this.#trace ^ (number | 0), 0x01000193)
  }

  /** O1. Runs until `isOver`, or until that time; gives whether it was over. @throws Error when time stands still */
  async run(untilMs: number, isOver: () => boolean): Promise<boolean> {
    await this.#settle()
    while (!isOver()) {
      const next = this.#heap.peek()
      if (next === undefined || next.atMs > untilMs) {
        this.nowMs = Math.max(this.nowMs, untilMs)
        return isOver()
      }
      this.#heap.pop()
      this.#stood = next.atMs - this.nowMs > 0.01 ? 0 : this.#stood + 1
      if (this.#stood > STANDING_EVENTS_MAX) throw new Error(`time stands still: ${next.label}`)
      this.nowMs = next.atMs
      this.events += 1
      this.note(this.#labelNumber(next.label))
      this.note(Math.round(next.atMs * 1_000))
      next.act()
      await this.#settle()
    }
    return true
  }

  #labelNumber(label: string): number {
    const known = this.#labels.get(label)
    if (known !== undefined) return known
    let hash = 0x811c9dc5
    for (let index = 0; index < label.length; index += 1) hash = Math.imul(hash ^ label.charCodeAt(index), 0x01000193)
    this.#labels.set(label, hash)
    return hash
  }
}

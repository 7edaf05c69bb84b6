/**
 * Whether anything reaches a process over its connection. What it publishes comes back to it, so silence has a meaning.
 *
 * H1  A leader that is heard but hears nothing would keep everybody waiting: others wait for it while it beats.
 * H2  Ticks are counted, not time: a process that was stopped has not listened either.
 * H3  Nobody is deaf before the others would take a silent leader for gone; nor without a connection, when nobody hears
 *     it either.
 */
import { SILENCE_MS } from './leadership.ts'

/** H3: with one tick of a beat on its way, and one of a late timer. */
const SPARE_TICKS = 2

export class Hearing {
  readonly #ticksMax: number
  #unheard = 0
  #isConnected = true

  constructor(tickMs: number) {
    this.#ticksMax = SILENCE_MS / tickMs + SPARE_TICKS
  }

  get isDeaf(): boolean {
    return this.#isConnected && this.#unheard > this.#ticksMax
  }

  /** H2. Called at every tick, at which this process beats where it leads. */
  tick(): void {
    this.#unheard += 1
  }

  /** Anything, its own beats too. */
  heard(): void {
    this.#unheard = 0
  }

  /** H3. What happens to the connection. */
  changed(type: string): void {
    if (type !== 'disconnect' && type !== 'reconnect') return
    this.#isConnected = type === 'reconnect'
    this.#unheard = 0
  }
}

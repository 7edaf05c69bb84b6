/** One process of a simulated cluster, over all its lives. */
import type { SimulatedProcess } from '../world/process.ts'

/** What runs in one life of a process. */
export interface Running {
  /** Lets go of everything; resolves when that is done. */
  drain(): Promise<void>
}

/** Composes what runs in a process; rejects where it cannot begin, and a supervisor tries again. */
export type Compose = (process: SimulatedProcess) => Promise<Running>

export interface MemberParts {
  readonly name: string
  readonly newLife: () => SimulatedProcess
  readonly compose: Compose
}

const RESTART_MS = 800

export class Member {
  readonly name: string
  readonly #parts: MemberParts
  #process: SimulatedProcess
  #running: Running | undefined

  constructor(parts: MemberParts) {
    this.name = parts.name
    this.#parts = parts
    this.#process = this.#begin()
  }

  get process(): SimulatedProcess {
    return this.#process
  }

  /** Whether what runs in it has begun. */
  get isUp(): boolean {
    return this.#running !== undefined && this.#process.isAlive
  }

  kill(): void {
    this.#process.kill()
    this.#running = undefined
  }

  restart(): void {
    if (!this.#process.isAlive) this.#process = this.#begin()
  }

  /** Leaves in good order, then ends. */
  async drain(): Promise<void> {
    const process = this.#process
    await this.#running?.drain()
    if (this.#process === process) this.kill()
  }

  /** What cannot begin ends, and is begun again by whatever watches over processes. */
  #begin(): SimulatedProcess {
    const process = this.#parts.newLife()
    this.#parts.compose(process).then(
      (running) => {
        if (this.#process === process && process.isAlive) this.#running = running
      },
      (error: unknown) => {
        process.logger.warn('process could not begin', { name: this.name, reason: String(error) })
        process.timers.after(RESTART_MS, () => {
          process.kill()
          this.#process = this.#begin()
        })
      },
    )
    return process
  }
}

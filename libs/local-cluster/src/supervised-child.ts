/**
 * One child process over all its lives.
 *
 * B1  A child that dies unasked is started again, after a wait that grows with each short life.
 * B2  After the wish to stop nothing is started any more, and what a start under way brings forth is ended too.
 * B3  One that is held down stays down until it is let go: for whoever wants to see a cluster without it.
 */
import type { CancelTimer, Logger, Waiting } from '@waggle/kernel'
import { Backoff } from './backoff.ts'
import type { ProcessIdentity } from './process-identity.ts'

export type Role = 'nats' | 'router' | 'shard' | 'compactor'

/** One life of a child. */
export interface Life {
  readonly identity: ProcessIdentity
  readonly port?: number
  /** How it ended, in words; never rejects. */
  readonly ended: Promise<string>
  /** Lets it drain, and kills it when that takes too long. True when it drained. */
  end(): Promise<boolean>
}

export interface SupervisedChildParts extends Waiting {
  readonly role: Role
  /** `router-1`. */
  readonly name: string
  /** Begins a life. */
  readonly begin: () => Promise<Life>
  /** Its process has changed. */
  readonly changed: (child: SupervisedChild) => void
  readonly logger: Logger
}

export class SupervisedChild {
  readonly role: Role
  readonly name: string
  readonly #parts: SupervisedChildParts
  readonly #backoff = new Backoff()
  #life: Life | undefined
  #beginning: Promise<void> | undefined
  #cancelRestart: CancelTimer | undefined
  #isStopping = false
  #isHeldDown = false
  #lastEnd: string | undefined
  #knownPort: number | undefined

  constructor(parts: SupervisedChildParts) {
    this.#parts = parts
    this.role = parts.role
    this.name = parts.name
  }

  /** Absent between two lives. */
  get life(): Life | undefined {
    return this.#life
  }

  /** Where it listens, also between two lives: each has the port of the first. */
  get knownPort(): number | undefined {
    return this.#knownPort
  }

  /** How it ended last, where it did. */
  get lastEnd(): string | undefined {
    return this.#lastEnd
  }

  /** The first life. @throws what `begin` throws */
  async start(): Promise<void> {
    await this.#begin()
  }

  /** True when it had ended or drained; false when it had to be killed. */
  async stop(): Promise<boolean> {
    this.#isStopping = true
    this.#cancelRestart?.()
    await this.#beginning?.catch(() => undefined)
    const drained = (await this.#life?.end()) ?? true
    this.#life = undefined
    this.#parts.changed(this)
    return drained
  }

  /** B3. Kills it without a word, and starts no other before it is let go. Resolves when it has ended. */
  async holdDown(): Promise<void> {
    this.#isHeldDown = true
    this.#cancelRestart?.()
    await this.#beginning?.catch(() => undefined)
    const life = this.#life
    if (life === undefined) return
    process.kill(life.identity.pid, 'SIGKILL')
    await life.ended
  }

  /** B3. Begins the next life of one that is held down. @throws what `begin` throws */
  async letGo(): Promise<void> {
    if (!this.#isHeldDown || this.#isStopping) return
    this.#isHeldDown = false
    if (this.#life === undefined) await this.#begin()
  }

  async #begin(): Promise<void> {
    const { begin, clock, changed } = this.#parts
    const startedMs = clock.monotonicMs()
    const beginning = begin().then((life) => {
      this.#life = life
      this.#knownPort = life.port
      void life.ended.then((how) => {
        this.#died(how, clock.monotonicMs() - startedMs)
      })
      changed(this)
    })
    this.#beginning = beginning
    try {
      await beginning
    } finally {
      this.#beginning = undefined
    }
  }

  #died(how: string, livedMs: number): void {
    // B2
    if (this.#isStopping) return
    this.#life = undefined
    this.#lastEnd = how
    this.#parts.changed(this)
    // B3
    if (!this.#isHeldDown) this.#startAgain(how, livedMs)
  }

  /** B1 */
  #startAgain(reason: string, livedMs: number): void {
    const { timers, logger } = this.#parts
    const delayMs = this.#backoff.after(livedMs)
    logger.warn('a process of the cluster ended; it is started again', { process: this.name, reason, delayMs })
    this.#cancelRestart = timers.after(delayMs, () => {
      this.#begin().catch((error: unknown) => {
        const failure = error instanceof Error ? error.message : String(error)
        this.#lastEnd = failure
        if (!this.#isStopping && !this.#isHeldDown) this.#startAgain(failure, 0)
      })
    })
  }
}

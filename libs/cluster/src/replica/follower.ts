/**
 * A replica that follows its log: the shell of `log/tail-state.ts`, which decides. It hears the log, applies what it
 * hears, and reads what it missed.
 *
 * B1  Whatever changes the state goes through one queue: records that were heard, and readings of the log, those of a
 *     replica that is about to lead among them.
 * B2  It rests before the replica proposes itself, and for as long as it leads: then the term alone changes the state.
 * B3  A completion that comes after it rested says where the state stands, and nothing about what was begun since.
 */
import { isFault, type Clock, type Logger } from '@waggle/kernel'
import type { Sequence } from '@waggle/protocol'
import { LogTail } from '../log/log-tail.ts'
import { initialTail, isNearEnd, stepTail, type Tail, type TailEffect, type TailEvent } from '../log/tail-state.ts'
import type { JetStreamAccess } from '../nats/jetstream-access.ts'
import type { Replica } from './replica.ts'

export interface FollowerParts {
  readonly replica: Replica
  readonly access: Pick<JetStreamAccess, 'connection'>
  readonly clock: Clock
  readonly logger: Logger
  /** What time does not heal: the log contradicts itself, or the store has failed. It follows no further by itself. */
  readonly onFailed: (error: unknown) => void
}

export class Follower {
  readonly #parts: FollowerParts
  readonly #heard: LogTail
  #tail: Tail
  /** B1: settles when what was asked for so far is done; never rejects. */
  #queue: Promise<unknown> = Promise.resolve()

  constructor(parts: FollowerParts) {
    this.#parts = parts
    const { access, replica } = parts
    this.#tail = initialTail(replica.engine.position.applied, this.#nowMs)
    this.#heard = new LogTail({
      access,
      shardLog: replica.shardLog,
      onHeard: (sequence) => this.#happened({ kind: 'heard', sequence, next: this.#next }),
    })
  }

  /** Whether it follows, and had a short time ago all that was there then. */
  get isNearEnd(): boolean {
    return isNearEnd(this.#tail, this.#nowMs)
  }

  /** Follows from now on, if it does not. */
  follow(): void {
    if (this.#tail.state.kind !== 'resting') return
    this.#heard.start()
    this.#happened({ kind: 'follow', applied: this.#parts.replica.engine.position.applied })
  }

  /** B2: begins nothing more; what is under way may still change the state. */
  rest(): void {
    this.#heard.stop()
    this.#happened({ kind: 'rest' })
  }

  /** Rests, and reads the log to its end. @throws Fault as `Replica.catchUp` */
  async catchUp(): Promise<void> {
    this.rest()
    await this.#queued(() => this.#parts.replica.catchUp())
  }

  /** A leader whose term this replica knows, or a later one, has applied so much. */
  shown(sequence: Sequence): void {
    this.#happened({ kind: 'shown', sequence })
  }

  /** To be called several times a second. */
  tick(): void {
    this.#happened({ kind: 'tick' })
  }

  /** Resolves when nothing changes the state any more. */
  async close(): Promise<void> {
    this.rest()
    await this.#queue
  }

  get #nowMs(): number {
    return this.#parts.clock.monotonicMs()
  }

  get #next(): Sequence | undefined {
    return this.#heard.next(this.#parts.replica.engine.position.applied)
  }

  #happened(event: TailEvent): void {
    const { tail, effect } = stepTail(this.#tail, event, this.#nowMs)
    this.#tail = tail
    if (effect !== undefined) this.#perform(effect)
  }

  #perform(effect: TailEffect): void {
    const { state } = this.#tail
    const { engine } = this.#parts.replica
    const run: Record<TailEffect, () => Promise<TailEvent>> = {
      apply: async () => {
        const isApplied = await engine.follow(this.#heard.record((engine.position.applied + 1) as Sequence))
        if (!isApplied) return { kind: 'missed' }
        return { kind: 'applied', applied: engine.position.applied, next: this.#next }
      },
      catchUp: async () => {
        await this.#parts.replica.catchUp()
        return { kind: 'caughtUp', applied: engine.position.applied, next: this.#next }
      },
    }
    // B2, B3.
    const isWanted = (): boolean => this.#tail.state === state
    void this.#queued(async () => (isWanted() ? run[effect]() : undefined))
      .catch((error: unknown) => this.#failed(error, isWanted()))
      .then((event) => {
        if (event !== undefined && isWanted()) this.#happened(event)
      })
  }

  /** B1. */
  #queued<Result>(run: () => Promise<Result>): Promise<Result> {
    const done = this.#queue.then(run)
    this.#queue = done.catch(() => undefined)
    return done
  }

  #failed(error: unknown, isWanted: boolean): TailEvent | undefined {
    const { logger, replica, onFailed } = this.#parts
    const isForGood = isFault(error) && (error.kind === 'corrupt' || error.code === 'STORAGE_FAILED')
    if (isForGood) {
      this.rest()
      onFailed(error)
      return undefined
    }
    if (isWanted)
      logger.warn('log cannot be followed for now', { shard: replica.shardLog.shard, reason: String(error) })
    return { kind: 'failed' }
  }
}

/**
 * A shard's replica while this node hosts it: opened once, whoever asks for it, and with what a replica does whether it
 * leads or not: it follows its log, keeps its hold, and takes reads.
 *
 * O1  It is opened without waiting for a reason, so that whoever takes over is warm. What does not open for now is
 *     tried again.
 * O2  After the store refused a write, or the replica says that it is spent, nothing of it is used further: it is
 *     closed, and opened again.
 */
import { isFault, type Clock, type Logger } from '@waggle/kernel'
import type { ReplicaBeat, ShardBeat } from '@waggle/protocol'
import type { Bus } from '../nats/bus.ts'
import { Follower } from './follower.ts'
import { HoldKeeper } from './hold-keeper.ts'
import { ReadServing, type Readiness } from './read-serving.ts'
import { openReplica, type Replica, type ReplicaParts } from './replica.ts'

export interface HostedReplicaParts extends Omit<ReplicaParts, 'onSpent'> {
  /** For reads and beats. */
  readonly connection: Bus
  readonly node: string
  readonly pid: number
  readonly clock: Clock
  readonly logger: Logger
  /** What its reads may be as far as leadership goes; a replica that is not near the end takes none all the same. */
  readonly readiness: () => Readiness
  /** Whether what it has may be told. */
  readonly mayAnswer: () => boolean
  /** It does not open, or cannot go on, for a reason that time does not heal. */
  readonly onFailed: (error: unknown) => void
}

/** O1. */
const RETRY_MS_MIN = 500
const RETRY_MS_MAX = 8_000

interface Opened {
  readonly replica: Replica
  readonly follower: Follower
  readonly holds: HoldKeeper
  readonly serving: ReadServing
}

/** How far it is on its way to be of use. Once it was near the end of its log it stays so, until it is opened again. */
export type Standing = 'opening' | 'rebuilding' | 'catchingUp' | 'caughtUp'

export class HostedReplica {
  readonly #parts: HostedReplicaParts
  #opening: Promise<Opened> | undefined
  /** While it is open. */
  #opened: Opened | undefined
  #closing: Promise<void> = Promise.resolve()
  #isBroken = false
  #follows = false
  #reads = 0
  #standing: Standing = 'opening'
  #notBeforeMs = -Infinity
  #retryMs = RETRY_MS_MIN

  constructor(parts: HostedReplicaParts) {
    this.#parts = parts
  }

  /** `undefined` while it is not open. */
  get replica(): Replica | undefined {
    return this.#opened?.replica
  }

  /** Of all replicas of the shard, as far as they were heard. */
  get holds(): HoldKeeper | undefined {
    return this.#opened?.holds
  }

  get standing(): Standing {
    return this.#standing
  }

  /** Reads that were answered here, by a leader or not. */
  get reads(): number {
    return this.#reads
  }

  countRead = (): void => {
    this.#reads += 1
  }

  /** The replica, opened if it is not. @throws Fault as `openReplica` */
  async open(): Promise<Replica> {
    // O2.
    if (this.#isBroken) void this.close()
    this.#opening ??= this.#begin()
    return (await this.#opening).replica
  }

  /** Reads the log to its end, and rests: the replica is about to propose itself. @throws Fault */
  async catchUp(): Promise<void> {
    this.#follows = false
    await this.open()
    await this.#opened?.follower.catchUp()
  }

  /** Follows the log from now on, as soon as it is open. */
  follow(): void {
    this.#follows = true
    this.#opened?.follower.follow()
  }

  /** Leaves the state to the term. */
  rest(): void {
    if (this.#follows) this.#opened?.follower.rest()
    this.#follows = false
  }

  /** O2. */
  broke(): void {
    this.#isBroken = true
  }

  /** What a leader says, this replica's own not. */
  heardLeader({ leading, epoch, generation, applied }: ShardBeat): void {
    const { follower, replica } = this.#opened ?? {}
    if (follower === undefined || replica === undefined || !leading) return
    const { position } = replica.engine
    // A deposed leader does not know where the log ends.
    if (generation === position.generation && epoch.sequence >= position.epoch.sequence) follower.shown(applied)
  }

  heardReplica(beat: ReplicaBeat): void {
    this.#opened?.holds.heard(beat)
    this.#opened?.replica.checkpoints.heard(beat)
  }

  reconnected(): void {
    this.#opened?.serving.reconnected()
  }

  /** To be called several times a second. */
  tick({ leads }: { readonly leads: boolean }): void {
    if (leads || this.#opened?.follower.isNearEnd === true) this.#standing = 'caughtUp'
    // O1, O2: not beside a term that ends.
    if (this.#follows && (this.#opened === undefined || this.#isBroken)) this.#openSoon()
    this.#opened?.follower.tick()
    this.#opened?.holds.tick({ leads })
    this.#opened?.replica.checkpoints.tick({ leads })
  }

  /** Says what it has, and what it has answered. */
  beat(): void {
    const { serving, holds, replica } = this.#opened ?? {}
    if (holds === undefined || replica === undefined) return
    serving?.beat({ hold: holds.hold, reads: this.#reads, digests: replica.checkpoints.digests })
  }

  /** Resolves when it is closed; it may be opened again. */
  async close(): Promise<void> {
    const opening = this.#opening
    this.#opening = undefined
    this.#opened = undefined
    this.#isBroken = false
    const closed = this.#closing.then(async () => {
      const opened = await opening?.catch(() => undefined)
      if (opened !== undefined) await this.#close(opened)
    })
    this.#closing = closed
    return closed
  }

  #begin(): Promise<Opened> {
    const opening = this.#closing.then(() => this.#open())
    opening.then(
      (opened) => {
        // It may have been closed meanwhile.
        if (this.#opening !== opening) return
        this.#opened = opened
        this.#standing = 'catchingUp'
        this.#retryMs = RETRY_MS_MIN
        if (this.#follows) opened.follower.follow()
      },
      () => {
        if (this.#opening === opening) this.#opening = undefined
      },
    )
    return opening
  }

  async #open(): Promise<Opened> {
    const { access, clock, logger, node, onFailed, directory } = this.#parts
    const replica = await openReplica({
      ...this.#parts,
      onRestoring: () => (this.#standing = 'rebuilding'),
      onSpent: (reason) => {
        this.broke()
        this.#parts.onTermEnded(reason)
      },
    })
    const follower = new Follower({ replica, access, clock, logger, onFailed })
    const holds = new HoldKeeper({ replica, node, clock, logger, onFailed })
    const serving = new ReadServing({
      ...this.#parts,
      ...{ replica, shards: directory.cluster.shards, onRead: this.countRead },
      readiness: () => {
        const readiness = this.#parts.readiness()
        return readiness === 'whole' && !follower.isNearEnd ? 'not' : readiness
      },
    })
    return { replica, follower, holds, serving }
  }

  /** O1. */
  #openSoon(): void {
    const nowMs = this.#parts.clock.monotonicMs()
    if (nowMs < this.#notBeforeMs) return
    this.#notBeforeMs = Infinity
    this.open()
      .catch((error: unknown) => {
        const { shard, logger, onFailed } = this.#parts
        if (isFault(error) && error.kind === 'corrupt') onFailed(error)
        else logger.warn('replica does not open for now', { shard, reason: String(error) })
      })
      .finally(() => {
        this.#notBeforeMs = this.#parts.clock.monotonicMs() + this.#retryMs
        this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MS_MAX)
      })
  }

  async #close({ replica, follower, holds, serving }: Opened): Promise<void> {
    serving.end()
    await follower.close()
    await holds.close()
    await replica.close().catch((error: unknown) => {
      this.#parts.logger.warn('replica did not close', { shard: this.#parts.shard, reason: String(error) })
    })
  }
}

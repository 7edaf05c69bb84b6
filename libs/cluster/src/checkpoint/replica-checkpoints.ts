/**
 * All that a replica has to do with checkpoints while it is open: it takes digests where the log asks for them, and
 * while it leads it has checkpoints taken, by schedule and when it is asked to.
 *
 * R1  One attempt at a time; whoever asks meanwhile gets what becomes of it.
 * R2  Whoever asks is answered within the time of one request: what takes longer goes on.
 */
import type { Engine, EngineParts, KeyValueStore } from '@waggle/engine'
import { isFault, type Clock, type IdSource, type Logger, type Random, type Timers } from '@waggle/kernel'
import type { ReplicaBeat, Sequence, TakeCheckpointResult } from '@waggle/protocol'
import type { Directory } from '../directory/directory.ts'
import type { NodeDisk } from '../disk/node-disk.ts'
import type { JetStreamLog } from '../log/jetstream-log.ts'
import type { ShardLog } from '../directory/shard-entry.ts'
import type { JetStreamAccess } from '../nats/jetstream-access.ts'
import { CheckpointAge } from './checkpoint-age.ts'
import { isCheckpointDue } from './checkpoint-schedule.ts'
import type { CheckpointShelf } from './checkpoint-shelf.ts'
import { takeCheckpoint } from './checkpoint-taking.ts'
import { HeardDigests } from './heard-digests.ts'
import { rebuildDigest } from './rebuild.ts'
import { StateCopier, type FoundDigest, type FoundWrong } from './state-copier.ts'

export interface ReplicaCheckpointsParts {
  readonly shard: number
  readonly node: string
  readonly store: KeyValueStore
  readonly log: JetStreamLog
  readonly shardLog: ShardLog
  readonly directory: Directory
  readonly disk: NodeDisk
  readonly shelf: CheckpointShelf
  readonly access: JetStreamAccess
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly ids: IdSource
  readonly logger: Logger
  /** This replica's state is not what the log leads to: nothing of it may be used further. */
  readonly onWrong: (found: FoundWrong) => void
}

/** R2. */
const ANSWER_MS = 20_000
/** With what one replica wrote being wrong, another one writes. */
const ATTEMPTS = 2
const DUE_PERIOD_MS = 1_000

export class ReplicaCheckpoints {
  readonly #parts: ReplicaCheckpointsParts
  readonly #copier: StateCopier
  readonly #heard: HeardDigests
  readonly #age: CheckpointAge
  #engine: Engine | undefined
  #running: Promise<TakeCheckpointResult> | undefined
  #isOver = false
  #isWrong = false
  #leadsSinceMs: number | undefined
  #verifiedAtMs = -Infinity
  #attemptedAtMs: number | undefined
  #lookedAtMs = -Infinity
  #tookMs = 0

  constructor(parts: ReplicaCheckpointsParts) {
    this.#parts = parts
    const { shardLog, clock } = parts
    this.#age = new CheckpointAge({ ...parts, entries: parts.directory.entries })
    this.#heard = new HeardDigests({ clock, generation: shardLog.generation })
    this.#copier = new StateCopier({
      ...parts,
      generation: shardLog.generation,
      timeMs: () => this.#engine?.position.timeMs ?? 0,
      isAwaited: () => this.#running !== undefined,
      onWrong: (found) => this.#provenWrong(found),
    })
  }

  /** For the engine's parts. */
  readonly onCheckpointing: NonNullable<EngineParts['onCheckpointing']> = (said) => this.#copier.said(said)

  /** Must be called before anything is applied. */
  begin(engine: Engine): void {
    this.#engine = engine
  }

  /** The last digests that it took, oldest first. */
  get digests(): readonly FoundDigest[] {
    return this.#copier.digests
  }

  /** Another replica of the shard says what it has. */
  heard(beat: ReplicaBeat): void {
    this.#heard.heard(beat)
  }

  /** To be called several times a second. */
  tick({ leads }: { readonly leads: boolean }): void {
    const { clock, logger, shard } = this.#parts
    const nowMs = clock.monotonicMs()
    this.#leadsSinceMs = leads ? (this.#leadsSinceMs ?? nowMs) : undefined
    if (!leads || this.#running !== undefined || nowMs - this.#lookedAtMs < DUE_PERIOD_MS) return
    this.#lookedAtMs = nowMs
    if (!this.#isDue(nowMs)) return
    this.#attempt().catch((error: unknown) => {
      if (isFault(error) && error.code === 'NOT_LEADING') return
      logger.warn('no checkpoint could be taken', { shard, reason: String(error) })
    })
  }

  /** R1, R2. @throws Fault as the log or the shelf does */
  async take(): Promise<TakeCheckpointResult> {
    const { timers } = this.#parts
    const attempt = this.#attempt()
    return new Promise((resolve, reject) => {
      const cancel = timers.after(ANSWER_MS, () =>
        resolve({ sequence: 0, digest: '', replicas: [], verified: false, reason: 'it is under way' }),
      )
      attempt.then(resolve, reject).finally(cancel)
    })
  }

  /** How old the newest verified checkpoint is, milliseconds; `undefined` while that is not known. */
  ageMs(): number | undefined {
    this.#age.look(this.#engine?.checkpoint()?.sequence ?? 0)
    return this.#age.ageMs
  }

  /** Ends what is under way; resolves when nothing of the store is used any more. */
  async close(): Promise<void> {
    this.#isOver = true
    await this.#copier.close()
    await this.#running?.catch(() => undefined)
  }

  #isDue(nowMs: number): boolean {
    const { log, shardLog } = this.#parts
    const engine = this.#engine
    if (engine === undefined) return false
    const verified = engine.checkpoint()?.sequence ?? 0
    return isCheckpointDue({
      records: engine.position.applied - verified,
      ...{ bytes: log.bytes, bytesMax: shardLog.bytesMax, tookMs: this.#tookMs },
      sinceVerifiedMs: nowMs - Math.max(this.#verifiedAtMs, this.#leadsSinceMs ?? nowMs),
      sinceAttemptMs: this.#attemptedAtMs === undefined ? undefined : nowMs - this.#attemptedAtMs,
    })
  }

  /** R1. */
  #attempt(): Promise<TakeCheckpointResult> {
    this.#running ??= this.#take().finally(() => {
      this.#running = undefined
      this.#attemptedAtMs = this.#parts.clock.monotonicMs()
    })
    return this.#running
  }

  async #take(): Promise<TakeCheckpointResult> {
    const { directory, log, clock, logger, shard } = this.#parts
    const beganMs = clock.monotonicMs()
    const avoided = new Set<string>()
    for (let attempt = 1; ; attempt += 1) {
      const { writer, ...result } = await takeCheckpoint(
        {
          ...this.#parts,
          ...{ engine: this.#engine as Engine, copier: this.#copier, heard: this.#heard, entries: directory.entries },
          firstRecord: async () => (await log.bounds()).first,
          rebuild: (sequence, from) => this.#rebuild(sequence, from),
          onWrong: (found) => this.#provenWrong(found),
          isOver: () => this.#isOver,
        },
        avoided,
      )
      this.#tookMs = clock.monotonicMs() - beganMs
      if (result.verified) this.#verifiedAtMs = clock.monotonicMs()
      else
        logger.warn('checkpoint is not verified', { shard, sequence: result.sequence, writer, reason: result.reason })
      if (result.verified || attempt === ATTEMPTS || this.#isOver || this.#isWrong) return result
      avoided.add(writer)
    }
  }

  #provenWrong(found: FoundWrong): void {
    this.#isWrong = true
    this.#parts.onWrong(found)
  }

  #rebuild(sequence: Sequence, from: Parameters<typeof rebuildDigest>[1]['from']): Promise<string> {
    const { directory } = this.#parts
    const shards = directory.cluster.shards
    return rebuildDigest({ ...this.#parts, shards, isOver: () => this.#isOver }, { sequence, from })
  }
}

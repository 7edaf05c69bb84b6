/**
 * What a replica does where the log asks for a digest: it takes a snapshot in that very moment, and its digest beside
 * its work (DESIGN K3). The one that the log names also keeps the state as a checkpoint.
 *
 * C1  One at a time: a newer request ends the work on an older one, whose snapshot is let go at once.
 * C2  The writer tells its digest when the checkpoint is on the shelf, or cannot be.
 * C3  What others have verified is compared with what this replica found there, whichever is known first. One that is
 *     wrong must not be used further.
 * C4  A request out of the past, which a replica meets that reads its log again, is passed over: nobody waits for it.
 *     Whoever has asked itself waits, however far its clock is before the log's time, as after it was set (DESIGN L8).
 */
import {
  digestSnapshot,
  dumpState,
  type CheckpointKnown,
  type DigestDue,
  type KeyValueStore,
  type Pace,
  type StoreSnapshot,
} from '@waggle/engine'
import type { Clock, Logger, Timers } from '@waggle/kernel'
import type { Generation, Sequence } from '@waggle/protocol'
import { encodeCheckpointName } from './checkpoint-name.ts'
import type { CheckpointShelf } from './checkpoint-shelf.ts'
import { pacing, StoppedWork } from './pacing.ts'

export interface StateCopierParts {
  readonly shard: number
  readonly generation: Generation
  readonly node: string
  readonly store: KeyValueStore
  readonly shelf: CheckpointShelf
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  /** Time of the newest applied record, epoch milliseconds. */
  readonly timeMs: () => number
  /** C4: whether this replica, which leads, has asked for a digest. */
  readonly isAwaited: () => boolean
  /** C3. */
  readonly onWrong: (found: FoundWrong) => void
}

export interface FoundDigest {
  readonly sequence: Sequence
  readonly digest: string
}

export interface FoundWrong extends FoundDigest {
  readonly verified: string
}

export type CheckpointingSaid = CheckpointKnown | (DigestDue & { readonly sequence: Sequence })

const DIGESTS_KEPT = 4
/** C4. */
const PAST_MS = 10 * 60 * 1_000

export class StateCopier {
  readonly #parts: StateCopierParts
  #found: readonly FoundDigest[] = []
  #verified: CheckpointKnown | undefined
  /** C1: identifies the work under way. */
  #work: object | undefined
  #done: Promise<void> = Promise.resolve()

  constructor(parts: StateCopierParts) {
    this.#parts = parts
  }

  /** The last digests, oldest first. */
  get digests(): readonly FoundDigest[] {
    return this.#found
  }

  digestAt(sequence: number): string | undefined {
    return this.#found.find((found) => found.sequence === sequence)?.digest
  }

  /** Called by the engine, in the moment of the record. */
  said(said: CheckpointingSaid): void {
    if (said.kind === 'checkpoint') {
      this.#verified = said
      this.#compare()
      return
    }
    const { clock, timeMs, isAwaited, store, node } = this.#parts
    // C4.
    if (!isAwaited() && clock.nowMs() - timeMs() > PAST_MS) return
    const work = {}
    this.#work = work
    const copying = this.#copy(store.snapshot(), { sequence: said.sequence, isWriter: said.writer === node, work })
    this.#done = Promise.all([this.#done, copying]).then(() => undefined)
  }

  /** Ends the work under way; resolves when nothing of the store is used any more. */
  async close(): Promise<void> {
    this.#work = undefined
    await this.#done
  }

  async #copy(
    snapshot: StoreSnapshot,
    { sequence, isWriter, work }: { readonly sequence: Sequence; readonly isWriter: boolean; readonly work: object },
  ): Promise<void> {
    const { shard, logger, clock, timers } = this.#parts
    const pace = pacing({ clock, timers }, { isOver: () => this.#work !== work })
    try {
      const digest = isWriter
        ? await this.#write(snapshot, sequence, pace)
        : (await digestSnapshot(snapshot, pace)).digest
      this.#found = [...this.#found, { sequence, digest }].slice(-DIGESTS_KEPT)
      logger.debug('digest', { shard, sequence, digest })
      this.#compare()
    } catch (error) {
      if (!(error instanceof StoppedWork))
        logger.error('state has no digest', { shard, sequence, reason: String(error) })
    } finally {
      await snapshot.close().catch(() => undefined)
    }
  }

  /** C2. */
  async #write(snapshot: StoreSnapshot, sequence: Sequence, pace: Pace): Promise<string> {
    const { shard, generation, node, shelf, logger } = this.#parts
    const dump = dumpState(snapshot, pace)
    try {
      await shelf.put(encodeCheckpointName({ shard, generation, sequence }), dump.pieces, { node })
      const { digest, bytes } = dump.summary()
      logger.info('checkpoint is written', { shard, sequence, bytes })
      return digest
    } catch (error) {
      if (error instanceof StoppedWork) throw error
      logger.warn('checkpoint cannot be kept', { shard, sequence, reason: String(error) })
      return (await digestSnapshot(snapshot, pace)).digest
    }
  }

  /** C3. */
  #compare(): void {
    if (this.#verified === undefined) return
    const { sequence, digest: verified } = this.#verified
    const digest = this.digestAt(sequence)
    if (digest !== undefined && digest !== verified) this.#parts.onWrong({ sequence, digest, verified })
  }
}

/**
 * What stands between leading a shard and serving it: a restore of the cluster may be under way, or the shard may have
 * begun another life (DESIGN K4; the rules are `directory/cluster-restore.ts`').
 *
 * W1  Asked after the barrier and before anything is served. One that is frozen leads, proves what its log holds, and
 *     refuses everything until the gate opens, or the shard has moved on.
 * W2  A replica that hears a leader of another generation, or has halted, asks whether its log is still the shard's.
 */
import type { Clock, Fault, Logger } from '@waggle/kernel'
import { fault, type Generation } from '@waggle/protocol'
import { proveShard, standingOf, type RestoreDirectory } from '../directory/cluster-restore.ts'
import type { Replica } from '../replica/replica.ts'

export interface GateParts extends RestoreDirectory {
  readonly shard: number
  readonly clock: Clock
  readonly logger: Logger
  /** The shard has another log than the one that this replica follows: nothing of it may be used further. */
  readonly onMoved: () => void
}

/** Between two looks of one that is frozen, and of one that has halted. */
const FROZEN_MS = 1_000
const HALTED_MS = 5_000

type Guarded = Pick<Replica, 'shardLog' | 'engine' | 'holdsCollectives'>

export class Gate {
  readonly #parts: GateParts
  /** The restore that keeps it from serving. */
  #frozen: string | undefined
  /** The one for which this term has proven what its log holds. */
  #proven: string | undefined
  #followed: Generation | undefined
  #isSuspect = false
  #isLooking = false
  #lookedAtMs = -Infinity

  constructor(parts: GateParts) {
    this.#parts = parts
  }

  /** Why nothing is served for now. */
  get refusal(): Fault | undefined {
    const { shard } = this.#parts
    const restore = this.#frozen
    if (restore === undefined) return undefined
    return fault('SHARD_NOT_READY', `the cluster is being restored from a backup shard=${shard} restore=${restore}`, {
      ...{ shard, restore },
    })
  }

  /** W1. Whether the term may go on. @throws Fault as the directory does */
  async meet(replica: Guarded): Promise<boolean> {
    const { shard, logger, onMoved } = this.#parts
    const { shardLog, engine } = replica
    const standing = await standingOf(this.#parts, shardLog)
    if (standing.kind === 'moved') {
      onMoved()
      return false
    }
    this.#frozen = standing.kind === 'frozen' ? standing.id : undefined
    if (standing.kind === 'frozen' && this.#proven !== standing.id) {
      const isEmpty = !(await replica.holdsCollectives())
      const proof = { restore: standing.id, last: engine.position.applied, isEmpty }
      await proveShard(this.#parts, shardLog, proof)
      this.#proven = standing.id
      logger.warn('shard is frozen for a restore', { shard, ...proof })
    }
    return true
  }

  /** A term begins: what an earlier one was told does not count. */
  reset(): void {
    this.#frozen = undefined
    this.#proven = undefined
  }

  /** W2. */
  heard(generation: Generation, followed: Generation | undefined): void {
    if (followed !== undefined && generation !== followed) this.#isSuspect = true
  }

  /** To be called several times a second. */
  tick(
    replica: Guarded | undefined,
    { leads, isHalted }: { readonly leads: boolean; readonly isHalted: boolean },
  ): void {
    const { clock, logger, shard } = this.#parts
    const waitMs = leads || this.#isSuspect ? FROZEN_MS : HALTED_MS
    const isDue = (leads && this.#frozen !== undefined) || (!leads && (this.#isSuspect || isHalted))
    const nowMs = clock.monotonicMs()
    if (!isDue || this.#isLooking || nowMs - this.#lookedAtMs < waitMs) return
    this.#lookedAtMs = nowMs
    this.#isLooking = true
    const look = leads && replica !== undefined ? this.meet(replica) : this.#look(replica?.shardLog.generation)
    look
      .catch((error: unknown) => {
        logger.warn('it is not known whether the shard may be served', { shard, reason: String(error) })
      })
      .finally(() => (this.#isLooking = false))
  }

  /** W2. One that never opened is compared with what the directory said first. */
  async #look(generation: Generation | undefined): Promise<void> {
    const { shard, onMoved } = this.#parts
    this.#isSuspect = false
    const followed = generation ?? this.#followed
    const standing = await standingOf(this.#parts, { shard, generation: followed })
    this.#followed ??= standing.generation
    if (standing.kind === 'moved' && followed !== undefined) onMoved()
  }
}

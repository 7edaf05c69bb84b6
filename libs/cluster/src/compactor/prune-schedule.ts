/**
 * When which shard's leader is asked to prune its journals, or its log. Times are monotonic milliseconds.
 *
 * S1  A shard is asked again a while after it had nothing more to prune, and soon when it had more or failed.
 * S2  A shard is asked by one request at a time, and only a few shards at once: pruning is background work.
 * S3  Of the shards that are due, the one that has been due longest comes first, so that none waits for ever.
 * S4  A new epoch has a leader of its own that has not been asked: it is due at once.
 */
/** Of journals; logs fill sooner, and say so (`log-upkeep.ts`). */
export const DONE_PAUSE_MS = 60_000
/** Between two requests of a walk that is not done: leaves the leader to its clients. */
export const MORE_PAUSE_MS = 250
export const FAILED_PAUSE_MS = 5_000
/** S2 */
export const ASKED_AT_ONCE_MAX = 4

export type AskOutcome = 'done' | 'more' | 'failed'

export interface Leader {
  readonly shard: number
  readonly epoch: number
}

const pauses: Record<AskOutcome, number> = { done: DONE_PAUSE_MS, more: MORE_PAUSE_MS, failed: FAILED_PAUSE_MS }

export type Pauses = Readonly<Record<AskOutcome, number>>

interface Asked {
  readonly epoch: number
  readonly dueMs: number
}

export class PruneSchedule<Asks extends Leader = Leader> {
  readonly #pauses: Pauses
  readonly #asked = new Map<number, Asked>()
  readonly #underWay = new Set<number>()

  /** @param own pauses that differ */
  constructor(own: Partial<Pauses> = {}) {
    this.#pauses = { ...pauses, ...own }
  }

  /** Whom to ask now; each counts as under way until `ended` is called for it. */
  take(leaders: readonly Asks[], nowMs: number): readonly Asks[] {
    const due = leaders
      .filter((leader) => !this.#underWay.has(leader.shard) && this.#dueMs(leader) <= nowMs)
      // S3.
      .sort((left, right) => this.#dueMs(left) - this.#dueMs(right) || left.shard - right.shard)
      .slice(0, Math.max(0, ASKED_AT_ONCE_MAX - this.#underWay.size))
    for (const { shard } of due) this.#underWay.add(shard)
    return due
  }

  ended({ shard, epoch }: Leader, outcome: AskOutcome, nowMs: number): void {
    this.#underWay.delete(shard)
    this.#asked.set(shard, { epoch, dueMs: nowMs + this.#pauses[outcome] })
  }

  #dueMs({ shard, epoch }: Leader): number {
    const asked = this.#asked.get(shard)
    // S4.
    return asked?.epoch === epoch ? asked.dueMs : -Infinity
  }
}

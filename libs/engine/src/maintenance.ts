/**
 * Background work of the shard's writer: reclaims the rows of deleted collectives and forgets old idempotency keys, in
 * bounded steps that are log events like any other (DESIGN K5, F6). It runs when the engine opens, after a collective
 * was deleted, and every hour. Journals it prunes when it is asked to: how long they are kept is the operator's say.
 */
import { assert, isFault, type CancelTimer, type Logger, type Timers } from '@waggle/kernel'
import { limits, SYSTEM_TENANT } from '@waggle/protocol'
import type { Answer, OwnCommand } from './commit/submission.ts'
import { JournalPruner, type JournalPruning } from './keeping/journal-pruner.ts'
import { dataPrefix, keyAgeEnd, keyAgePrefix, scopeOfTombstone, tombstonePrefix, type Scope } from './state/keyspace.ts'
import type { KeyValueStore } from './store/key-value-store.ts'
import { prefixRange } from './store/prefix-range.ts'

const PERIOD_MS = 60 * 60 * 1_000
/** Rows that one step reclaims: about a millisecond of `apply`. */
const STEP_ROWS = 256

export interface MaintenanceParts {
  readonly store: KeyValueStore
  /** Time of the newest record: what expires does so by the log's time, not by a clock that may be wrong. */
  readonly timeMs: () => number
  readonly timers: Timers
  readonly logger: Logger
  readonly submit: (command: OwnCommand) => Promise<Answer>
}

export class Maintenance {
  readonly #parts: MaintenanceParts
  readonly #pruner: JournalPruner
  #cancel: CancelTimer = () => undefined
  #pruning: Promise<JournalPruning> | undefined
  #running: Promise<void> | undefined
  #again = false
  #stopped = false

  constructor(parts: MaintenanceParts) {
    this.#parts = parts
    this.#pruner = new JournalPruner({ ...parts, isStopped: () => this.#stopped })
  }

  start(): void {
    this.request()
  }

  /** Asks for a round; one that is under way is followed by another. */
  request(): void {
    if (this.#stopped) return
    this.#again = true
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
      this.#cancel()
      if (!this.#stopped) this.#cancel = this.#parts.timers.after(PERIOD_MS, () => this.request(), { background: true })
    })
  }

  /**
   * Has rows of journals pruned that are older than `keepMs` milliseconds by the log's time (DESIGN F7): a bounded part
   * of what there is. Whoever asks while that is under way gets the same answer. Only a leader may be asked.
   * @throws Fault that a step was answered with, such as `BUSY` or `NOT_LEADING`; asking again goes on there
   */
  async pruneJournals(keepMs: number): Promise<JournalPruning> {
    assert(Number.isSafeInteger(keepMs) && keepMs >= 0, 'journals are kept for a number of milliseconds')
    this.#pruning ??= this.#pruner.prune(keepMs).finally(() => (this.#pruning = undefined))
    return this.#pruning
  }

  /** Resolves when the steps under way have ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    // Whoever asked for it is told how it ended.
    await Promise.allSettled([this.#running, this.#pruning])
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false
      try {
        await this.#sweepCollectives()
        await this.#forgetKeys()
      } catch (error) {
        if (isFault(error) && ['closed', 'busy', 'moved'].includes(error.kind)) return
        this.#parts.logger.error('maintenance failed', { reason: String(error) })
      }
    }
  }

  async #sweepCollectives(): Promise<void> {
    const { store } = this.#parts
    for await (const key of store.scanKeys(prefixRange(tombstonePrefix()))) {
      if (this.#stopped) return
      await this.#sweep(scopeOfTombstone(key))
    }
  }

  async #sweep(scope: Scope): Promise<void> {
    const { store, submit } = this.#parts
    for (let last = false; !last && !this.#stopped;) {
      const keys = await take(store.scanKeys({ ...prefixRange(dataPrefix(scope)), limit: STEP_ROWS }))
      last = keys.length < STEP_ROWS
      await submit({ name: 'maintenance.sweep', tenant: scope.tenant, fields: { scope, keys, last } })
    }
  }

  async #forgetKeys(): Promise<void> {
    const { store, timeMs, submit } = this.#parts
    const cutOffMs = timeMs() - limits.IDEMPOTENCY_WINDOW_MS
    if (cutOffMs < 0) return
    for (let keys: Uint8Array[] | undefined; keys === undefined || keys.length === STEP_ROWS;) {
      if (this.#stopped) return
      keys = await take(store.scanKeys({ gte: keyAgePrefix(), lt: keyAgeEnd(cutOffMs), limit: STEP_ROWS }))
      if (keys.length === 0) return
      await submit({ name: 'maintenance.forgetKeys', tenant: SYSTEM_TENANT, fields: { cutOffMs, keys } })
    }
  }
}

const take = async (keys: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> => {
  const taken: Uint8Array[] = []
  for await (const key of keys) taken.push(key)
  return taken
}

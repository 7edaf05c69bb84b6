/**
 * Background work of the shard's writer: reclaims the rows of deleted collectives, forgets old idempotency keys, drops
 * puts in parts that nobody ended and gives up cursors that nobody saves, in bounded steps that are log events like any
 * other (DESIGN K5, F6). It runs when the engine opens, after a collective was deleted, and every hour. Journals of the
 * memory it prunes when it is asked to: how long they are kept is the operator's say. Prunes of keys, and rules of
 * their journals, are `KeyUpkeep`'s, what expires is `ExpirySweep`'s.
 *
 * M1  The journal of a deleted collective rests for a minute before it goes, so that whoever follows it is told of the
 *     deletion also where he was not waiting just then (P6). A minute of this process or of the log: on a quiet shard
 *     the log's time stands, and a process may be too short to see one pass.
 */
import { assert, isFault, type CancelTimer, type Clock, type Logger, type Timers } from '@waggle/kernel'
import { limits, SYSTEM_TENANT } from '@waggle/protocol'
import { KeyUpkeep } from './batch-store/prune/key-upkeep.ts'
import { UploadExpiry } from './batch-store/upload/upload-expiry.ts'
import type { Answer, OwnCommand } from './commit/submission.ts'
import { ExpirySweep } from './expiry/expiry-sweep.ts'
import { JournalPruner, type JournalPruning } from './keeping/journal-pruner.ts'
import { decodeCollective } from './memory/collective/collective-rows.ts'
import {
  collectiveOfKey,
  dataPrefix,
  directoryPrefix,
  journalTables,
  keyAgeEnd,
  keyAgePrefix,
  scopeOfTombstone,
  tombstonePrefix,
  type Scope,
} from './state/keyspace.ts'
import { readRow } from './state/rows.ts'
import type { KeyRange, KeyValueStore } from './store/key-value-store.ts'
import { prefixRange } from './store/prefix-range.ts'
import { abandonCursorsOf } from './watch/cursor-upkeep.ts'

const PERIOD_MS = 60 * 60 * 1_000
/** Rows that one step reclaims: about a millisecond of `apply`. */
const STEP_ROWS = 256
/** M1. */
const JOURNAL_REST_MS = 60_000

export interface MaintenanceParts {
  readonly store: KeyValueStore
  /** Time of the newest record: what expires does so by the log's time, not by a clock that may be wrong. */
  readonly timeMs: () => number
  readonly clock: Pick<Clock, 'nowMs'>
  readonly timers: Timers
  readonly logger: Logger
  readonly submit: (command: OwnCommand) => Promise<Answer>
  /** M1: in place of a minute; milliseconds. */
  readonly journalRestMs?: number | undefined
}

export class Maintenance {
  readonly #parts: MaintenanceParts
  readonly #keys: KeyUpkeep
  readonly #pruner: JournalPruner
  readonly #uploads: UploadExpiry
  readonly #expiry: ExpirySweep
  /** M1: tombstones whose journals rest here, and those whose journals have. */
  readonly #resting = new Map<string, CancelTimer>()
  readonly #rested = new Set<string>()
  #cancel: CancelTimer = () => undefined
  #pruning: Promise<JournalPruning> | undefined
  #running: Promise<void> | undefined
  #again = false
  #stopped = false

  constructor(parts: MaintenanceParts) {
    this.#parts = parts
    this.#keys = new KeyUpkeep(parts)
    this.#expiry = new ExpirySweep(parts)
    this.#pruner = new JournalPruner({
      ...parts,
      isStopped: () => this.#stopped,
      applyRule: (scope) => this.#keys.applyRule(scope),
    })
    this.#uploads = new UploadExpiry({ ...parts, isStopped: () => this.#stopped })
  }

  start(): void {
    this.request()
    this.#keys.walk()
    this.#expiry.start()
  }

  /** Asks for what is due of a collective's keys: the rule of their journal, or a prune. */
  requestKeys(scope: Scope): void {
    this.#keys.request(scope)
  }

  /** Records of a collective expire at a time. */
  noteExpiry(scope: Scope, expiresAt: number): void {
    this.#expiry.note(scope, expiresAt)
  }

  /** Asks for a round; one that is under way is followed by another. */
  request(): void {
    if (this.#stopped) return
    this.#again = true
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
      this.#cancel()
      if (!this.#stopped) this.#cancel = this.#parts.timers.after(PERIOD_MS, () => this.start(), { background: true })
    })
  }

  /**
   * Has rows of journals pruned (DESIGN F7), a bounded part of what there is: of the memory those that are older than
   * `keepMs` milliseconds by the log's time, of keys those that their rule does not keep. Whoever asks while that is
   * under way gets the same answer. Only a leader may be asked.
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
    for (const cancel of this.#resting.values()) cancel()
    // Whoever asked for it is told how it ended.
    await Promise.allSettled([this.#running, this.#pruning, this.#keys.stop(), this.#expiry.stop()])
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false
      try {
        await this.#sweepCollectives()
        await this.#forgetKeys()
        await this.#uploads.dropLeft()
        await this.#abandonCursors()
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
      const name = Buffer.from(key).toString('base64')
      if (this.#resting.has(name)) continue
      const scope = scopeOfTombstone(key)
      if (this.#hasRested(name, key)) {
        await this.#sweep(scope, [prefixRange(dataPrefix(scope))], true)
        this.#rested.delete(name)
      } else {
        const { gte, lt } = prefixRange(dataPrefix(scope))
        const journal = journalTables(scope)
        const besides = [
          { gte, lt: journal.gte },
          { gte: journal.lt, lt },
        ]
        await this.#sweep(scope, besides, false)
        this.#rest(name)
      }
    }
  }

  /** M1. */
  #hasRested(name: string, tombstone: Uint8Array): boolean {
    const { store, timeMs, journalRestMs = JOURNAL_REST_MS } = this.#parts
    const [, deletedMs = 0] = (readRow(store, tombstone) ?? []) as readonly [unknown?, number?]
    return this.#rested.has(name) || timeMs() - deletedMs >= journalRestMs
  }

  /** M1. */
  #rest(name: string): void {
    if (this.#stopped) return
    const { timers, journalRestMs = JOURNAL_REST_MS } = this.#parts
    const over = (): void => {
      this.#resting.delete(name)
      this.#rested.add(name)
      this.request()
    }
    this.#resting.set(name, timers.after(journalRestMs, over, { background: true }))
  }

  /** @param isWhole whether nothing is left behind these ranges */
  async #sweep(scope: Scope, ranges: readonly KeyRange[], isWhole: boolean): Promise<void> {
    const { store, submit } = this.#parts
    for (const range of ranges)
      for (let isEnd = false; !isEnd && !this.#stopped;) {
        const keys = await take(store.scanKeys({ ...range, limit: STEP_ROWS }))
        isEnd = keys.length < STEP_ROWS
        const fields = { scope, keys, last: isEnd && isWhole }
        if (keys.length > 0 || isWhole) await submit({ name: 'maintenance.sweep', tenant: scope.tenant, fields })
      }
  }

  /** Where nobody has journals pruned by their age, the rules of keys still wait for cursors. */
  async #abandonCursors(): Promise<void> {
    const { store } = this.#parts
    for await (const [key, bytes] of store.scan(prefixRange(directoryPrefix()))) {
      if (this.#stopped) return
      const owner = collectiveOfKey(key)
      if (owner === undefined) continue
      await abandonCursorsOf(this.#parts, decodeCollective(owner.tenant, owner.id, bytes).scope)
    }
  }

  async #forgetKeys(): Promise<void> {
    const { store, timeMs, submit } = this.#parts
    const cutOffMs = timeMs() - limits.IDEMPOTENCY_WINDOW_MS
    // What may stand in a request at the time of its record stands before the cut-off by then: a client whose clock is
    // ahead is refused before its row goes, not after (P2).
    const forgottenMs = cutOffMs - limits.ISSUED_AT_AHEAD_MS_MAX
    if (forgottenMs < 0) return
    for (let keys: Uint8Array[] | undefined; keys === undefined || keys.length === STEP_ROWS;) {
      if (this.#stopped) return
      keys = await take(store.scanKeys({ gte: keyAgePrefix(), lt: keyAgeEnd(forgottenMs), limit: STEP_ROWS }))
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

/**
 * Background work of the shard's writer: reclaims the rows of deleted collectives and forgets old idempotency keys, in
 * bounded steps that are log events like any other (DESIGN K5, F6). It runs when the engine opens, after a collective
 * was deleted, and every hour.
 */
import { isFault, type CancelTimer, type Logger, type Timers } from '@waggle/kernel'
import { limits, type TenantId } from '@waggle/protocol'
import type { Answer, Submission } from './commit/submission.ts'
import { dataPrefix, keyAgeEnd, keyAgePrefix, scopeOfTombstone, tombstonePrefix, type Scope } from './state/keyspace.ts'
import type { KeyValueStore } from './store/key-value-store.ts'
import { prefixRange } from './store/prefix-range.ts'

const PERIOD_MS = 60 * 60 * 1_000
/** Rows that one step reclaims: about a millisecond of `apply`. */
const STEP_ROWS = 256
/** Work of the shard itself stands under no tenant of its own; the name is only bookkeeping. */
const NO_TENANT = '$sys' as TenantId

export interface MaintenanceParts {
  readonly store: KeyValueStore
  /** Time of the newest record: what expires does so by the log's time, not by a clock that may be wrong. */
  readonly timeMs: () => number
  readonly timers: Timers
  readonly logger: Logger
  readonly submit: (command: Pick<Submission, 'name' | 'tenant' | 'fields'>) => Promise<Answer>
}

export class Maintenance {
  readonly #parts: MaintenanceParts
  #cancel: CancelTimer = () => undefined
  #running: Promise<void> | undefined
  #again = false
  #stopped = false

  constructor(parts: MaintenanceParts) {
    this.#parts = parts
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

  /** Resolves when the step under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false
      try {
        await this.#sweepCollectives()
        await this.#forgetKeys()
      } catch (error) {
        if (isFault(error) && (error.kind === 'closed' || error.kind === 'busy')) return
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
      await submit({ name: 'maintenance.forgetKeys', tenant: NO_TENANT, fields: { cutOffMs, keys } })
    }
  }
}

const take = async (keys: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> => {
  const taken: Uint8Array[] = []
  for await (const key of keys) taken.push(key)
  return taken
}

/**
 * The leader's sweep: removes what has expired, in steps that are decided like any other write.
 *
 * W1  Readers and deciders never wait for it, so it takes its time: at most twice a second, all that is due then, a
 *     step at a time, so that clients have their turns between.
 * W2  It is due by the log's time or by this leader's clock, whichever is ahead: on a shard where nobody writes the
 *     sweep's own record is the tick. Where the record's time is kept back (DESIGN L8), a step removes nothing, and the
 *     sweep comes again.
 * W3  What fails for one collective, such as a damaged row, keeps no other waiting, and is met again after a minute.
 * W4  It knows one time for each collective of which anything expires, and reads no other (P11).
 */
import { isFault, latin1Of, type CancelTimer, type Clock, type Logger, type Timers } from '@waggle/kernel'
import type { Answer, OwnCommand } from '../commit/submission.ts'
import { isRefusedForNow } from '../errors.ts'
import { dataPrefix, expiringPrefix, scopeOfExpiring, type Scope } from '../state/keyspace.ts'
import type { KeyValueStore } from '../store/key-value-store.ts'
import { prefixRange } from '../store/prefix-range.ts'
import type { ExpiryCommands, ExpiryStep } from './expiry-commands.ts'
import { expiredRange, expiredRows, expiryRowOf, readExpiring, type ExpiryRow } from './expiry-rows.ts'

/** W1. */
const PAUSE_MS = 500
/** W3. */
const FAILED_PAUSE_MS = 60_000
/** Rows that a step is offered. */
const STEP_ROWS = 256
/** Timers count no further; also how often a clock that was set is noticed. */
const SLEEP_MS_MAX = 60 * 60 * 1_000
/** Collectives that a walk looks at in one turn of the event loop. */
const WALK_ROWS_PER_TURN = 256

export interface ExpirySweepParts {
  readonly store: KeyValueStore
  readonly clock: Pick<Clock, 'nowMs'>
  /** Time of the newest record. */
  readonly timeMs: () => number
  readonly timers: Timers
  readonly logger: Logger
  readonly submit: (command: OwnCommand) => Promise<Answer>
}

interface Due {
  readonly scope: Scope
  /** When it is looked at next. */
  atMs: number
}

export class ExpirySweep {
  readonly #parts: ExpirySweepParts
  /** W4. */
  readonly #due = new Map<string, Due>()
  #wakesAtMs = Infinity
  #cancel: CancelTimer = () => undefined
  #running: Promise<void> | undefined
  #stopped = false

  constructor(parts: ExpirySweepParts) {
    this.#parts = parts
  }

  /** Looks after every collective of which anything expires: what another term left. */
  start(): void {
    if (this.#stopped || this.#running !== undefined) return
    this.#track(this.#walk())
  }

  /** Records of a collective expire at a time. */
  note(scope: Scope, expiresAt: number): void {
    if (this.#stopped) return
    const name = nameOf(scope)
    const known = this.#due.get(name)
    if (known === undefined) this.#due.set(name, { scope, atMs: expiresAt })
    else if (expiresAt < known.atMs) known.atMs = expiresAt
    else return
    if (this.#running === undefined && expiresAt < this.#wakesAtMs) this.#sleepUntil(expiresAt)
  }

  /** Resolves when the step under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#running
  }

  /** W2. */
  get #nowMs(): number {
    return Math.max(this.#parts.clock.nowMs(), this.#parts.timeMs())
  }

  #track(work: Promise<void>): void {
    this.#running = work
      .catch((error: unknown) => this.#report(error))
      .finally(() => {
        this.#running = undefined
        const next = Math.min(Infinity, ...[...this.#due.values()].map(({ atMs }) => atMs))
        if (next !== Infinity) this.#sleepUntil(next)
      })
  }

  /** W1. */
  #sleepUntil(atMs: number): void {
    this.#cancel()
    if (this.#stopped) return
    this.#wakesAtMs = atMs
    const delayMs = Math.min(SLEEP_MS_MAX, Math.max(PAUSE_MS, atMs - this.#nowMs))
    const wake = (): void => {
      this.#wakesAtMs = Infinity
      if (!this.#stopped && this.#running === undefined) this.#track(this.#sweep())
    }
    this.#cancel = this.#parts.timers.after(delayMs, wake, { background: true })
  }

  async #walk(): Promise<void> {
    const { store, timers } = this.#parts
    let rows = 0
    for await (const key of store.scanKeys(prefixRange(expiringPrefix()))) {
      if (this.#stopped) return
      const scope = scopeOfExpiring(key)
      const first = await this.#first(scope)
      if (first !== undefined) this.note(scope, first.expiresAt)
      if ((rows += 1) % WALK_ROWS_PER_TURN === 0) await timers.yield()
    }
  }

  async #sweep(): Promise<void> {
    for (const [name, due] of this.#due) {
      if (this.#stopped) return
      if (due.atMs > this.#nowMs) continue
      try {
        due.atMs = Infinity
        const next = await this.#sweepOf(due.scope)
        due.atMs = Math.min(due.atMs, next)
        if (due.atMs === Infinity) this.#due.delete(name)
      } catch (error) {
        // Another leader's matter.
        if (isRefusedForNow(error) && !isBusy(error)) return
        if (!isBusy(error)) this.#report(error)
        due.atMs = this.#nowMs + (isBusy(error) ? PAUSE_MS : FAILED_PAUSE_MS)
      }
    }
  }

  /** @returns when it is to be looked at again; never: infinity */
  async #sweepOf(scope: Scope): Promise<number> {
    const { store, submit } = this.#parts
    for (;;) {
      const known = readExpiring(store, scope)
      if (known === undefined) return Infinity
      const rows: ExpiryRow[] = []
      for await (const row of expiredRows(store, scope, this.#nowMs, STEP_ROWS)) rows.push(row)
      if (rows.length === 0) return (await this.#first(scope))?.expiresAt ?? Infinity
      if (this.#stopped) return Infinity
      const { collective } = known
      const fields: ExpiryCommands['maintenance.expire'] = { collective, scope, rows }
      const { result } = await submit({ name: 'maintenance.expire', tenant: scope.tenant, collective, fields })
      // W2.
      if ((result as ExpiryStep).removed === 0) return this.#nowMs + PAUSE_MS
    }
  }

  async #first(scope: Scope): Promise<ExpiryRow | undefined> {
    const { gte, lt } = expiredRange(scope, Number.MAX_SAFE_INTEGER - 1)
    for await (const key of this.#parts.store.scanKeys({ gte, lt, limit: 1 })) return expiryRowOf(scope, key)
    return undefined
  }

  #report(error: unknown): void {
    this.#parts.logger.error('sweeping what has expired failed', { reason: String(error) })
  }
}

const isBusy = (error: unknown): boolean => isFault(error) && error.kind === 'busy'

const nameOf = (scope: Scope): string => latin1Of(dataPrefix(scope))

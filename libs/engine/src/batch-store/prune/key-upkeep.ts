/**
 * The leader's background work on keys: rules of retention, which hold from batch to batch, and prunes.
 *
 * U1  A rule is applied when it is set, after each batch, when the term begins, and when a compactor asks. While
 *     batches follow one another closely, it rests between its steps: what it takes is a record of the log, too, and
 *     clients wait for that. What is refused because the leader is busy is tried again soon.
 * U2  Of a collective one prune is under way, in the order of their requests, and of a shard a few: those of others
 *     wait, while rules do not.
 * U3  What fails for one collective, such as rows that are damaged, keeps no other waiting.
 */
import { isFault, type CancelTimer, type Logger, type Timers } from '@waggle/kernel'
import type { Answer, OwnCommand } from '../../commit/submission.ts'
import { decodeCollective } from '../../memory/collective/collective-rows.ts'
import { collectiveOfKey, dataPrefix, directoryPrefix, type Scope } from '../../state/keyspace.ts'
import type { KeyValueStore } from '../../store/key-value-store.ts'
import { prefixRange } from '../../store/prefix-range.ts'
import { PRUNED_ROWS_MAX } from './batch-commands.ts'
import { BatchPruner } from './batch-pruner.ts'
import type { PruneCommands } from './prune-commands.ts'
import { jobsUnderWay, type StoredJob } from './prune-rows.ts'
import { PruneRun } from './prune-run.ts'
import { readRetention } from './retention-rows.ts'

/** U2: each may keep some MB in memory. */
const RUNS_AT_ONCE_MAX = 2
/** U1: while clients keep the leader busy, its own work waits. */
const BUSY_PAUSE_MS = 250
/** U1: at most so many steps a second of one collective, unless there is more than a step to do. */
const REST_MS = 20
/** U3: an error that may pass is met again then. */
const FAILED_PAUSE_MS = 60_000
/** Collectives that a walk looks at in one turn of the event loop. */
const WALK_ROWS_PER_TURN = 256

export interface KeyUpkeepParts {
  readonly store: KeyValueStore
  readonly timers: Timers
  readonly logger: Logger
  readonly submit: (command: OwnCommand) => Promise<Answer>
}

/** Collectives whose turn comes, in the order in which they were named. */
type Queue = Map<string, Scope>

export class KeyUpkeep {
  readonly #parts: KeyUpkeepParts
  readonly #batches: BatchPruner
  readonly #rules: Queue = new Map()
  readonly #prunes: Queue = new Map()
  /** Collectives of which a prune is being carried out. */
  readonly #pruning = new Set<string>()
  readonly #running = new Set<Promise<void>>()
  readonly #pauses = new Map<string, CancelTimer>()
  /** U1. */
  readonly #resting = new Map<string, CancelTimer>()
  #isApplying = false
  #stopped = false

  constructor(parts: KeyUpkeepParts) {
    this.#parts = parts
    this.#batches = new BatchPruner({ ...parts, isStopped: this.#isStopped })
  }

  /** Looks after every collective: what another term left. */
  walk(): void {
    if (!this.#stopped) this.#track(this.#walk())
  }

  /** Something of a collective's keys is due. */
  request(scope: Scope): void {
    if (this.#stopped) return
    const name = nameOf(scope)
    // U1: who rests looks again behind it.
    if (!this.#resting.has(name)) this.#rules.set(name, scope)
    this.#prunes.set(name, scope)
    if (!this.#isApplying) this.#track(this.#applyRules())
    this.#startPrunes()
  }

  /** Applies the rule of a collective by one step. @returns rows that went. @throws Fault */
  async applyRule(scope: Scope): Promise<number> {
    return this.#batches.applyRule(scope)
  }

  /** Resolves when the steps under way have ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const cancel of [...this.#pauses.values(), ...this.#resting.values()]) cancel()
    await Promise.allSettled(this.#running)
  }

  readonly #isStopped = (): boolean => this.#stopped

  #track(work: Promise<void>): void {
    const tracked = work.catch((error: unknown) => this.#report(error)).finally(() => this.#running.delete(tracked))
    this.#running.add(tracked)
  }

  async #walk(): Promise<void> {
    const { store, timers } = this.#parts
    let rows = 0
    for await (const [key, bytes] of store.scan(prefixRange(directoryPrefix()))) {
      if (this.#stopped) return
      const owner = collectiveOfKey(key)
      if (owner === undefined) continue
      const { scope } = decodeCollective(owner.tenant, owner.id, bytes)
      await this.#attend(scope, async () => {
        if (readRetention(store, scope) !== undefined || jobsUnderWay(store, scope).length > 0) this.request(scope)
      })
      if ((rows += 1) % WALK_ROWS_PER_TURN === 0) await timers.yield()
    }
  }

  /** U1. One step of each in turn. */
  async #applyRules(): Promise<void> {
    this.#isApplying = true
    try {
      for (const scope of inTurn(this.#rules, this.#isStopped))
        await this.#attend(scope, async () => {
          const job = jobsUnderWay(this.#parts.store, scope).find(({ kind }) => kind === 'retention')
          const rows = await this.#batches.applyRule(scope)
          if (rows === PRUNED_ROWS_MAX || (rows > 0 && job !== undefined)) this.#rules.set(nameOf(scope), scope)
          else if (rows > 0) this.#rest(scope)
          // The first application of a rule has come to its end.
          else if (job !== undefined) await this.#end(scope, job)
        })
    } finally {
      this.#isApplying = false
    }
  }

  /** U1. */
  #rest(scope: Scope): void {
    const name = nameOf(scope)
    if (this.#stopped || this.#resting.has(name)) return
    const over = (): void => {
      this.#resting.delete(name)
      this.request(scope)
    }
    this.#resting.set(name, this.#parts.timers.after(REST_MS, over, { background: true }))
  }

  async #end(scope: Scope, { id: job }: StoredJob): Promise<void> {
    const fields: PruneCommands['maintenance.pruneKeys'] = { scope, job, keys: [], isEnd: true }
    await this.#parts.submit({ name: 'maintenance.pruneKeys', tenant: scope.tenant, fields })
  }

  /** U2. */
  #startPrunes(): void {
    for (const [name, scope] of this.#prunes) {
      if (this.#stopped || this.#pruning.size >= RUNS_AT_ONCE_MAX) return
      if (this.#pruning.has(name)) continue
      this.#prunes.delete(name)
      this.#pruning.add(name)
      const end = (): void => {
        this.#pruning.delete(name)
        this.#startPrunes()
      }
      this.#track(this.#attend(scope, () => this.#pruneOnce(scope)).finally(end))
    }
  }

  async #pruneOnce(scope: Scope): Promise<void> {
    const job = jobsUnderWay(this.#parts.store, scope).find(({ kind }) => kind === 'prune')
    if (job === undefined) return
    await new PruneRun({ ...this.#parts, isStopped: this.#isStopped, batches: this.#batches }, scope, job).run()
    // The next of this collective comes behind those of others.
    this.#prunes.set(nameOf(scope), scope)
  }

  /** U1 U3. */
  async #attend(scope: Scope, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (this.#stopped || (isFault(error) && ['closed', 'moved', 'unavailable'].includes(error.kind))) return
      const isBusy = isFault(error) && error.kind === 'busy'
      if (!isBusy) this.#report(error)
      this.#again(scope, isBusy ? BUSY_PAUSE_MS : FAILED_PAUSE_MS)
    }
  }

  #again(scope: Scope, delayMs: number): void {
    const name = nameOf(scope)
    this.#pauses.get(name)?.()
    const again = (): void => {
      this.#pauses.delete(name)
      this.request(scope)
    }
    this.#pauses.set(name, this.#parts.timers.after(delayMs, again, { background: true }))
  }

  #report(error: unknown): void {
    this.#parts.logger.error('upkeep of keys failed', { reason: String(error) })
  }
}

/** What stands first, until nothing is left; what is added meanwhile comes behind. */
function* inTurn(queue: Queue, isStopped: () => boolean): Generator<Scope> {
  for (const [name, scope] of queue) {
    if (isStopped()) return
    queue.delete(name)
    yield scope
  }
}

const nameOf = (scope: Scope): string => Buffer.from(dataPrefix(scope)).toString('latin1')

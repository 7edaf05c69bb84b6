/**
 * The leader's background work on keys: rules of retention, which hold from batch to batch, and prunes.
 *
 * U1  A rule is applied when it is set, after each batch, when the term begins, and when a compactor asks. While
 *     batches follow one another closely, it rests between its steps: what it takes is a record of the log, too, and
 *     clients wait for that. What is refused because the leader is busy is tried again soon, a prune's step in its
 *     place: to begin the prune anew would read a whole family again while there is least time for it.
 * U2  Of a collective one prune is under way, in the order of their requests, and of a shard a few: those of others
 *     wait, while rules do not.
 * U3  What fails for one collective, such as rows that are damaged, keeps no other waiting, and is met again after a
 *     minute, however many of its batches ask for it meanwhile.
 */
import { isFault, latin1Of, type CancelTimer, type Logger, type Timers } from '@waggle/kernel'
import type { Answer, OwnCommand } from '../../commit/submission.ts'
import { isRefusedForNow } from '../../errors.ts'
import { decodeCollective } from '../../memory/collective/collective-rows.ts'
import { collectiveOfKey, dataPrefix, directoryPrefix, tombstoneKey, type Scope } from '../../state/keyspace.ts'
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

interface Queue {
  /** Collectives whose turn comes, in the order in which they were named. */
  readonly due: Map<string, Scope>
  /** Those that look again after a while, and not before (U1, U3). */
  readonly resting: Map<string, CancelTimer>
}

const newQueue = (): Queue => ({ due: new Map(), resting: new Map() })

export class KeyUpkeep {
  readonly #parts: KeyUpkeepParts
  readonly #batches: BatchPruner
  readonly #rules = newQueue()
  readonly #prunes = newQueue()
  /** Collectives of which a prune is being carried out. */
  readonly #pruning = new Set<string>()
  readonly #running = new Set<Promise<void>>()
  /** U1: steps of prunes that are tried again soon, or at once where everything ends. */
  readonly #patient = new Set<() => void>()
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
    for (const queue of [this.#rules, this.#prunes]) ask(queue, scope)
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
    for (const { resting } of [this.#rules, this.#prunes]) for (const cancel of resting.values()) cancel()
    for (const goOn of [...this.#patient]) goOn()
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
      await this.#attend(this.#rules, scope, async () => {
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
        await this.#attend(this.#rules, scope, async () => {
          const job = jobsUnderWay(this.#parts.store, scope).find(({ kind }) => kind === 'retention')
          const rows = await this.#batches.applyRule(scope)
          if (rows === PRUNED_ROWS_MAX || (rows > 0 && job !== undefined)) ask(this.#rules, scope)
          else if (rows > 0) this.#rest(this.#rules, scope, REST_MS)
          // The first application of a rule has come to its end.
          else if (job !== undefined) await this.#end(scope, job)
        })
    } finally {
      this.#isApplying = false
    }
  }

  /** U1 U3. */
  #rest({ due, resting }: Queue, scope: Scope, delayMs: number): void {
    if (this.#stopped) return
    const name = nameOf(scope)
    const over = (): void => {
      resting.delete(name)
      this.request(scope)
    }
    due.delete(name)
    resting.get(name)?.()
    resting.set(name, this.#parts.timers.after(delayMs, over, { background: true }))
  }

  async #end(scope: Scope, { id: job }: StoredJob): Promise<void> {
    const fields: PruneCommands['maintenance.pruneKeys'] = { scope, job, keys: [], isEnd: true }
    await this.#parts.submit({ name: 'maintenance.pruneKeys', tenant: scope.tenant, fields })
  }

  /** U2. */
  #startPrunes(): void {
    for (const [name, scope] of this.#prunes.due) {
      if (this.#stopped || this.#pruning.size >= RUNS_AT_ONCE_MAX) return
      if (this.#pruning.has(name)) continue
      this.#prunes.due.delete(name)
      this.#pruning.add(name)
      const end = (): void => {
        this.#pruning.delete(name)
        this.#startPrunes()
      }
      this.#track(this.#attend(this.#prunes, scope, () => this.#pruneOnce(scope)).finally(end))
    }
  }

  async #pruneOnce(scope: Scope): Promise<void> {
    const { store } = this.#parts
    // Of a collective that was deleted the jobs are there until they are swept, and none of them goes on.
    if (store.get(tombstoneKey(scope)) !== undefined) return
    const job = jobsUnderWay(store, scope).find(({ kind }) => kind === 'prune')
    if (job === undefined) return
    const parts = { ...this.#parts, submit: this.#submitPatiently, isStopped: this.#isStopped }
    await new PruneRun({ ...parts, batches: new BatchPruner(parts) }, scope, job).run()
    // The next of this collective comes behind those of others.
    ask(this.#prunes, scope)
  }

  /** U1. */
  readonly #submitPatiently = async (command: OwnCommand): Promise<Answer> => {
    for (;;)
      try {
        return await this.#parts.submit(command)
      } catch (error) {
        if (this.#stopped || !isBusy(error)) throw error
        await this.#busyPause()
      }
  }

  async #busyPause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const goOn = (): void => {
        cancel()
        this.#patient.delete(goOn)
        resolve()
      }
      const cancel = this.#parts.timers.after(BUSY_PAUSE_MS, goOn, { background: true })
      this.#patient.add(goOn)
    })
  }

  /** U1 U3. */
  async #attend(queue: Queue, scope: Scope, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (this.#stopped || (isRefusedForNow(error) && !isBusy(error))) return
      if (!isBusy(error)) this.#report(error)
      this.#rest(queue, scope, isBusy(error) ? BUSY_PAUSE_MS : FAILED_PAUSE_MS)
    }
  }

  #report(error: unknown): void {
    this.#parts.logger.error('upkeep of keys failed', { reason: String(error) })
  }
}

/** What stands first, until nothing is left; what is added meanwhile comes behind. */
function* inTurn({ due }: Queue, isStopped: () => boolean): Generator<Scope> {
  for (const [name, scope] of due) {
    if (isStopped()) return
    due.delete(name)
    yield scope
  }
}

/** Names a collective; one that rests looks again by itself. */
const ask = ({ due, resting }: Queue, scope: Scope): void => {
  const name = nameOf(scope)
  if (!resting.has(name)) due.set(name, scope)
}

const isBusy = (error: unknown): boolean => isFault(error) && error.kind === 'busy'

const nameOf = (scope: Scope): string => latin1Of(dataPrefix(scope))

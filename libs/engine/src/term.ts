/** A term of leadership: the writer, and the background work that only a writer does. */
import type { Fault, Logger, Metrics } from '@waggle/kernel'
import { metricTable, SYSTEM_TENANT, type Epoch } from '@waggle/protocol'
import { GroupCommit, type GroupCommitParts } from './commit/group-commit.ts'
import type { Answer, Command, OwnCommand } from './commit/submission.ts'
import type { JournalPruning } from './keeping/journal-pruner.ts'
import { Maintenance } from './maintenance.ts'
import type { Position } from './recovery/position.ts'
import type { Scope } from './state/keyspace.ts'

export interface TermParts extends Omit<GroupCommitParts, 'position' | 'dedupHits'> {
  /** Where the replica stands, at any moment. */
  readonly position: () => Position
  readonly logger: Logger
  readonly metrics: Metrics
  /** As in `Maintenance`. */
  readonly journalRestMs?: number | undefined
}

export class Term {
  readonly #parts: TermParts
  readonly #commit: GroupCommit
  readonly #maintenance: Maintenance

  constructor(parts: TermParts) {
    const { position, store, timers, clock, logger, journalRestMs, onEnded } = parts
    this.#parts = parts
    this.#commit = new GroupCommit({
      ...parts,
      position: position(),
      dedupHits: parts.metrics.counter(metricTable.dedupHits, {}),
      onEnded: (reason) => {
        void this.#maintenance.stop()
        onEnded(reason)
      },
    })
    this.#maintenance = new Maintenance({
      ...{ store, clock, timers, logger, journalRestMs },
      timeMs: () => position().timeMs,
      submit: (command) => this.submitOwn(command),
    })
    if (parts.fence === 'folder') this.#maintenance.start()
  }

  /** @throws Fault `NOT_LEADING`, `UNAVAILABLE` */
  async open(): Promise<Epoch> {
    const epoch = await this.#commit.open()
    this.#maintenance.start()
    return epoch
  }

  /** Commands that wait for their turn. */
  get waiting(): number {
    return this.#commit.waiting
  }

  /** @throws Fault */
  async submit(command: Command): Promise<Answer> {
    const { trace } = command
    trace?.enter('waggle.mailbox')
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#commit.submit({ ...command, resolve, reject })
    })
    return trace === undefined ? answer : answer.finally(() => trace.leave())
  }

  /** @throws Fault */
  async submitOwn(command: OwnCommand): Promise<Answer> {
    return this.submit({ bytes: 0, ...command, key: this.#parts.ids.uuid() })
  }

  /** Resolves when an append has been acknowledged that began after this call. @throws Fault */
  async confirm(): Promise<void> {
    await this.submitOwn({ name: 'maintenance.confirm', tenant: SYSTEM_TENANT, fields: {} })
  }

  /** Asks for a round of background work. */
  maintain(): void {
    this.#maintenance.request()
  }

  /** Asks for what is due of a collective's keys. */
  maintainKeys(scope: Scope): void {
    this.#maintenance.requestKeys(scope)
  }

  /** Records of a collective expire at a time. */
  noteExpiry(scope: Scope, expiresAt: number): void {
    this.#maintenance.noteExpiry(scope, expiresAt)
  }

  /** @throws Fault as `Maintenance.pruneJournals` */
  async pruneJournals(keepMs: number): Promise<JournalPruning> {
    return this.#maintenance.pruneJournals(keepMs)
  }

  /** Ends when everything that was taken has been answered. */
  async end(reason: Fault): Promise<void> {
    await this.#maintenance.stop()
    await this.#commit.end(reason)
  }

  /** Ends as soon as the append under way has ended; what waits is refused. */
  async abandon(reason: Fault): Promise<void> {
    const stopped = this.#maintenance.stop()
    await this.#commit.abandon(reason)
    await stopped
  }
}

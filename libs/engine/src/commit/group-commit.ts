/**
 * The single writer of a shard: takes commands from the mailbox, decides them in groups, appends each group as one
 * batch, and answers.
 *
 * G1  One append is under way at a time. While it is, later commands are decided against what it staged and collected.
 * G2  Nobody is answered before the append that its group became has resolved; a group with nothing to append is
 *     answered once the one before it is durable (embedded form of DESIGN L5).
 * G3  The first record of a term is its barrier.
 * G4  A failed append ends the term: everyone who waits is told that the outcome is unknown, and no write follows.
 */
import { assert, isFault, type Clock, type Fault, type IdSource, type Timers } from '@waggle/kernel'
import { cutPayload, encodeRecord, fault, joinEntries, type Epoch, type Sequence } from '@waggle/protocol'
import type { IndexChange } from '../index/index-change.ts'
import type { BatchLog } from '../log/batch-log.ts'
import { advance } from '../recovery/advance.ts'
import type { AppliedRun } from '../recovery/applied-run.ts'
import type { Position } from '../recovery/position.ts'
import { Overlay } from '../state/overlay.ts'
import type { KeyValueStore } from '../store/key-value-store.ts'
import { Group, PIECE_BYTES_MAX } from './group.ts'
import { Mailbox } from './mailbox.ts'
import { RecordTime } from './record-time.ts'
import type { Submission } from './submission.ts'

export interface GroupCommitParts {
  readonly log: BatchLog
  readonly store: KeyValueStore
  readonly run: AppliedRun
  readonly position: Position
  readonly clock: Clock
  readonly timers: Timers
  readonly ids: IdSource
  /** Called when a batch is durable, before anyone is answered. */
  readonly onCommitted: (position: Position, changes: readonly IndexChange[]) => void
}

export class GroupCommit {
  readonly #parts: GroupCommitParts
  readonly #mailbox = new Mailbox()
  readonly #time: RecordTime
  #position: Position
  #termIsOpen = false
  #inFlight: Group | undefined
  #appending = false
  #staging: Group | undefined
  #pumpScheduled = false
  #ended: Fault | undefined
  #idleWaiters: (() => void)[] = []

  constructor(parts: GroupCommitParts) {
    this.#parts = parts
    this.#position = parts.position
    this.#time = new RecordTime(parts.clock, parts.position.timeMs)
  }

  /** @throws Fault `BUSY`, or the one that ended the term */
  submit(submission: Submission): void {
    if (this.#ended !== undefined) throw this.#ended
    this.#mailbox.push(submission)
    this.#schedulePump()
  }

  /** Takes no more commands and resolves when those that were taken have been answered. */
  async end(reason: Fault): Promise<void> {
    this.#ended ??= reason
    while (!this.#isIdle) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve))
  }

  get #isIdle(): boolean {
    return !this.#appending && this.#staging === undefined && this.#mailbox.size === 0
  }

  /** One turn later, so that everyone who submits in this turn shares a group. */
  #schedulePump(): void {
    if (this.#pumpScheduled) return
    this.#pumpScheduled = true
    void this.#parts.timers.yield().then(() => {
      this.#pumpScheduled = false
      this.#pump()
    })
  }

  #pump(): void {
    if (this.#mailbox.size > 0 && !this.#termIsOpen) {
      if (!this.#appending) this.#run(this.#openTerm())
      return
    }
    this.#stage()
    while (!this.#appending && this.#staging !== undefined) {
      const group = this.#staging
      this.#staging = undefined
      if (group.hasEntries) {
        this.#inFlight = group
        this.#run(this.#commit(group))
      } else group.answer()
      this.#stage()
    }
    if (this.#isIdle) for (const resolve of this.#idleWaiters.splice(0)) resolve()
  }

  #stage(): void {
    while (this.#mailbox.size > 0) {
      this.#staging ??= this.#newGroup()
      if (this.#staging.isFull) return
      if (!this.#staging.stage(this.#mailbox.peek() as Submission)) return
      this.#mailbox.shift()
    }
  }

  #newGroup(): Group {
    const { store } = this.#parts
    const before = this.#inFlight
    return new Group({
      view: { get: (key) => (before !== undefined && before === this.#inFlight ? before.overlay : store).get(key) },
      generation: this.#position.generation,
      firstSequence: ((before?.sequence ?? this.#position.applied) + 1) as Sequence,
      timeMs: this.#time.next(),
    })
  }

  /** Runs an append; whatever waits goes on after it. */
  #run(append: Promise<void>): void {
    this.#appending = true
    append
      .catch((error: unknown) => {
        this.#fail(error)
      })
      .finally(() => {
        this.#appending = false
        this.#inFlight = undefined
        this.#schedulePump()
      })
  }

  async #openTerm(): Promise<void> {
    const epoch: Epoch = { sequence: (this.#position.applied + 1) as Sequence, id: this.#parts.ids.uuid() }
    await this.#append(new Overlay(this.#parts.store), { entries: [], timeMs: this.#time.next(), epoch })
    this.#termIsOpen = true
  }

  async #commit(group: Group): Promise<void> {
    const { epoch } = this.#position
    await this.#append(group.overlay, { entries: group.entries, timeMs: group.timeMs, epoch })
    assert(this.#position.applied === group.sequence, 'a group takes the sequence that its changes were addressed with')
    this.#parts.onCommitted(this.#position, group.indexChanges)
    group.answer()
  }

  /** Appends a batch, in as many parts as it needs; `overlay` takes effect with the last one. */
  async #append(
    overlay: Overlay,
    batch: { readonly entries: readonly Uint8Array[]; readonly timeMs: number; readonly epoch: Epoch },
  ): Promise<void> {
    const { log, store, run, ids } = this.#parts
    const { timeMs, epoch } = batch
    const batchId = ids.uuid()
    const pieces = cutPayload(joinEntries(batch.entries), PIECE_BYTES_MAX)
    for (const [index, payload] of pieces.entries()) {
      const { generation, applied, tip: previous } = this.#position
      const position = (applied + 1) as Sequence
      const part = { index, count: pieces.length }
      const record = encodeRecord({ generation, position, epoch, previous, batchId, part, timeMs, payload })
      const state = index === pieces.length - 1 ? overlay : new Overlay(store)
      const next = advance(state, this.#position, record, run)
      const outcome = await log.append({ record, changes: state.changes(), keepFrom: next.runFrom })
      if (outcome === 'fenced')
        throw fault('UNAVAILABLE', `another writer took the position sequence=${position}`, { sequence: position })
      this.#position = next
    }
  }

  #fail(error: unknown): void {
    const reason = isFault(error)
      ? error
      : fault('UNAVAILABLE', `append failed reason=${String(error)}`, {}, { cause: error })
    this.#ended = reason
    this.#inFlight?.refuse(reason)
    this.#staging?.refuse(reason)
    this.#staging = undefined
    for (let waiting = this.#mailbox.shift(); waiting !== undefined; waiting = this.#mailbox.shift())
      waiting.reject(reason)
  }
}

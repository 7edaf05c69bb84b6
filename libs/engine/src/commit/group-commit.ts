/**
 * The single writer of a shard for one term: takes commands from the mailbox, decides them in groups, appends each
 * group as one batch, and answers.
 *
 * G1  One append is under way at a time. While it is, later commands are decided against what it staged and collected.
 * G2  Nobody is answered before the append that its group became has resolved. Under the folder's lock a group with
 *     nothing to append is answered once the one before it is durable.
 * G3  The first record of a term is its barrier.
 * G4  An append whose outcome is unknown ends the term: those in it are told so, and no write follows.
 * G5  Where the log is the fence, every group appends, an empty record if need be, and so does a confirmation: an
 *     answer that speaks of the state leaves only after an append of this term that began after it was decided (DESIGN
 *     L5, L6).
 * G6  A fenced append is a definite failure. What was staged is dropped, the log is read on, and unless another
 *     leader's barrier stands there the same commands are decided again in their order (DESIGN L7).
 * G7  Decisions that take long come in several turns of the event loop, also where all are refused, so that no group
 *     ever fills: reads, and whoever else there is, have theirs in between (P11).
 */
import { assert, isFault, type Clock, type Counter, type Fault, type IdSource, type Timers } from '@waggle/kernel'
import {
  cutPayload,
  encodeRecord,
  fault,
  joinEntries,
  type CollectiveId,
  type Epoch,
  type Sequence,
} from '@waggle/protocol'
import type { Effect } from '../event/effect.ts'
import type { AppendOutcome, BatchLog } from '../log/batch-log.ts'
import { advance } from '../recovery/advance.ts'
import type { AppliedRun } from '../recovery/applied-run.ts'
import type { Position } from '../recovery/position.ts'
import type { Fence } from '../recovery/replay.ts'
import { Overlay } from '../state/overlay.ts'
import type { KeyValueStore } from '../store/key-value-store.ts'
import { GroupTrace } from './command-trace.ts'
import { Group, PIECE_BYTES_MAX } from './group.ts'
import { Mailbox } from './mailbox.ts'
import { RecordTime } from './record-time.ts'
import type { Submission } from './submission.ts'

/** G7: most decisions take far less than 1 ms, the largest put and the largest prune some 100 ms each. */
const TURN_MS = 20

export interface GroupCommitParts {
  readonly log: BatchLog
  readonly store: KeyValueStore
  readonly run: AppliedRun
  readonly fence: Fence
  readonly position: Position
  readonly clock: Clock
  readonly timers: Timers
  readonly ids: IdSource
  /** Whether a collective of that id lives here. */
  readonly isOfThisShard: (id: CollectiveId) => boolean
  /** As in `GroupStart`. */
  readonly dedupHits: Counter
  /** Called when a record is in the store, before anyone is answered. */
  readonly onApplied: (position: Position, effects: readonly Effect[]) => void
  /** Reads the log on to its end after a fenced append; gives the position there. */
  readonly catchUp: () => Promise<Position>
  /** Called once when the term has ended by itself. */
  readonly onEnded: (reason: Fault) => void
}

export class GroupCommit {
  readonly #parts: GroupCommitParts
  readonly #mailbox = new Mailbox()
  readonly #time: RecordTime
  #position: Position
  #epoch: Epoch | undefined
  /** The group that is being appended. Shared with the one behind it, which must not keep it for longer. */
  #ahead: { group?: Group } = {}
  #appending = false
  #staging: Group | undefined
  #pumpScheduled = false
  #ended: Fault | undefined
  #idleWaiters: (() => void)[] = []

  constructor(parts: GroupCommitParts) {
    this.#parts = parts
    this.#position = parts.position
    this.#time = new RecordTime(parts.clock, parts.position.timeMs, parts.fence === 'log')
  }

  /** Opens the term with its barrier (G3). @throws Fault `NOT_LEADING` when another record took the position */
  async open(): Promise<Epoch> {
    this.#appending = true
    try {
      await this.#openTerm()
      return this.#epoch as Epoch
    } catch (error) {
      throw this.#fail(error)
    } finally {
      this.#appending = false
      this.#schedulePump()
    }
  }

  /** @throws Fault `BUSY`, or the one that ended the term */
  submit(submission: Submission): void {
    if (this.#ended !== undefined) throw this.#ended
    this.#mailbox.push(submission)
    this.#schedulePump()
  }

  /** Commands that wait for their turn. */
  get waiting(): number {
    return this.#mailbox.size
  }

  /** Takes no more commands and resolves when those that were taken have been answered. */
  async end(reason: Fault): Promise<void> {
    this.#ended ??= reason
    while (!this.#isIdle) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve))
  }

  /** Takes no more commands, refuses those that wait, and resolves when the append under way has ended. */
  async abandon(reason: Fault): Promise<void> {
    this.#ended ??= reason
    this.#refuseWaiting(reason)
    await this.end(reason)
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
    if (this.#mailbox.size > 0 && this.#epoch === undefined) {
      if (!this.#appending) this.#run(this.#openTerm())
      return
    }
    const endMs = this.#parts.clock.monotonicMs() + TURN_MS
    let isOver = this.#stage(endMs)
    while (!this.#appending && this.#staging !== undefined) {
      const group = this.#staging
      this.#staging = undefined
      if (group.hasEntries || this.#parts.fence === 'log') {
        this.#ahead = { group }
        this.#run(this.#commit(group))
      } else group.answer()
      isOver ||= this.#stage(endMs)
    }
    if (isOver) this.#schedulePump()
    if (this.#isIdle) for (const resolve of this.#idleWaiters.splice(0)) resolve()
  }

  /** G7. @returns whether there is more to stage when others have had their turn */
  #stage(endMs: number): boolean {
    while (this.#mailbox.size > 0) {
      this.#staging ??= this.#newGroup()
      if (this.#staging.isFull) return false
      if (!this.#staging.stage(this.#mailbox.peek() as Submission)) return false
      this.#mailbox.shift()
      if (this.#parts.clock.monotonicMs() >= endMs) return this.#mailbox.size > 0
    }
    return false
  }

  #newGroup(): Group {
    const { store, isOfThisShard, dedupHits } = this.#parts
    const ahead = this.#ahead
    return new Group({
      view: { get: (key) => (ahead.group?.overlay ?? store).get(key) },
      generation: this.#position.generation,
      ...{ isOfThisShard, dedupHits },
      firstSequence: ((ahead.group?.sequence ?? this.#position.applied) + 1) as Sequence,
      timeMs: this.#time.next(),
    })
  }

  /** Runs an append; whatever waits goes on after it. */
  #run(append: Promise<void>): void {
    this.#appending = true
    append
      .catch((error: unknown) => {
        const isFirst = this.#ended === undefined
        const reason = this.#fail(error)
        if (isFirst) this.#parts.onEnded(reason)
      })
      .finally(() => {
        this.#appending = false
        // Groups that hold on to the one before would be a chain for as long as there is load.
        delete this.#ahead.group
        this.#schedulePump()
      })
  }

  async #openTerm(): Promise<void> {
    const epoch: Epoch = { sequence: (this.#position.applied + 1) as Sequence, id: this.#parts.ids.uuid() }
    const barrier = { entries: [], effects: [], timeMs: this.#time.next(), epoch }
    const outcome = await this.#append(new Overlay(this.#parts.store), barrier)
    if (outcome === 'fenced') throw notLeading('another record took the place of the barrier')
    this.#epoch = epoch
  }

  async #commit(group: Group): Promise<void> {
    const { entries, effects, timeMs } = group
    const epoch = this.#epoch as Epoch
    const trace = new GroupTrace(group.members)
    trace.appends(group.sequence, group.bytes)
    const outcome = await this.#append(group.overlay, { entries, effects, timeMs, epoch, onLogged: trace.logged })
    if (outcome === 'fenced') return this.#redo(group)
    trace.applied({ sequence: group.sequence, epoch: epoch.sequence })
    assert(this.#position.applied === group.sequence, 'a group takes the sequence that its changes were addressed with')
    group.answer()
  }

  /** Appends a batch, in as many parts as it needs; `overlay` takes effect with the last one. */
  async #append(
    overlay: Overlay,
    batch: {
      readonly entries: readonly Uint8Array[]
      readonly effects: readonly Effect[]
      readonly timeMs: number
      readonly epoch: Epoch
      readonly onLogged?: () => void
    },
  ): Promise<AppendOutcome> {
    const { log, store, run, ids, onApplied } = this.#parts
    const { timeMs, epoch, onLogged } = batch
    const batchId = ids.uuid()
    const pieces = cutPayload(joinEntries(batch.entries), PIECE_BYTES_MAX)
    for (const [index, payload] of pieces.entries()) {
      const { generation, applied, tip: previous } = this.#position
      const position = (applied + 1) as Sequence
      const part = { index, count: pieces.length }
      const record = encodeRecord({ generation, position, epoch, previous, batchId, part, timeMs, payload })
      const isLast = index === pieces.length - 1
      const state = isLast ? overlay : new Overlay(store)
      const next = advance(state, this.#position, record, run)
      const append = { record, changes: state.changes(), keepFrom: next.runFrom, ...(isLast ? { onLogged } : {}) }
      let outcome: AppendOutcome | undefined
      try {
        outcome = await log.append(append)
      } finally {
        if (outcome !== 'appended') run.retract(position)
      }
      if (outcome === 'fenced') return outcome
      this.#position = next
      onApplied(next, isLast ? batch.effects : [])
    }
    return 'appended'
  }

  /** G6. */
  async #redo(group: Group): Promise<void> {
    const { epoch } = this.#position
    this.#position = await this.#parts.catchUp()
    // Nothing of the group is in the log: whoever leads now may decide it.
    if (this.#position.epoch.id !== epoch.id) throw deposed()
    const members = [...group.members, ...(this.#staging?.members ?? [])]
    for (const { trace } of members) trace?.enter('waggle.mailbox')
    this.#mailbox.putBack(members)
    this.#staging = undefined
  }

  #fail(error: unknown): Fault {
    const reason = isFault(error)
      ? error
      : fault('UNAVAILABLE', `append failed reason=${String(error)}`, {}, { cause: error })
    this.#ended ??= reason
    this.#ahead.group?.refuse(reason)
    // Where the folder is the fence nobody else will take what waits, so it shares the fate of what failed.
    this.#refuseWaiting(this.#parts.fence === 'log' ? deposed() : reason)
    return reason
  }

  #refuseWaiting(reason: Fault): void {
    this.#staging?.refuse(reason)
    this.#staging = undefined
    for (let waiting = this.#mailbox.shift(); waiting !== undefined; waiting = this.#mailbox.shift())
      waiting.reject(reason)
  }
}

const notLeading = (message: string): Fault => fault('NOT_LEADING', message)
const deposed = (): Fault => notLeading('the term of this leader has ended')

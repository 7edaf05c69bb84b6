/**
 * A group: commands decided one after the other, each seeing what those before it staged, that become one batch of the
 * log. Nobody is answered before the group is durable, since every answer may speak of what the group staged.
 */
import { isFault, type Counter, type Fault } from '@waggle/kernel'
import {
  encodeEntry,
  fault,
  limits,
  type CollectiveId,
  type Generation,
  type LogEntry,
  type LogResult,
  type Sequence,
} from '@waggle/protocol'
import { decide } from '../command/decide.ts'
import { isRemembered, rememberedOutcome, resultOf, type Outcome } from '../command/idempotency.ts'
import { applyEntry } from '../event/apply.ts'
import type { Effect } from '../event/effect.ts'
import { CachedView, Overlay, type StateView } from '../state/overlay.ts'
import type { Submission } from './submission.ts'

const COMMANDS_MAX = 64
const BYTES_MAX = 256 * 1024
/** Short commands may write much (K5, P11): at half of what one batch may, a group ends. */
const WRITES_MAX = limits.BATCH_ROWS_MAX / 2
const STAGED_BYTES_MAX = limits.BATCH_BYTES_MAX / 2
/** What one record of the log can carry of a batch. */
export const PIECE_BYTES_MAX = limits.RECORD_BYTES_MAX - limits.RECORD_OVERHEAD_BYTES_MAX

export interface GroupStart {
  readonly view: StateView
  readonly generation: Generation
  readonly isOfThisShard: (id: CollectiveId) => boolean
  /** Where the group's first record will stand. */
  readonly firstSequence: Sequence
  readonly timeMs: number
  /** Counts commands that are answered with what their key was answered before. */
  readonly dedupHits: Counter
}

export class Group {
  readonly overlay: Overlay
  readonly timeMs: number
  readonly effects: Effect[] = []
  readonly entries: Uint8Array[] = []
  readonly #generation: Generation
  readonly #isOfThisShard: (id: CollectiveId) => boolean
  readonly #dedupHits: Counter
  readonly #answers: (() => void)[] = []
  readonly #members: Submission[] = []
  #sequence: Sequence
  #bytes = 0
  #eventCount = 0
  #full = false
  readonly #tell = (effect: Effect): void => {
    this.effects.push(effect)
  }

  constructor({ view, generation, isOfThisShard, firstSequence, timeMs, dedupHits }: GroupStart) {
    // While a group is decided nothing takes effect but the group before it, which its view shows already.
    this.overlay = new Overlay(new CachedView(view))
    this.timeMs = timeMs
    this.#generation = generation
    this.#isOfThisShard = isOfThisShard
    this.#sequence = firstSequence
    this.#dedupHits = dedupHits
  }

  /** The sequence of the batch: of its last part. */
  get sequence(): Sequence {
    return this.#sequence
  }

  /** The commands in it, in their order. */
  get members(): readonly Submission[] {
    return this.#members
  }

  /** Of its encoded entries. */
  get bytes(): number {
    return this.#bytes
  }

  get isFull(): boolean {
    return this.#full || this.#members.length >= COMMANDS_MAX
  }

  /** True when there is something to append. */
  get hasEntries(): boolean {
    return this.entries.length > 0
  }

  /** Decides a command; `false` when it needs a group of its own and this one has commands already. */
  stage(submission: Submission): boolean {
    const { trace } = submission
    trace?.enter('waggle.decide')
    const outcome = this.#outcomeOf(submission)
    trace?.leave(isFault(outcome) ? outcome.code : undefined)
    trace?.enter(outcome === 'next group' ? 'waggle.mailbox' : 'waggle.group')
    if (outcome === 'next group') return false
    this.#members.push(submission)
    this.#answers.push(() => {
      settle(submission, outcome)
    })
    return true
  }

  /** Answers everyone: the group is durable. */
  answer(): void {
    for (const answer of this.#answers) answer()
  }

  /** Tells everyone that the group's fate is unknown. */
  refuse(reason: Fault): void {
    for (const member of this.#members) member.reject(reason)
  }

  #outcomeOf(submission: Submission): Outcome | Fault | 'next group' {
    try {
      const remembered = this.#remembered(submission)
      if (remembered !== undefined) {
        this.#dedupHits.add()
        return remembered
      }
      const entry = this.#decide(submission)
      return this.#append(entry)
    } catch (error) {
      return isFault(error) ? error : internal(submission, error)
    }
  }

  #remembered(submission: Submission): Outcome | undefined {
    const { tenant, name: operation, collective, key, requestHash, issuedAt } = submission
    if (requestHash === undefined) return undefined
    return rememberedOutcome(this.overlay, { tenant, operation, collective, key, requestHash, issuedAt }, this.timeMs)
  }

  #decide({ name, tenant, collective, fields, key, requestHash, trace }: Submission): LogEntry {
    const context = {
      view: this.overlay,
      tenant,
      timeMs: this.timeMs,
      key,
      generation: this.#generation,
      isOfThisShard: this.#isOfThisShard,
    }
    const keyed = requestHash === undefined ? undefined : key
    const asked = { tenant, collective, command: name, key: keyed, requestHash, trace: trace?.text }
    try {
      const { events, result } = decide(name, fields, context)
      return { ...asked, events, result: { ok: result } }
    } catch (error) {
      if (!isFault(error) || keyed === undefined || !isRemembered(error)) throw error
      return { ...asked, events: [], result: { fault: error.toJSON() } }
    }
  }

  /** Applies a decided entry to the overlay and takes it into the batch. */
  #append(entry: LogEntry): Outcome | 'next group' {
    if (entry.events.length === 0 && entry.key === undefined) return this.#outcome(entry.result)
    const bytes = encodeEntry(entry)
    if (this.entries.length > 0 && this.#bytes + bytes.length > BYTES_MAX) {
      this.#full = true
      return 'next group'
    }
    // A batch that travels in parts takes effect, and its changes are addressed, at its last part.
    const extraParts = Math.ceil((bytes.length + BATCH_HEAD_BYTES) / PIECE_BYTES_MAX) - 1
    this.#apply(entry, (this.#sequence + extraParts) as Sequence)
    this.entries.push(bytes)
    this.#bytes += bytes.length
    this.#full = this.#bytes >= BYTES_MAX || this.overlay.writes >= WRITES_MAX || this.overlay.bytes >= STAGED_BYTES_MAX
    return this.#outcome(entry.result)
  }

  /** All of an entry or, where it throws, nothing. */
  #apply(entry: LogEntry, sequence: Sequence): void {
    const told = this.effects.length
    const batch = { sequence, timeMs: this.timeMs, generation: this.#generation }
    try {
      this.#eventCount = this.overlay.attempt(() =>
        applyEntry(this.overlay, entry, batch, this.#eventCount, this.#tell),
      )
    } catch (error) {
      this.effects.length = told
      throw error
    }
    this.#sequence = sequence
  }

  /** What an entry of this group, or a command that needs none, was told, and which batch it speaks of. */
  #outcome(result: LogResult): Outcome {
    return { result, sequence: this.hasEntries ? this.#sequence : ((this.#sequence - 1) as Sequence) }
  }
}

/** The list header in front of a batch's entries. */
const BATCH_HEAD_BYTES = 3

const settle = ({ resolve, reject }: Submission, outcome: Outcome | Fault): void => {
  if (isFault(outcome)) {
    reject(outcome)
    return
  }
  try {
    resolve({ result: resultOf(outcome.result), sequence: outcome.sequence })
  } catch (remembered) {
    reject(remembered as Fault)
  }
}

const internal = ({ name }: Submission, cause: unknown): Fault =>
  fault('INTERNAL', `command failed operation=${name} reason=${String(cause)}`, { operation: name }, { cause })

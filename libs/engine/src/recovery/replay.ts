/**
 * Replay: judges the records of a log that the state does not have yet, and applies those that count. The same code
 * runs when an embedded store opens, when a replica catches up, and when a leader meets a record that is not its own.
 *
 * P1  Every judged record leaves its row in the `applied/` run and moves the position, skipped ones too; only those
 *     that take effect move the tip (DESIGN K2, L2).
 * P2  A record that cannot be read is read again, by every way the log has, before it is held for lost.
 * P3  Where one process alone writes the log there are no terms of others: whatever does not follow is damage.
 */
import { silentSpan, type Fault, type Span, type Tracer } from '@waggle/kernel'
import {
  decodeEntries,
  decodeRecord,
  fault,
  type EncodedRecord,
  type RecordDefect,
  type Sequence,
} from '@waggle/protocol'
import { engineFault } from '../errors.ts'
import { applyEntry } from '../event/apply.ts'
import type { Effect } from '../event/effect.ts'
import type { BatchLog, StoredRecord } from '../log/batch-log.ts'
import { Overlay } from '../state/overlay.ts'
import type { KeyValueStore } from '../store/key-value-store.ts'
import { advance, advanceOverSkipped, endsBatch, wholePayload } from './advance.ts'
import type { AppliedRun } from './applied-run.ts'
import { followedSpan } from './followed-trace.ts'
import { standingOf, verdicts, type Verdict } from './judgement.ts'
import type { Position } from './position.ts'

/** Who writes the log: this process alone, under the folder's lock, or whoever leads (P3). */
export type Fence = 'folder' | 'log'

export interface ReplayParts {
  readonly log: BatchLog
  readonly store: KeyValueStore
  readonly run: AppliedRun
  readonly fence: Fence
  /** Of whoever hears records as they are written; absent: what is old is nobody's any more. */
  readonly tracer?: Tracer | undefined
  /** Called for each judged record, when it is in the store. */
  readonly onApplied: (position: Position, effects: readonly Effect[]) => void
}

/**
 * Brings the store to the end of the log as of the call, or to the record `until`; returns the position there.
 * @throws Fault `CORRUPT` (P3), `LOG_DIVERGED`, `LOG_DAMAGED`, `STREAM_BEHIND`, `FORMAT_UNSUPPORTED`
 */
export const replay = async (parts: ReplayParts, start: Position, until?: Sequence): Promise<Position> => {
  const { first, last: end } = await parts.log.bounds()
  const last = until === undefined ? end : Math.min(until, end)
  const faults = faultsOf[parts.fence]
  if (last < start.applied) throw faults.behind(last, start.applied)
  if (first > start.applied + 1) throw faults.missing(start.applied + 1, first - 1)
  const replaying = new Replaying(parts, start)
  for await (const { sequence, bytes } of parts.log.read((start.applied + 1) as Sequence)) {
    if (sequence !== replaying.next) throw faults.missing(replaying.next, sequence - 1)
    if (until !== undefined && sequence > until) break
    await replaying.take(sequence, bytes)
  }
  if (replaying.next <= last || replaying.heldFrom !== undefined)
    throw faults.missing(replaying.heldFrom ?? replaying.next, Math.max(last, replaying.next - 1))
  return replaying.position
}

/**
 * Applies one record that was heard of; gives whether it was the next one, and could be judged by itself.
 * @throws Fault as `replay`
 */
export const replayNext = async (
  parts: ReplayParts,
  start: Position,
  { sequence, bytes }: StoredRecord,
): Promise<boolean> => {
  if (sequence !== start.applied + 1) return false
  const replaying = new Replaying(parts, start)
  await replaying.take(sequence, bytes)
  return replaying.heldFrom === undefined
}

type Read = EncodedRecord | { readonly defect: RecordDefect | 'missing' }

class Replaying {
  readonly #parts: ReplayParts
  position: Position
  heldFrom: Sequence | undefined
  next: Sequence

  constructor(parts: ReplayParts, start: Position) {
    this.#parts = parts
    this.position = start
    this.next = (start.applied + 1) as Sequence
  }

  async take(sequence: Sequence, bytes: Uint8Array | undefined): Promise<void> {
    let read = readRecord(bytes)
    // P2
    if ('defect' in read && read.defect !== 'format') read = readRecord(await this.#parts.log.readAgain(sequence))
    const record = 'defect' in read ? read.defect : read.record
    const state = this.heldFrom === undefined ? 'intact' : 'suspect'
    const standing = standingOf(record, sequence, this.position, this.heldFrom)
    await this.#follow(verdicts[state][standing], sequence, read)
    this.next = (sequence + 1) as Sequence
  }

  async #follow(verdict: Verdict, sequence: Sequence, read: Read): Promise<void> {
    const { fence } = this.#parts
    const faults = faultsOf[fence]
    const encoded = 'defect' in read ? undefined : read
    switch (verdict) {
      case 'skip':
        if (fence === 'folder') throw faults.diverged(sequence)
        await this.#skip(sequence, encoded?.hash)
        return
      case 'hold':
        if (fence === 'folder') throw faults.unreadable(sequence, 'defect' in read ? read.defect : 'foreign')
        this.heldFrom ??= sequence
        return
      case 'release':
        for (let held = this.heldFrom ?? sequence; held < sequence; held = (held + 1) as Sequence)
          await this.#skip(held, undefined)
        this.heldFrom = undefined
        await this.#apply(encoded as EncodedRecord)
        return
      case 'apply':
        await this.#apply(encoded as EncodedRecord)
        return
      case 'diverged':
        throw faults.diverged(sequence)
      case 'damaged':
        throw faults.missing(this.heldFrom ?? sequence, sequence - 1)
      case 'unsupported':
        throw engineFault('FORMAT_UNSUPPORTED', `record has an unknown format sequence=${sequence}`, { sequence })
    }
  }

  async #apply(encoded: EncodedRecord): Promise<void> {
    const { store, run } = this.#parts
    const state = new Overlay(store)
    const effects: Effect[] = []
    const span = endsBatch(encoded) ? this.#applyBatch(state, encoded, effects) : silentSpan
    await this.#reach(advance(state, this.position, encoded, run), state, effects)
    span.end()
  }

  /** @returns its span, which ends when the record is in the store */
  #applyBatch(state: Overlay, encoded: EncodedRecord, effects: Effect[]): Span {
    const { position: sequence, timeMs } = encoded.record
    const { pending, generation } = this.position
    const payload = wholePayload(state, pending, encoded)
    if (payload === undefined) throw faultsOf[this.#parts.fence].diverged(sequence)
    const entries = decodeEntries(payload)
    const span = followedSpan(this.#parts.tracer, entries, sequence)
    let index = 0
    for (const entry of entries)
      index = applyEntry(state, entry, { sequence, timeMs, generation }, index, (effect) => effects.push(effect))
    return span
  }

  async #skip(sequence: Sequence, hash: Uint8Array | undefined): Promise<void> {
    const state = new Overlay(this.#parts.store)
    await this.#reach(advanceOverSkipped(state, this.position, sequence, hash, this.#parts.run), state, [])
  }

  async #reach(position: Position, state: Overlay, effects: readonly Effect[]): Promise<void> {
    await this.#parts.store.write(state.changes(), { sync: false })
    this.position = position
    this.#parts.onApplied(position, effects)
  }
}

const readRecord = (bytes: Uint8Array | undefined): Read =>
  bytes === undefined ? { defect: 'missing' } : decodeRecord(bytes)

interface ReplayFaults {
  readonly behind: (last: number, applied: number) => Fault
  readonly missing: (from: number, to: number) => Fault
  readonly diverged: (sequence: number) => Fault
  readonly unreadable: (sequence: number, defect: string) => Fault
}

const damaged = (from: number, to: number): Fault =>
  fault('LOG_DAMAGED', `records of the log cannot be read from=${from} to=${to}`, { from, to })

const faultsOf: Record<Fence, ReplayFaults> = {
  folder: {
    behind: (last, applied) =>
      engineFault('CORRUPT', `log ends before the state last=${last} applied=${applied}`, { last, applied }),
    missing: (from, to) =>
      engineFault('CORRUPT', `records are missing from the log from=${from} to=${to}`, { from, to }),
    diverged: (sequence) =>
      engineFault('CORRUPT', `record does not follow its predecessor sequence=${sequence}`, { sequence }),
    unreadable: (sequence, defect) =>
      engineFault('CORRUPT', `record cannot be read sequence=${sequence} defect=${defect}`, { sequence, defect }),
  },
  log: {
    behind: (last, applied) =>
      fault('STREAM_BEHIND', `the stream ends before the state last=${last} applied=${applied}`, { last, applied }),
    missing: damaged,
    diverged: (sequence) =>
      fault('LOG_DIVERGED', `a record contradicts what was applied sequence=${sequence}`, { sequence }),
    unreadable: (sequence) => damaged(sequence, sequence),
  },
}

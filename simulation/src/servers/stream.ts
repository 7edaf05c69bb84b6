/**
 * A stream as its servers agree on it: what is committed, and the rules by which a message is taken.
 *
 * What a replicated stream of nats-server 2.14 does was measured, and is copied here: an id that is known is answered
 * before anything is compared; then the stream's name, the last sequence, and the room are.
 */
import type { StreamConfig } from '@nats-io/jetstream'

export interface StoredMessage {
  readonly sequence: number
  readonly subject: string
  readonly data: Uint8Array
  readonly id: string | undefined
  readonly atMs: number
}

export interface Expectation {
  readonly id?: string | undefined
  readonly stream?: string | undefined
  readonly lastSequence?: number | undefined
  readonly lastSubjectSequence?: number | undefined
}

export type Taking =
  | { readonly kind: 'stored'; readonly sequence: number }
  | { readonly kind: 'duplicate'; readonly sequence: number }
  | { readonly kind: 'refused'; readonly code: number }

export const WRONG_SEQUENCE = 10_071
const WRONG_STREAM = 10_060
const FULL = 10_077
/** What a message takes beside its bytes. */
const OVERHEAD_BYTES = 150

export class Stream {
  readonly config: Partial<StreamConfig> & { readonly name: string }
  readonly created: string
  /** Everything that was ever committed, for checkers: a purge moves `first` alone. */
  readonly archive: StoredMessage[] = []
  first: number
  last: number
  bytes = 0
  /** Refuses what is new, as if it had no room. */
  isFull = false
  readonly #start: number
  readonly #lastOfSubject = new Map<string, StoredMessage>()
  readonly #ids = new Map<string, { readonly sequence: number; readonly untilMs: number }>()

  constructor(config: Partial<StreamConfig> & { readonly name: string }, created: string) {
    this.config = config
    this.created = created
    this.#start = Math.max(1, config.first_seq ?? 1)
    this.first = this.#start
    this.last = this.#start - 1
  }

  get count(): number {
    return this.last - this.first + 1
  }

  /** What is there under that sequence, not counting a purge. */
  archived(sequence: number): StoredMessage | undefined {
    return this.archive[sequence - this.#start]
  }

  at(sequence: number): StoredMessage | undefined {
    return sequence < this.first ? undefined : this.archived(sequence)
  }

  /** The newest message of a subject up to a sequence, where it has not become too old. */
  lastOf(subject: string, nowMs: number, upTo = Infinity): StoredMessage | undefined {
    const newest = this.#lastOfSubject.get(subject)
    const isBeyond = newest !== undefined && newest.sequence > upTo
    const found = isBeyond
      ? this.archive.findLast((message) => message.subject === subject && message.sequence <= upTo)
      : newest
    const ageMsMax = (this.config.max_age ?? 0) / 1_000_000
    return found !== undefined && ageMsMax > 0 && nowMs - found.atMs >= ageMsMax ? undefined : found
  }

  take(subject: string, data: Uint8Array, expected: Expectation, nowMs: number): Taking {
    const known = expected.id === undefined ? undefined : this.#ids.get(expected.id)
    if (known !== undefined && nowMs < known.untilMs) return { kind: 'duplicate', sequence: known.sequence }
    if (expected.stream !== undefined && expected.stream !== this.config.name)
      return { kind: 'refused', code: WRONG_STREAM }
    if (expected.lastSequence !== undefined && expected.lastSequence !== this.last)
      return { kind: 'refused', code: WRONG_SEQUENCE }
    const { lastSubjectSequence } = expected
    if (lastSubjectSequence !== undefined && lastSubjectSequence !== (this.lastOf(subject, nowMs)?.sequence ?? 0))
      return { kind: 'refused', code: WRONG_SEQUENCE }
    const size = data.length + OVERHEAD_BYTES
    const bytesMax = this.config.max_bytes ?? -1
    if (this.isFull || (bytesMax > 0 && this.bytes + size > bytesMax)) return { kind: 'refused', code: FULL }
    this.last += 1
    this.bytes += size
    const message = { sequence: this.last, subject, data, id: expected.id, atMs: nowMs }
    this.archive.push(message)
    this.#lastOfSubject.set(subject, message)
    if (expected.id !== undefined) this.remember(expected.id, this.last, nowMs)
    return { kind: 'stored', sequence: this.last }
  }

  /** The id counts as known for as long as the stream remembers ids, whether or not its message is there. */
  remember(id: string, sequence: number, nowMs: number): void {
    this.#ids.set(id, { sequence, untilMs: nowMs + (this.config.duplicate_window ?? 0) / 1_000_000 })
  }

  forget(id: string): void {
    this.#ids.delete(id)
  }

  /** Drops what is below `sequence`. @returns how many went */
  purge(sequence: number): number {
    const before = this.first
    const first = Math.min(Math.max(this.first, sequence), this.last + 1)
    for (let gone = before; gone < first; gone += 1)
      this.bytes -= (this.archived(gone)?.data.length ?? 0) + OVERHEAD_BYTES
    this.first = first
    return first - before
  }
}

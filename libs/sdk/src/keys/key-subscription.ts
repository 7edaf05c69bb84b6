/** What batches do to keys, as they are written: a feed (`feed.ts`) over `keys.subscribe`. */
import type { Timers } from '@waggle/kernel'
import {
  decodeWatchCursor,
  encodeWatchCursor,
  endOfBatch,
  fault,
  type KeyFrame,
  type ResultOf,
  type Sequence,
} from '@waggle/protocol'
import type { RequestBody } from '../caller.ts'
import type { CollectiveCall } from '../collective-call.ts'
import { Feed, POLL_TIMEOUT_MS, type FeedReply, type FeedSource } from '../feed.ts'
import { optionsOf } from '../plain-data.ts'
import { signalOf } from '../watch.ts'
import type { SubscribeInput } from './key-inputs.ts'
import type { KeyPrefix } from './key-prefix.ts'
import { wholeEntries, type WholeEntry } from './whole-entries.ts'

/** What one batch did to the keys that are subscribed to. */
export interface KeyBatch {
  readonly sequence: number
  /** Epoch milliseconds. */
  readonly time: number
  /** In the order in which they were written, repeats kept. */
  readonly entries: readonly WholeEntry[]
  /** Keys that the batch left deleted: whoever takes the entries first and these then has what the store has. */
  readonly deleted: readonly Uint8Array[]
}

const NAMES = ['selectors', 'valueFilters', 'since', 'from', 'max', 'signal'] as const

/** A subscription under way. `for await` over it, or take its frames with `next()`. */
export class KeySubscription extends Feed<KeyBatch, KeyFrame> {
  /** @throws Fault `UNKNOWN_FIELD`, `INVALID_FIELD`, `CONTENT_TOO_LARGE` */
  constructor(call: CollectiveCall, prefix: KeyPrefix, input: SubscribeInput = {}) {
    const { signal, from, ...request } = optionsOf(input, NAMES)
    const selectors = prefix.selectors(request.selectors, 'selectors')
    super(new BatchSource(call, prefix, { ...request, selectors }), {
      from: from as string | undefined,
      signal: signalOf(signal),
    })
  }
}

type Frames = ResultOf<'keys.subscribe'>

/**
 * A batch that is larger than a reply comes in parts, and in one piece to whoever subscribes (DESIGN F4): what has come
 * of it is held until its end, and no cursor stands inside it.
 */
class BatchSource implements FeedSource<KeyBatch, KeyFrame> {
  readonly #call: CollectiveCall
  readonly #prefix: KeyPrefix
  readonly #request: RequestBody
  /** What has come of the batch that the next poll goes on with. */
  #begun: { readonly next: string; readonly frame: KeyFrame | undefined } | undefined

  constructor(call: CollectiveCall, prefix: KeyPrefix, request: RequestBody) {
    this.#call = call
    this.#prefix = prefix
    this.#request = request
  }

  get timers(): Timers {
    return this.#call.timers
  }

  async poll(from: string | undefined, waitMs: number): Promise<FeedReply<KeyFrame>> {
    let begun = this.#begun?.next === from ? this.#begun?.frame : undefined
    for (let place = from; ;) {
      const reply = await this.#ask(place, place === from && begun === undefined ? waitMs : 0)
      const frames = joined(begun, reply.frames)
      if (reply.partial !== true) return { items: frames, next: reply.next, more: reply.more }
      const { sequence } = decodeWatchCursor(reply.next, 'next').address
      begun = frames.at(-1)?.sequence === sequence ? frames.pop() : undefined
      place = reply.next
      if (frames.length === 0) continue
      this.#begun = { next: place, frame: begun }
      return { items: frames, next: place, cursor: behind(place, sequence - 1), more: true }
    }
  }

  cursorAfter({ sequence }: KeyFrame, { next }: FeedReply<unknown>): string {
    return behind(next, sequence)
  }

  /** @throws Fault `BATCH_EVICTED` where the batch of a large value was pruned before it was fetched */
  async whole({ sequence, time, entries, deleted }: KeyFrame): Promise<KeyBatch> {
    const found = await wholeEntries(this.#call, { sequence }, entries)
    if ('missing' in found) throw evicted({ field: 'from', oldest: found.oldest })
    return {
      ...{ sequence, time },
      entries: found.entries.map(([key, value]) => [this.#prefix.rest(key), value]),
      deleted: deleted.map((key) => this.#prefix.rest(key)),
    }
  }

  /** It ends with its store alone: batches go on. */
  isLast(): boolean {
    return false
  }

  async #ask(from: string | undefined, waitMs: number): Promise<Frames> {
    const { since, ...request } = this.#request
    // A cursor has come in its place.
    const place = from === undefined ? { since } : { from }
    const fields = { ...request, ...place, waitMs }
    const reply = await this.#call.call('keys.subscribe', fields, { timeoutMs: POLL_TIMEOUT_MS })
    if (reply.lost !== true) return reply
    const { oldest, next } = reply
    throw evicted({ field: from === undefined ? 'since' : 'from', oldest, next })
  }
}

const evicted = (details: Readonly<Record<string, string | number | undefined>>) =>
  fault(
    'BATCH_EVICTED',
    `batches that were asked for are gone oldest=${details.oldest ?? 'none'}`,
    Object.fromEntries(Object.entries(details).filter(([, detail]) => detail !== undefined)) as Record<
      string,
      string | number
    >,
  )

/** The place behind a batch. @param cursor of the same store */
const behind = (cursor: string, sequence: number): string =>
  encodeWatchCursor({ ...decodeWatchCursor(cursor, 'next'), address: endOfBatch(sequence as Sequence) })

/** The frames, of which the first may go on with a batch that has begun. */
const joined = (begun: KeyFrame | undefined, frames: readonly KeyFrame[]): KeyFrame[] => {
  const [first, ...others] = frames
  if (begun === undefined) return [...frames]
  if (first?.sequence !== begun.sequence) return [begun, ...frames]
  const entries = [...begun.entries, ...first.entries]
  return [{ ...first, entries, deleted: [...begun.deleted, ...first.deleted] }, ...others]
}

/** The changes of a collective as they happen: a feed (`feed.ts`) over `watch.next`. */
import type { Timers } from '@waggle/kernel'
import { fault, invalidField, type Change, type ResultOf } from '@waggle/protocol'
import type { RequestBody } from './caller.ts'
import type { CollectiveCall } from './collective-call.ts'
import { Feed, POLL_TIMEOUT_MS, type FeedReply, type FeedSource } from './feed.ts'
import type { ChangeFilterInput, IncludeInput } from './inputs.ts'
import { optionsOf } from './plain-data.ts'
import type { CallOptions } from './session.ts'

/** Where to begin, and what to show. */
export interface PollInput extends IncludeInput {
  /** A cursor: what comes after it. `start`: from the oldest change that is kept. Absent: from now on. */
  readonly from?: string | undefined
  readonly filter?: ChangeFilterInput | undefined
  /** 1..1000, 100 when absent: about how many changes come in one reply; a reply ends behind a batch. */
  readonly max?: number | undefined
}

export interface WatchInput extends PollInput {
  /** Ends the watch, without an error. */
  readonly signal?: AbortSignal | undefined
}

export interface PollOptions extends CallOptions {
  /** Milliseconds, 0..30,000, to wait for a change where there is none; 0 when absent. */
  readonly waitMs?: number | undefined
}

export type Changes = ResultOf<'watch.next'>

const REQUEST_NAMES = ['from', 'filter', 'max', 'include'] as const

/** One reply of what is there, or of what comes within `waitMs`: for whoever keeps the place himself. @throws Fault */
export const pollChanges = async (
  call: CollectiveCall,
  input: PollInput = {},
  options: PollOptions = {},
): Promise<Changes> => {
  const request = optionsOf(input, REQUEST_NAMES)
  const { waitMs, ...known } = optionsOf(options, ['token', 'consistency', 'timeoutMs', 'waitMs'])
  const isPlaceOpen = request.from === undefined && waitMs !== undefined && waitMs !== 0
  // One that waits is made again where a leader dies, and would begin at another "now".
  const fixed = isPlaceOpen ? await call.call('watch.next', { ...request, waitMs: 0 }, known) : undefined
  for (let from = fixed?.next ?? request.from; ;) {
    const { token: _, ...reply } = await call.call('watch.next', { ...request, from, waitMs }, known)
    // Nothing of what was looked at matched, and there is more to look at.
    if (reply.changes.length > 0 || reply.more !== true) return reply
    from = reply.next
  }
}

/** A watch under way. `for await` over it, or take its changes with `next()`. */
export class Watch extends Feed<Change> {
  /** @throws Fault `UNKNOWN_FIELD`, `INVALID_FIELD` */
  constructor(call: CollectiveCall, input: WatchInput = {}) {
    const { signal, from, ...request } = optionsOf(input, [...REQUEST_NAMES, 'signal'])
    super(new ChangeSource(call, request), { from: from as string | undefined, signal: signalOf(signal) })
  }
}

/** @throws Fault `INVALID_FIELD` */
export const signalOf = (signal: unknown): AbortSignal | undefined => {
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalidField('signal', 'an AbortSignal')
  return signal
}

class ChangeSource implements FeedSource<Change> {
  readonly #call: CollectiveCall
  readonly #request: RequestBody

  constructor(call: CollectiveCall, request: RequestBody) {
    this.#call = call
    this.#request = request
  }

  get timers(): Timers {
    return this.#call.timers
  }

  async poll(from: string | undefined, waitMs: number): Promise<FeedReply<Change>> {
    const fields = { ...this.#request, from, waitMs }
    const { changes, next, lost, more } = await this.#call.call('watch.next', fields, { timeoutMs: POLL_TIMEOUT_MS })
    if (lost === true)
      throw fault('HISTORY_LOST', 'changes after the place of the watch are gone', { field: 'from', next })
    return { items: changes, next, more }
  }

  cursorAfter({ cursor }: Change): string {
    return cursor
  }

  async whole(change: Change): Promise<Change> {
    return change
  }

  isLast({ entity, kind }: Change): boolean {
    return entity === 'collective' && kind === 'deleted'
  }
}

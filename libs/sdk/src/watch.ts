/**
 * The changes of a collective as they happen: replay and live joined, over long polls that hold nothing at the store.
 *
 * W1  Every change that matches comes once and in order, across lost connections, new leaders and restarts: each poll
 *     says where it goes on from, and one that failed in a way that passes is made again from the same place.
 * W2  One reply is held at a time, and the next is asked for when the last of its changes has been taken: whoever is
 *     slow slows nobody but himself.
 * W3  Aborting the signal, `break` and `return` end it at once and without an error, also while it waits.
 * W4  It ends by itself after the deletion of its collective, with a fault where history is gone or the store closed.
 *     After either it yields nothing more.
 */
import { isFault, type Fault, type Timers } from '@waggle/kernel'
import { fault, invalidField, type Change, type ResultOf } from '@waggle/protocol'
import type { CollectiveCall } from './collective-call.ts'
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

/**
 * How long a poll waits. With a request that is lost with the router that had it, the watch stands still for so long
 * and 2 s: longer polls would cost less and be missed for longer.
 */
const WAIT_MS = 10_000
/** A leader that is killed is followed by another one within seconds: its polls go on there. */
const TIMEOUT_MS = WAIT_MS + 10_000
const PAUSE_MS = 50
const PAUSE_MS_MAX = 5_000

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
export class Watch implements AsyncIterableIterator<Change, undefined> {
  /**
   * Resolves when the place where the watch begins is fixed: what is written after that is seen. Without `from` the
   * place is asked for as soon as the watch is made, so that nobody need wait for it who only then writes through the
   * same store; on a cluster of several routers the write could overtake it, and whoever must not miss it waits here.
   * Rejects with the fault that the first `next` throws.
   */
  readonly ready: Promise<void>
  readonly #call: CollectiveCall
  readonly #timers: Timers
  readonly #request: Readonly<Record<string, unknown>>
  readonly #signal: AbortSignal | undefined
  readonly #finish = (): void => {
    this.#end()
  }
  /** Where the next poll goes on. */
  #from: string | undefined
  #reply: readonly Change[] = []
  #taken = 0
  #turn: Promise<unknown> = Promise.resolve()
  #isOver = false
  /** Whoever waits for something that the end does not wait for. */
  readonly #onOver = new Set<() => void>()
  #endPause: () => void = () => undefined

  /** @throws Fault `UNKNOWN_FIELD`, `INVALID_FIELD` */
  constructor(call: CollectiveCall, input: WatchInput = {}) {
    const { signal, from, ...request } = optionsOf(input, [...REQUEST_NAMES, 'signal'])
    if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalidField('signal', 'an AbortSignal')
    this.#call = call
    this.#timers = call.timers
    this.#request = request
    this.#signal = signal
    this.#from = from as string | undefined
    if (signal?.aborted === true) this.#isOver = true
    else signal?.addEventListener('abort', this.#finish)
    this.ready = this.#begin()
    // Whoever does not ask for it is told by `next`.
    this.ready.catch(() => undefined)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** The next change; waits for it. @throws Fault `HISTORY_LOST` with `details.next`, `CLOSED`, `NOT_FOUND`, … */
  async next(): Promise<IteratorResult<Change, undefined>> {
    const taking = this.#turn.then(() => this.#take())
    this.#turn = taking.catch(() => undefined)
    return taking
  }

  /** W3. */
  async return(): Promise<IteratorResult<Change, undefined>> {
    this.#end()
    return { value: undefined, done: true }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  async #take(): Promise<IteratorResult<Change, undefined>> {
    try {
      await this.#unlessOver(this.ready)
      while (!this.#isOver && this.#taken === this.#reply.length) await this.#fill()
    } catch (error) {
      this.#end()
      throw error
    }
    const change = this.#reply[this.#taken]
    if (this.#isOver || change === undefined) return { value: undefined, done: true }
    this.#taken += 1
    // W4.
    if (change.entity === 'collective' && change.kind === 'deleted') this.#end()
    return { value: change, done: false }
  }

  async #begin(): Promise<void> {
    if (this.#from !== undefined || this.#isOver) return
    // Without waiting: a place that is told only with the first change would be another one when asked for again.
    this.#from = (await this.#unlessOver(this.#poll(0)))?.next
  }

  async #fill(): Promise<void> {
    const reply = await this.#unlessOver(this.#poll(WAIT_MS))
    if (reply === undefined) return
    const { changes, next, lost } = reply
    if (lost === true)
      throw fault('HISTORY_LOST', 'changes after the place of the watch are gone', { field: 'from', next })
    this.#reply = changes
    this.#taken = 0
    this.#from = next
  }

  /** W1. `undefined` when it was ended meanwhile. */
  async #poll(waitMs: number): Promise<Changes | undefined> {
    for (let pauses = 0; !this.#isOver; pauses += 1)
      try {
        const fields = { ...this.#request, from: this.#from, waitMs }
        return await this.#call.call('watch.next', fields, { timeoutMs: TIMEOUT_MS })
      } catch (error) {
        if (!isPassing(error)) throw error
        const pauseMs = Math.min(PAUSE_MS * 2 ** pauses, PAUSE_MS_MAX)
        await this.#pause(Math.max(pauseMs, Math.min(error.retryAfterMs ?? 0, PAUSE_MS_MAX)))
      }
    return undefined
  }

  async #pause(durationMs: number): Promise<void> {
    if (this.#isOver) return
    await new Promise<void>((resolve) => {
      const cancel = this.#timers.after(durationMs, resolve)
      this.#endPause = () => {
        cancel()
        resolve()
      }
    })
  }

  /** What `work` comes to; `undefined` where the watch ends first, whatever it comes to then. */
  async #unlessOver<Result>(work: Promise<Result>): Promise<Result | undefined> {
    return new Promise((resolve, reject) => {
      const onOver = (): void => {
        resolve(undefined)
      }
      this.#onOver.add(onOver)
      work.then(resolve, reject).finally(() => this.#onOver.delete(onOver))
      if (this.#isOver) onOver()
    })
  }

  #end(): void {
    this.#isOver = true
    this.#reply = []
    this.#taken = 0
    this.#signal?.removeEventListener('abort', this.#finish)
    this.#endPause()
    for (const onOver of this.#onOver) onOver()
  }
}

const isPassing = (error: unknown): error is Fault =>
  isFault(error) && ['unavailable', 'notReady', 'moved', 'busy'].includes(error.kind)

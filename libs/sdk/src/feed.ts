/**
 * What happens in a collective, as it happens: replay and live joined, over long polls that hold nothing at the store.
 *
 * W1  Every item that matches comes once and in order, across lost connections, new leaders and restarts: each poll
 *     says where it goes on from, and one that failed in a way that passes is made again from the same place.
 * W2  One reply is held at a time, and the next is asked for when the last of its items has been taken: whoever is
 *     slow slows nobody but himself. Where the store said that it has more, one more reply is on its way or held: what
 *     was is replayed by both sides at once.
 * W3  Aborting the signal, `break` and `return` end it at once and without an error, also while it waits.
 * W4  It ends by itself after its last item, with a fault where history is gone or the store closed. After either it
 *     yields nothing more.
 * W5  `cursor` is behind what was taken, and moves on with each reply of which nothing is left: so the place of a
 *     reader whom nothing concerns does not grow old.
 */
import { isFault, type Fault, type Timers } from '@waggle/kernel'

/** What one poll gives: items in their order, and the place behind all that was looked at. */
export interface FeedReply<Item> {
  readonly items: readonly Item[]
  readonly next: string
  /** The place for whoever keeps nothing else, where the source holds a part of what stands before `next`. */
  readonly cursor?: string
  /** There is more already: the next poll will not wait. */
  readonly more?: boolean | undefined
}

/** Where a feed gets its items from. `Raw`: as replies carry them. */
export interface FeedSource<Item, Raw = Item> {
  readonly timers: Timers
  /**
   * One reply of what comes after a place, or after the place where the feed begins.
   * @param waitMs how long it waits where there is nothing @throws Fault
   */
  poll(from: string | undefined, waitMs: number): Promise<FeedReply<Raw>>
  /** The place behind an item of a reply. */
  cursorAfter(item: Raw, reply: FeedReply<Raw>): string
  /** It, with what the reply did not carry: that is fetched when it is taken. @throws Fault */
  whole(item: Raw): Promise<Item>
  /** True for the item after which nothing comes any more. */
  isLast(item: Raw): boolean
}

/** Where a feed begins, and what ends it. */
export interface FeedStart {
  /** The place. Absent: the source knows, and a first poll fixes it. */
  readonly from?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * How long a poll waits. With a request that is lost with the router that had it, the feed stands still for so long
 * and 2 s: longer polls would cost less and be missed for longer.
 */
const WAIT_MS = 10_000
/** A leader that is killed is followed by another one within seconds: its polls go on there. */
export const POLL_TIMEOUT_MS = WAIT_MS + 10_000
const PAUSE_MS = 50
const PAUSE_MS_MAX = 5_000

/** A feed under way. `for await` over it, or take its items with `next()`. */
export class Feed<Item, Raw = Item> implements AsyncIterableIterator<Item, undefined> {
  /**
   * Resolves when the place where it begins is fixed: what is written after that is seen. Without a place it is asked
   * for as soon as the feed is made, so that nobody need wait for it who only then writes through the same store; on a
   * cluster of several routers the write could overtake it, and whoever must not miss it waits here.
   * Rejects with the fault that the first `next` throws.
   */
  readonly ready: Promise<void>
  readonly #source: FeedSource<Item, Raw>
  readonly #signal: AbortSignal | undefined
  readonly #finish = (): void => {
    this.#end()
  }
  /** Where the next poll goes on. */
  #from: string | undefined
  #cursor: string | undefined
  #reply: FeedReply<Raw> | undefined
  #taken = 0
  /** W2. The reply after that one, where it was asked for. */
  #ahead: Promise<FeedReply<Raw> | undefined> | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #isOver = false
  /** Whoever waits for something that the end does not wait for. */
  readonly #onOver = new Set<() => void>()

  constructor(source: FeedSource<Item, Raw>, { from, signal }: FeedStart) {
    this.#source = source
    this.#signal = signal
    this.#from = from
    this.#cursor = from
    if (signal?.aborted === true) this.#isOver = true
    else signal?.addEventListener('abort', this.#finish)
    this.ready = this.#begin()
    // Whoever does not ask for it is told by `next`.
    this.ready.catch(() => undefined)
  }

  /** W5. The place to go on from later; `undefined` until one is known: at the latest with the first item. */
  get cursor(): string | undefined {
    return this.#cursor
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** The next item; waits for it. @throws Fault of kind `lost` with `details.next`, `CLOSED`, `NOT_FOUND`, … */
  async next(): Promise<IteratorResult<Item, undefined>> {
    const taking = this.#turn.then(() => this.#take())
    this.#turn = taking.catch(() => undefined)
    return taking
  }

  /** W3. */
  async return(): Promise<IteratorResult<Item, undefined>> {
    this.#end()
    return { value: undefined, done: true }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  async #take(): Promise<IteratorResult<Item, undefined>> {
    try {
      await this.#unlessOver(this.ready)
      while (!this.#isOver && this.#first === undefined) await this.#fill(WAIT_MS)
      const raw = this.#first
      const item = raw && (await this.#unlessOver(this.#patiently(async () => this.#source.whole(raw))))
      if (this.#isOver || raw === undefined || item === undefined) return { value: undefined, done: true }
      this.#passed(raw)
      return { value: item, done: false }
    } catch (error) {
      this.#end()
      throw error
    }
  }

  /** The first item of the reply that was not taken. */
  get #first(): Raw | undefined {
    return this.#reply?.items[this.#taken]
  }

  #passed(item: Raw): void {
    this.#taken += 1
    const reply = this.#reply
    // W5.
    if (reply !== undefined)
      this.#cursor = this.#first === undefined ? (reply.cursor ?? reply.next) : this.#source.cursorAfter(item, reply)
    // W4.
    if (this.#source.isLast(item)) this.#end()
  }

  async #begin(): Promise<void> {
    if (this.#from !== undefined || this.#isOver) return
    // Without waiting: a place that is told only with the first item would be another one when asked for again.
    await this.#fill(0)
  }

  async #fill(waitMs: number): Promise<void> {
    const reply = await this.#unlessOver(this.#ahead ?? this.#ask(waitMs))
    if (reply === undefined || this.#isOver) return
    this.#reply = reply
    this.#taken = 0
    this.#from = reply.next
    this.#ahead = reply.more === true ? this.#ask(0) : undefined
    // Whoever takes what is there first is told then.
    this.#ahead?.catch(() => undefined)
    // W5.
    if (reply.items.length === 0) this.#cursor = reply.cursor ?? reply.next
  }

  #ask(waitMs: number): Promise<FeedReply<Raw> | undefined> {
    return this.#patiently(async () => this.#source.poll(this.#from, waitMs))
  }

  /** W1. `undefined` when it was ended meanwhile. */
  async #patiently<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    for (let pauses = 0; !this.#isOver; pauses += 1)
      try {
        return await work()
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
      const end = (): void => {
        cancel()
        this.#onOver.delete(end)
        resolve()
      }
      const cancel = this.#source.timers.after(durationMs, end)
      this.#onOver.add(end)
    })
  }

  /** What `work` comes to; `undefined` where the feed ends first, whatever it comes to then. */
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
    this.#reply = undefined
    this.#ahead = undefined
    this.#taken = 0
    this.#signal?.removeEventListener('abort', this.#finish)
    for (const onOver of [...this.#onOver]) onOver()
  }
}

const isPassing = (error: unknown): error is Fault =>
  isFault(error) && ['unavailable', 'notReady', 'moved', 'busy'].includes(error.kind)

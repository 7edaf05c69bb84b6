/**
 * What a router keeps for one shard: requests that were forwarded and are not known to be answered, and requests that
 * wait for a leader.
 *
 * G1  A request gets its number when it is first forwarded, so that numbers have no gaps from requests that never were.
 * G2  Everything is forwarded in the order in which it came: first what was forwarded before, by number, then what
 *     waits.
 * G3  What is removed is returned, each once: its bytes go back to the budget.
 * G4  Where requests wait for long, a new leader is sent them under new numbers: it would take those in between, which
 *     are settled, for open, and only so many of them can be told. A ledger of writes must not do so, for a leader
 *     knows them by their numbers.
 */
import { OVERDUE_COUNT_MAX, OVERDUE_MS, OVERDUE_MS_MAX, POLL_OVERDUE_MS } from './limits.ts'
import { sizeOf, type RoutedRequest } from './routed-request.ts'

/** How a ledger treats what it keeps. */
export interface LedgerManner {
  /** After it a request that is still open counts as lost on its way; milliseconds. */
  readonly overdueMs: number
  /** G4. */
  readonly renumbers: boolean
}

export const requestManner: LedgerManner = { overdueMs: OVERDUE_MS, renumbers: false }
/** Of requests that wait for changes. */
export const pollManner: LedgerManner = { overdueMs: POLL_OVERDUE_MS, renumbers: true }

interface Forwarded<Origin> {
  number: number
  readonly request: RoutedRequest<Origin>
  forwardedMs: number
  /** Times in this epoch. */
  forwards: number
}

/** To be published, with the number to publish under. */
export interface Forward<Origin> {
  readonly number: number
  readonly request: RoutedRequest<Origin>
  readonly again: boolean
}

/** What a leader says of one router: below `answered` everything is answered, but for what is `open`. */
export interface Answered {
  readonly answered: number
  readonly open: readonly number[]
}

export class Ledger<Origin> {
  readonly #manner: LedgerManner
  /** By number: each is added with the highest there is. */
  readonly #forwarded = new Map<RoutedRequest<Origin>, Forwarded<Origin>>()
  readonly #waiting = new Set<RoutedRequest<Origin>>()
  #next: number
  /** Looked up anew only after something was removed: a map walks over what was removed before it finds its first. */
  #lowest: number | undefined

  #bytes = 0

  /** @param first the first number that it gives */
  constructor(manner: LedgerManner, first = 1) {
    this.#manner = manner
    this.#next = first
  }

  get size(): number {
    return this.#forwarded.size + this.#waiting.size
  }

  /** What keeping all of it takes. */
  get bytes(): number {
    return this.#bytes
  }

  /** Everything below was answered, here or by a leader. */
  get lowest(): number {
    this.#lowest ??= this.#forwarded.values().next().value?.number
    return this.#lowest ?? this.#next
  }

  /** Numbers from here on were never given. */
  get next(): number {
    return this.#next
  }

  park(request: RoutedRequest<Origin>): void {
    this.#waiting.add(request)
    this.#bytes += sizeOf(request)
  }

  /** G1. */
  forward(request: RoutedRequest<Origin>, nowMs: number): Forward<Origin> {
    this.#bytes += sizeOf(request)
    return this.#number(request, nowMs)
  }

  #number(request: RoutedRequest<Origin>, nowMs: number): Forward<Origin> {
    const number = this.#take()
    this.#forwarded.set(request, { number, request, forwardedMs: nowMs, forwards: 1 })
    return { number, request, again: false }
  }

  #take(): number {
    this.#next += 1
    return this.#next - 1
  }

  /** G2, G4: everything, for a leader that knows nothing of it. */
  forwardEverything(nowMs: number): readonly Forward<Origin>[] {
    this.#lowest = undefined
    const again = [...this.#forwarded.values()].map((entry) => {
      entry.forwardedMs = nowMs
      entry.forwards = 1
      if (this.#manner.renumbers) entry.number = this.#take()
      return { number: entry.number, request: entry.request, again: true }
    })
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    return [...again, ...waiting.map((request) => this.#number(request, nowMs))]
  }

  /**
   * What seems lost on its way, oldest first: of what the leader says is open, and of what it has not seen yet the
   * first one; of everything, where it does not know this router. A request waits twice as long for each further time.
   */
  forwardOverdue(said: Answered | undefined, nowMs: number): readonly Forward<Origin>[] {
    const overdue: Forward<Origin>[] = []
    for (const entry of this.#forwarded.values()) {
      const patienceMs = Math.min(this.#manner.overdueMs * 2 ** (entry.forwards - 1), OVERDUE_MS_MAX)
      if (nowMs - entry.forwardedMs > patienceMs) {
        entry.forwardedMs = nowMs
        entry.forwards += 1
        overdue.push({ number: entry.number, request: entry.request, again: true })
      }
      const isUnseen = said !== undefined && entry.number >= said.answered
      if (isUnseen || overdue.length === OVERDUE_COUNT_MAX) break
    }
    return overdue
  }

  /** G3: everything that was forwarded, by number: somebody else is to be asked. */
  takeAll(): readonly RoutedRequest<Origin>[] {
    return this.#taken([...this.#forwarded.keys()])
  }

  /** G3: of what was forwarded, what seems lost or stuck, oldest first. */
  takeOverdue(nowMs: number): readonly RoutedRequest<Origin>[] {
    const overdue: RoutedRequest<Origin>[] = []
    for (const { request, forwardedMs } of this.#forwarded.values()) {
      // They were forwarded in this order, and once.
      if (nowMs - forwardedMs <= this.#manner.overdueMs || overdue.length === OVERDUE_COUNT_MAX) break
      overdue.push(request)
    }
    return this.#taken(overdue)
  }

  #taken(requests: readonly RoutedRequest<Origin>[]): readonly RoutedRequest<Origin>[] {
    for (const request of requests) this.#remove(request)
    return requests
  }

  /** G3. */
  settle({ answered, open }: Answered): readonly RoutedRequest<Origin>[] {
    const settled: RoutedRequest<Origin>[] = []
    const stillOpen = new Set(open)
    for (const { number, request } of this.#forwarded.values()) {
      if (number >= answered) break
      if (stillOpen.has(number)) continue
      this.#remove(request)
      settled.push(request)
    }
    return settled
  }

  /** G3: those whose time is over, and whether each was forwarded. */
  expire(nowMs: number): readonly { readonly request: RoutedRequest<Origin>; readonly wasForwarded: boolean }[] {
    const expired: { request: RoutedRequest<Origin>; wasForwarded: boolean }[] = []
    for (const request of this.#forwarded.keys())
      if (nowMs >= request.deadlineMs) {
        this.#remove(request)
        expired.push({ request, wasForwarded: true })
      }
    for (const request of this.#waiting)
      if (nowMs >= request.deadlineMs) {
        this.#removeWaiting(request)
        expired.push({ request, wasForwarded: false })
      }
    return expired
  }

  /** G3: true where it was still kept. Its asker has its answer, or wants none any more. */
  withdraw(request: RoutedRequest<Origin>): boolean {
    return this.#removeWaiting(request) || this.#remove(request)
  }

  #remove(request: RoutedRequest<Origin>): boolean {
    this.#lowest = undefined
    return this.#counted(this.#forwarded.delete(request), request)
  }

  #removeWaiting(request: RoutedRequest<Origin>): boolean {
    return this.#counted(this.#waiting.delete(request), request)
  }

  #counted(isRemoved: boolean, request: RoutedRequest<Origin>): boolean {
    if (isRemoved) this.#bytes -= sizeOf(request)
    return isRemoved
  }
}

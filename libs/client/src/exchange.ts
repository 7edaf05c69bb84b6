/**
 * One request, until it has its answer.
 *
 * X1  Silence of 2, 4, 8, 8, … seconds, or a new connection, sends the same bytes again: a router can die with a
 *     request. Writes carry a key that takes effect once, so that this doubles nothing. The silence of a request that
 *     waits at the cluster begins when that time is over.
 * X2  An answer to any of its attempts is the answer.
 * X3  A write that nothing happened to says so (`busy`, `notReady`) only when none of its attempts is unsettled; with
 *     one that is, its end is `UNAVAILABLE`. An attempt settles by an answer that says what became of it.
 * X4  What passes is waited for and tried again, in pauses that grow: no connection, no router, no leader, an outcome
 *     that the cluster does not know.
 * X5  Nothing is sent after the time limit. What was sent may be answered a little later: the cluster itself waits for
 *     as long as the limit says, and its answer takes its way.
 */
import {
  fraction,
  isFault,
  type CancelTimer,
  type Clock,
  type Fault,
  type Random,
  type Span,
  type Timers,
} from '@waggle/kernel'
import { decodeReply, fault } from '@waggle/protocol'
import type { LinkListener, RequestLine } from './link.ts'

export interface ExchangePorts {
  readonly link: RequestLine
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
}

export interface Request {
  readonly subject: string
  /** For messages. */
  readonly operation: string
  readonly bytes: Uint8Array
  readonly isWrite: boolean
  readonly timeoutMs: number
  /** Of the call that it is made for: what is sent belongs to it. */
  readonly span?: Span
  /** How long it waits at the cluster for something to happen: nobody misses it when it ends. Absent: not at all. */
  readonly waitMs?: number
}

export type ReplyMap = Readonly<Record<string, unknown>>

const SILENCE_MS = 2_000
const SILENCE_MS_MAX = 8_000
const GRACE_MS = 2_000
const PAUSE_MS = 25
const PAUSE_MS_MAX = 1_000
/** Requests that a lost connection has left behind are sent again spread over this time. */
const RECONNECT_SPREAD_MS = 100

export class Exchange implements LinkListener {
  readonly subject: string
  /** Rejects with a Fault. */
  readonly outcome: Promise<ReplyMap>
  readonly #ports: ExchangePorts
  readonly #request: Request
  readonly #name: string
  readonly #startMs: number
  readonly #unsettled = new Set<number>()
  /** Attempts whose end has led to another one: a second word on them leads to no third. */
  readonly #heard = new Set<number>()
  #resolve: (reply: ReplyMap) => void = () => undefined
  #reject: (refusal: Fault) => void = () => undefined
  #cancel: CancelTimer = () => undefined
  #isOver = false
  #attempts = 0
  #pauses = 0
  #trouble = 'nothing was sent'
  #refusal: Fault | undefined

  /** Whether it waits at the cluster for something to happen. */
  get isPoll(): boolean {
    return (this.#request.waitMs ?? 0) > 0
  }

  /** Sends the request at once. */
  constructor(ports: ExchangePorts, request: Request) {
    this.#ports = ports
    this.#request = request
    this.subject = request.subject
    this.#startMs = ports.clock.monotonicMs()
    this.outcome = new Promise<ReplyMap>((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#name = ports.link.listen(this)
    this.#send()
  }

  /** X2. */
  answered(attempt: number, bytes: Uint8Array, hasFaultHeader: boolean): void {
    if (this.#isOver) return
    try {
      const reply = decodeReply(bytes)
      this.#end(() => this.#resolve(reply))
    } catch (error) {
      if (!isFault(error)) throw error
      // A reply that cannot be read tells nothing of what became of a write.
      if (error.code === 'INTERNAL' && !hasFaultHeader && this.#request.isWrite) this.#fail(this.#unknown(error))
      else this.#refused(attempt, error)
    }
  }

  unheard(attempt: number): void {
    this.#unsettled.delete(attempt)
    this.#trouble = 'no router answered: nobody listens'
    this.#next(attempt)
  }

  denied(refusal: Fault): void {
    this.#fail(refusal)
  }

  /** X1. */
  reconnected(): void {
    this.#sendAfter(RECONNECT_SPREAD_MS * fraction(this.#ports.random))
  }

  /** Ends it without waiting any longer. */
  abandon(): void {
    this.#fail(
      this.#isOutcomeUnknown
        ? this.#unknown(this.#refusal)
        : fault('CLOSED', 'the client was closed before the answer came'),
    )
  }

  /** X3, X4. */
  #refused(attempt: number, refusal: Fault): void {
    const { kind, code, retryAfterMs = 0 } = refusal
    // A part of the cluster that is closing says nothing about this client, and nothing about a write.
    const isUnknown = kind === 'unavailable' || kind === 'closed'
    if (!isUnknown || !this.#request.isWrite) this.#unsettled.delete(attempt)
    const isPassing = isUnknown || kind === 'moved' || code === 'SHARD_NOT_READY'
    const isUndecided = (kind === 'busy' || kind === 'notReady') && this.#isOutcomeUnknown
    if (!isPassing && !isUndecided) {
      this.#fail(refusal)
      return
    }
    this.#refusal = refusal
    this.#trouble = `the cluster says ${code}`
    this.#next(attempt, retryAfterMs)
  }

  get #isOutcomeUnknown(): boolean {
    return this.#request.isWrite && this.#unsettled.size > 0
  }

  #send(): void {
    const { link } = this.#ports
    if (!link.isConnected) {
      this.#trouble = 'no NATS server can be reached'
      this.#pause()
      return
    }
    const { waitMs = 0, span } = this.#request
    if (this.#attempts > 0) {
      link.doubt(this.#startMs + waitMs)
      span?.event('waggle.attempt', { 'waggle.attempt': this.#attempts + 1, 'waggle.reason': this.#trouble })
    }
    this.#attempts += 1
    this.#unsettled.add(this.#attempts)
    this.#trouble = 'no router answered'
    try {
      link.send(this.#name, this.#attempts, this.subject, this.#request.bytes, span?.context)
    } catch (error) {
      this.#unsettled.delete(this.#attempts)
      this.#trouble = `the request could not be sent reason=${error instanceof Error ? error.message : String(error)}`
      this.#pause()
      return
    }
    this.#sendAfter(waitMs + Math.min(SILENCE_MS * 2 ** (this.#attempts - 1), SILENCE_MS_MAX))
  }

  #next(attempt: number, atLeastMs = 0): void {
    if (this.#heard.has(attempt)) return
    this.#heard.add(attempt)
    this.#pause(atLeastMs)
  }

  /** X4. */
  #pause(atLeastMs = 0): void {
    const pauseMs = Math.min(PAUSE_MS * 2 ** this.#pauses, PAUSE_MS_MAX)
    this.#pauses += 1
    this.#sendAfter(Math.max(atLeastMs, pauseMs * (0.5 + fraction(this.#ports.random) / 2)))
  }

  /** X5. */
  #sendAfter(delayMs: number): void {
    if (this.#isOver) return
    const { clock, timers } = this.#ports
    this.#cancel()
    const passedMs = clock.monotonicMs() - this.#startMs
    const { timeoutMs } = this.#request
    if (passedMs + delayMs <= timeoutMs) {
      this.#cancel = timers.after(delayMs, () => this.#send())
      return
    }
    const endMs = this.#unsettled.size > 0 ? timeoutMs + GRACE_MS : timeoutMs
    this.#cancel = timers.after(Math.max(0, endMs - passedMs), () => this.#fail(this.#verdict()))
  }

  /** X3. */
  #verdict(): Fault {
    if (this.#isOutcomeUnknown) return this.#unknown(this.#refusal)
    const refused = this.#ports.link.refusal ?? this.#refusal
    if (refused !== undefined && refused.kind !== 'closed' && refused.kind !== 'moved') return refused
    return fault('SHARD_NOT_READY', `${this.#trouble} ${this.#tried}`, { operation: this.#request.operation })
  }

  #unknown(cause: Fault | undefined): Fault {
    const { operation } = this.#request
    const message = `the outcome of the write is unknown: ${this.#trouble} ${this.#tried}`
    return fault('UNAVAILABLE', message, { operation }, cause === undefined ? {} : { cause })
  }

  get #tried(): string {
    const waitedMs = Math.round(this.#ports.clock.monotonicMs() - this.#startMs)
    const { operation } = this.#request
    return `operation=${operation} attempts=${this.#attempts} waitedMs=${waitedMs} servers=${this.#ports.link.servers}`
  }

  #fail(refusal: Fault): void {
    this.#end(() => this.#reject(refusal))
  }

  #end(settle: () => void): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#cancel()
    this.#ports.link.forget(this.#name)
    settle()
  }
}

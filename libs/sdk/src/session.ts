/**
 * What every call of the interface shares.
 *
 * C1  A write carries an idempotency key and the time when it was made, both kept over retries: nothing is doubled.
 * C2  A session remembers the newest token of each shard that it saw and sends them along: one client reads its own
 *     writes. A collective lives on one shard: its session sends that shard's token alone as soon as it knows which
 *     (64 tokens are 2 KB), and what it sees its client's session has seen too.
 * C3  `busy` means that nothing happened: the call waits as long as it is told and tries again, up to its time limit.
 *     So that a client does not make its own store busy, only so many of its writes are under way at once.
 * C4  A remembered token of another life of its shard is dropped and the call made again without it; one that the
 *     caller passed is the caller's business. Where the fault does not say which shard it speaks of, it speaks of all.
 *
 * Fields come as plain data that is ours (`plain-data.ts`); options come as the caller wrote them.
 */
import { isFault, pause, type Clock, type IdSource, type Span, type Timers } from '@waggle/kernel'
import {
  decodeTokens,
  encodeTokens,
  fault,
  invalidField,
  isWriteName,
  limits,
  type BuiltName,
  type ResultOf,
  type Token,
} from '@waggle/protocol'
import type { Caller, ReplyBody, RequestBody } from './caller.ts'
import type { Gate } from './gate.ts'
import { memorySpan, noteAnswer } from './memory-span.ts'
import { optionsOf, refuseFields } from './plain-data.ts'
import { SeenTokens } from './seen-tokens.ts'

/** Options of every call. */
export interface CallOptions {
  /** The state must have reached this token of another agent, beside the session's own; several may be joined by `.` */
  readonly token?: string | undefined
  /** `any`: whatever is there; `token`: what the tokens ask for (the default); `strong`: linearizable. */
  readonly consistency?: 'any' | 'token' | 'strong' | undefined
  /** Milliseconds that the call may take, 0..300,000; 20,000 when absent. */
  readonly timeoutMs?: number | undefined
}

/** Options of a write. */
export interface WriteOptions extends CallOptions {
  /** 1..256 bytes; the write takes effect once however often it is sent with this key. */
  readonly idempotencyKey?: string | undefined
}

export interface SessionPorts {
  readonly caller: Caller
  readonly clock: Clock
  readonly timers: Timers
  readonly ids: IdSource
  /** Shared by the sessions of one client (C3). */
  readonly gate: Gate
}

/** The options that a session understands. */
export const SESSION_OPTIONS = ['token', 'consistency', 'timeoutMs', 'idempotencyKey'] as const
/** Options and fields stand side by side on the wire. */
const RESERVED_NAMES = [...SESSION_OPTIONS, 'issuedAt'] as const

/** What a call gives: the result, and the token of the state that it speaks of, where it speaks of one. */
export type CallResult<Name extends BuiltName> = ResultOf<Name> & { readonly token?: string }

/** A call that is under way, however often it is tried. */
interface Call {
  readonly operation: BuiltName
  readonly span: Span
}

export class Session {
  readonly #ports: SessionPorts
  readonly #timeoutMs: number
  /** Of a session of one collective, the session of the client. */
  readonly #parent: Session | undefined
  readonly #seen: SeenTokens
  /** Where the collective of a session of one lives, once a reply told it. */
  #shard: number | undefined
  /** The last token that a reply brought, where it was one alone: neither read nor written again while it is told. */
  #told: { readonly text: string; readonly token: Token } | undefined

  /** @param timeoutMs the time limit of calls that name none @throws Fault `INVALID_FIELD` */
  constructor(ports: SessionPorts, timeoutMs: number = limits.TIMEOUT_MS_DEFAULT, parent?: Session) {
    this.#ports = ports
    if (!isTimeLimit(timeoutMs))
      throw invalidField('timeoutMs', `integer 0..${limits.TIMEOUT_MS_MAX}`, { min: 0, max: limits.TIMEOUT_MS_MAX })
    this.#timeoutMs = timeoutMs
    this.#parent = parent
    this.#seen = parent === undefined ? new SeenTokens() : parent.#seen.copy()
  }

  /** For whoever waits between calls. */
  get timers(): Timers {
    return this.#ports.timers
  }

  /** An idempotency key that nobody has used. */
  newKey(): string {
    return this.#ports.ids.uuid()
  }

  /** A session for one collective, which has seen what this one has. @param token of the reply that named it (C2) */
  forCollective(token?: string): Session {
    const session = new Session(this.#ports, this.#timeoutMs, this)
    session.#see(token)
    return session
  }

  /**
   * Calls an operation.
   * @param fields the caller's fields; a name of an option among them is refused
   * @throws Fault
   */
  async call<Name extends BuiltName>(
    operation: Name,
    fields: RequestBody,
    options: WriteOptions = {},
  ): Promise<CallResult<Name>> {
    refuseFields(fields, RESERVED_NAMES)
    const known = optionsOf(options, SESSION_OPTIONS)
    const given = tokensGiven(known.token)
    const span = memorySpan(operation, fields)
    try {
      const reply = await this.#withoutForeignTokens({ operation, span }, this.#body(operation, fields, known), given)
      this.#see(reply.token)
      noteAnswer(span, operation, reply)
      return reply as unknown as CallResult<Name>
    } catch (error) {
      span.fail(isFault(error) ? error.code : 'INTERNAL')
      throw error
    } finally {
      span.end()
    }
  }

  /** C1. */
  #body(operation: BuiltName, fields: RequestBody, options: RequestBody): RequestBody {
    const { consistency, timeoutMs = this.#timeoutMs, idempotencyKey } = options
    const body: Record<string, unknown> = { ...fields, timeoutMs }
    if (consistency !== undefined) body.consistency = consistency
    if (idempotencyKey !== undefined) body.idempotencyKey = idempotencyKey
    if (isWriteName(operation)) {
      body.idempotencyKey ??= this.newKey()
      body.issuedAt = this.#ports.clock.nowMs()
    }
    return body
  }

  /** C2. @throws Fault `INTERNAL` */
  #see(text: string | undefined): void {
    // Who only reads is told the same again and again.
    if (text === undefined || text === this.#told?.text) return
    const tokens = tokensOfReply(text)
    const [first, ...others] = tokens
    this.#told = others.length === 0 && first !== undefined ? { text, token: first } : undefined
    this.#seen.see(tokens)
    if (this.#parent === undefined) return
    if (others.length === 0) this.#shard = first?.shard
    this.#parent.#seen.see(tokens)
  }

  /** C2, C4. */
  async #withoutForeignTokens(call: Call, body: RequestBody, given: readonly Token[]): Promise<ReplyBody> {
    // Each turn drops a token, so a turn more than there are shards would be one too many.
    for (let turnsLeft = limits.SHARDS_MAX; ; turnsLeft -= 1) {
      const tokens = this.#seen.with(given, this.#shard)
      try {
        return await this.#patiently(call, tokens.length === 0 ? body : { ...body, token: this.#textOf(tokens) })
      } catch (error) {
        const isBad = foreignTokens(error)
        const foreign = tokens.filter(isBad)
        if (foreign.length === 0 || given.some(isBad) || turnsLeft === 0) throw error
        // Another call of this session may have dropped one first, and have seen a newer one.
        this.#seen.forget(foreign)
        this.#told = undefined
      }
    }
  }

  #textOf(tokens: readonly Token[]): string {
    const told = this.#told
    return told !== undefined && tokens.length === 1 && tokens[0] === told.token ? told.text : encodeTokens(tokens)
  }

  /** C3. */
  #patiently(call: Call, body: RequestBody): Promise<ReplyBody> {
    const deadlineMs = this.#ports.clock.monotonicMs() + timeLimitOf(body)
    return isWriteName(call.operation)
      ? this.#throughGate(call, body, deadlineMs)
      : this.#untilDeadline(call, body, deadlineMs)
  }

  async #throughGate(call: Call, body: RequestBody, deadlineMs: number): Promise<ReplyBody> {
    const { gate } = this.#ports
    if (!gate.tryEnter() && !(await gate.enter(timeLimitOf(body)))) throw noPlace()
    try {
      return await this.#untilDeadline(call, body, deadlineMs)
    } finally {
      gate.leave()
    }
  }

  async #untilDeadline({ operation, span }: Call, body: RequestBody, deadlineMs: number): Promise<ReplyBody> {
    const { caller, clock, timers } = this.#ports
    for (;;) {
      try {
        return await caller.call(operation, body, span)
      } catch (error) {
        if (!isFault(error) || error.retryAfterMs === undefined) throw error
        const retryAfterMs = boundedDelay(error.retryAfterMs)
        if (clock.monotonicMs() + retryAfterMs > deadlineMs) throw error
        span.event('waggle.retry', { 'error.type': error.code, 'waggle.retry_after_ms': retryAfterMs })
        await pause(timers, retryAfterMs)
      }
    }
  }
}

/** A time limit that is none is refused where the request is decoded. */
const timeLimitOf = ({ timeoutMs }: RequestBody): number => (isTimeLimit(timeoutMs) ? timeoutMs : 0)

const isTimeLimit = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= limits.TIMEOUT_MS_MAX

const RETRY_AFTER_MS = 100
const RETRY_AFTER_MS_MIN = 1

/** What says `busy` may be another process: a timer takes no delay but a number, and nobody asks without a pause. */
const boundedDelay = (delayMs: number): number =>
  Number.isFinite(delayMs) ? Math.max(delayMs, RETRY_AFTER_MS_MIN) : RETRY_AFTER_MS

const noPlace = () => fault('BUSY', 'too many writes of this client are waiting', {}, { retryAfterMs: RETRY_AFTER_MS })

const NO_TOKENS: readonly Token[] = []

/** @throws Fault `INVALID_FIELD`, `INVALID_TOKEN` */
const tokensGiven = (text: unknown): readonly Token[] => {
  if (text === undefined) return NO_TOKENS
  if (typeof text !== 'string') throw invalidField('token', 'string')
  return decodeTokens(text)
}

/** @throws Fault `INTERNAL`: that the token is none is no fault of the caller. */
const tokensOfReply = (text: string): readonly Token[] => {
  try {
    return decodeTokens(text)
  } catch (cause) {
    throw fault('INTERNAL', 'the token of a reply cannot be decoded', {}, { cause })
  }
}

/** Which tokens a refusal calls foreign: none of them where it is another one. */
const foreignTokens = (error: unknown): ((token: Token) => boolean) => {
  if (!isFault(error) || error.code !== 'GENERATION_CHANGED' || error.details.field !== 'token') return () => false
  const { shard } = error.details
  return (token) => typeof shard !== 'number' || token.shard === shard
}

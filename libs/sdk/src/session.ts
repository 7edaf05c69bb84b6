/**
 * What every call of the interface shares.
 *
 * C1  A write carries an idempotency key and the time when it was made, both kept over retries: nothing is doubled.
 * C2  A session remembers the newest token that it saw and sends it along: one client reads its own writes.
 * C3  `busy` means that nothing happened: the call waits as long as it is told and tries again, up to its time limit.
 *     So that a client does not make its own store busy, only so many of its writes are under way at once.
 * C4  A remembered token of another life of the store is dropped and the call made again without it; one that the
 *     caller passed is the caller's business.
 *
 * Fields come as plain data that is ours (`plain-data.ts`); options come as the caller wrote them.
 */
import { isFault, type Clock, type IdSource, type Timers } from '@waggle/kernel'
import {
  decodeToken,
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
import { optionsOf } from './plain-data.ts'

/** Options of every call. */
export interface CallOptions {
  /** The state must have reached this token of another agent, beside the session's own. */
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

export class Session {
  readonly #ports: SessionPorts
  readonly #timeoutMs: number
  #newest: SeenToken | undefined

  /** @param timeoutMs the time limit of calls that name none @throws Fault `INVALID_FIELD` */
  constructor(ports: SessionPorts, timeoutMs: number = limits.TIMEOUT_MS_DEFAULT) {
    this.#ports = ports
    if (!isTimeLimit(timeoutMs))
      throw invalidField('timeoutMs', `integer 0..${limits.TIMEOUT_MS_MAX}`, { min: 0, max: limits.TIMEOUT_MS_MAX })
    this.#timeoutMs = timeoutMs
  }

  /** A session of its own, which has seen what this one has. */
  fork(): Session {
    const session = new Session(this.#ports, this.#timeoutMs)
    session.#newest = this.#newest
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
  ): Promise<ResultOf<Name> & { readonly token: string }> {
    refuseReservedNames(fields)
    const known = optionsOf(options, SESSION_OPTIONS)
    const body = this.#body(operation, fields, known)
    const reply = await this.#withoutForeignToken(known.token !== undefined, body, (request) =>
      this.#patiently(operation, request),
    )
    this.#newest = newer(this.#newest, seen(reply.token))
    return reply as unknown as ResultOf<Name> & { readonly token: string }
  }

  /** C1, C2. */
  #body(operation: BuiltName, fields: RequestBody, options: RequestBody): RequestBody {
    const { clock, ids } = this.#ports
    const write = isWriteName(operation)
    const token = this.#tokenFor(options.token)
    const { idempotencyKey = write ? ids.uuid() : undefined, consistency, timeoutMs = this.#timeoutMs } = options
    const issuedAt = write ? clock.nowMs() : undefined
    return { ...fields, ...defined({ token, consistency, timeoutMs, idempotencyKey, issuedAt }) }
  }

  /** What the call must reflect: the session's own token, or the caller's where that asks for more. */
  #tokenFor(given: unknown): string | undefined {
    if (given === undefined) return this.#newest?.text
    if (typeof given !== 'string') throw invalidField('token', 'string')
    return newer(this.#newest, seen(given)).text
  }

  /** C4. */
  async #withoutForeignToken(
    isGiven: boolean,
    body: RequestBody,
    send: (body: RequestBody) => Promise<ReplyBody>,
  ): Promise<ReplyBody> {
    try {
      return await send(body)
    } catch (error) {
      const isForeign = isFault(error) && error.code === 'GENERATION_CHANGED' && error.details.field === 'token'
      if (!isForeign || isGiven) throw error
      // Another call of this session may have dropped it first, and have seen a newer one.
      if (this.#newest?.text === body.token) this.#newest = undefined
      return send({ ...body, token: this.#newest?.text })
    }
  }

  /** C3. */
  async #patiently(operation: BuiltName, body: RequestBody): Promise<ReplyBody> {
    const { clock, gate } = this.#ports
    const deadlineMs = clock.monotonicMs() + timeLimitOf(body)
    if (!isWriteName(operation)) return this.#untilDeadline(operation, body, deadlineMs)
    if (!gate.tryEnter() && !(await gate.enter(timeLimitOf(body)))) throw noPlace()
    try {
      return await this.#untilDeadline(operation, body, deadlineMs)
    } finally {
      gate.leave()
    }
  }

  async #untilDeadline(operation: BuiltName, body: RequestBody, deadlineMs: number): Promise<ReplyBody> {
    const { caller, clock, timers } = this.#ports
    for (;;) {
      try {
        return await caller.call(operation, body)
      } catch (error) {
        if (!isFault(error) || error.retryAfterMs === undefined) throw error
        const { retryAfterMs } = error
        if (clock.monotonicMs() + retryAfterMs > deadlineMs) throw error
        await new Promise<void>((resolve) => timers.after(retryAfterMs, resolve))
      }
    }
  }
}

/** A time limit that is none is refused where the request is decoded. */
const timeLimitOf = ({ timeoutMs }: RequestBody): number => (isTimeLimit(timeoutMs) ? timeoutMs : 0)

const isTimeLimit = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= limits.TIMEOUT_MS_MAX

const RETRY_AFTER_MS = 100

const noPlace = () => fault('BUSY', 'too many writes of this client are waiting', {}, { retryAfterMs: RETRY_AFTER_MS })

const refuseReservedNames = (fields: RequestBody): void => {
  for (const name of RESERVED_NAMES)
    if (fields[name] !== undefined) throw fault('UNKNOWN_FIELD', `unknown field field=${name}`, { field: name })
}

const defined = (fields: Record<string, unknown>): RequestBody =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

/** A token with what it says, decoded once. */
interface SeenToken {
  readonly text: string
  readonly token: Token
}

/** @throws Fault `INVALID_TOKEN` */
const seen = (text: string): SeenToken => ({ text, token: decodeToken(text) })

/** The one that asks for more; of two that cannot be compared, the second, which was seen later. */
const newer = (known: SeenToken | undefined, other: SeenToken): SeenToken => {
  if (known === undefined) return other
  const comparable = known.token.generation === other.token.generation && known.token.shard === other.token.shard
  return comparable && known.token.sequence > other.token.sequence ? known : other
}

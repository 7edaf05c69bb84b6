/**
 * Takes the requests that routers forward to a leader, or to another replica, and answers the clients.
 *
 * H1  A request is taken once in a term, and by a leader only while the lease is held. One that is not taken is not
 *     lost: its router keeps it and sends it to whoever leads next.
 * H2  A leader's answer leaves only while the lease is held. A write that was appended and could not be answered any
 *     more, or whose fate this leader could not learn, is answered by the next leader, from what it remembers under the
 *     key; where none comes, its router says at the request's deadline that the outcome is unknown (DESIGN L7).
 * H3  So many requests are in hand at once; whoever comes then is told `BUSY` (P11). So is a write while the log has no
 *     room, which is decided outside the log (DESIGN K1).
 */
import { isFault, silentMetrics, type Fault, type Metrics, type Span } from '@waggle/kernel'
import {
  decodeBody,
  decodeForwarded,
  decodeInternalRequest,
  encodeFault,
  encodeReply,
  encodingOf,
  fault,
  FORWARDED_HEADER,
  INTERNAL_HEADER,
  isInternalInbox,
  isOwnInbox,
  isWriteName,
  limits,
  type BuiltName,
  type EncodedReply,
  type Encoding,
  type Forwarded,
  type InternalRequest,
  type TenantId,
} from '@waggle/protocol'
import type { Bus, BusMessage } from '../nats/bus.ts'
import { headerOf, headersOf } from '../nats/headers.ts'
import type { AnswerAccount } from './answer-account.ts'
import { RequestMetrics } from './request-metrics.ts'
import { RequestTrace, type RequestTraceParts } from './request-trace.ts'

export interface RequestHandlerParts extends RequestTraceParts {
  readonly connection: Bus
  readonly execute: (
    tenant: TenantId,
    operation: string,
    body: unknown,
    span: Span,
  ) => Promise<Readonly<Record<string, unknown>>>
  /** What compactors ask of a leader. */
  readonly upkeep: (request: InternalRequest) => Promise<Readonly<Record<string, unknown>>>
  readonly account: AnswerAccount
  /** H1: whether requests are taken at this moment. */
  readonly isServing: () => boolean
  /** H2: whether answers may leave at this moment. */
  readonly mayAnswer: () => boolean | Promise<boolean>
  /** Called for each read that was answered. */
  readonly onRead: () => void
  /** Why writes are refused for now. */
  readonly trouble: () => Fault | undefined
  readonly replyBytesMax: number
  /** Absent: nobody is told. */
  readonly metrics?: Metrics | undefined
}

/** H3. */
const IN_HAND_MAX = 8_192

export class RequestHandler {
  readonly #parts: RequestHandlerParts
  readonly #metrics: RequestMetrics
  #inHand = 0

  constructor(parts: RequestHandlerParts) {
    this.#parts = parts
    this.#metrics = new RequestMetrics(parts.metrics ?? silentMetrics)
  }

  /** Never throws and never rejects: what goes wrong is answered or logged. */
  take(message: BusMessage): void {
    const { account, clock, isServing, logger } = this.#parts
    const forwarded = decodeForwarded(headerOf(message, FORWARDED_HEADER) ?? '')
    if (forwarded === undefined || !mayAnswer(forwarded.tenant, message.reply)) {
      logger.warn('request without a usable header of a router', { subject: message.subject })
      return
    }
    // H1.
    if (!isServing()) return
    const { router, number, lowest } = forwarded
    if (!account.take(router, number, lowest, clock.monotonicMs())) return
    void this.#handle(message, forwarded)
  }

  /** What compactors ask. Never throws and never rejects. */
  takeUpkeep(message: BusMessage): void {
    const { isServing, logger } = this.#parts
    const request = decodeInternalRequest(headerOf(message, INTERNAL_HEADER) ?? '')
    const { reply = '' } = message
    if (request === undefined || !isInternalInbox('compactor', reply))
      logger.warn('internal request that cannot be taken', { subject: message.subject })
    else if (isServing()) void this.#upkeep(request, reply)
  }

  async #handle(message: BusMessage, forwarded: Forwarded): Promise<void> {
    const { account, mayAnswer, logger, connection, onRead } = this.#parts
    const trace = new RequestTrace(this.#parts, message, forwarded)
    const begunMs = this.#parts.clock.monotonicMs()
    this.#inHand += 1
    try {
      const reply = await this.#answerTo(message.data, forwarded, trace)
      // H2.
      if (reply === undefined || !(await mayAnswer())) return
      const { bytes, headers } = reply
      trace.answer(() =>
        connection.publish(
          message.reply as string,
          bytes,
          headers === undefined ? {} : { headers: headersOf(headers) },
        ),
      )
      account.answered(forwarded.router, forwarded.number)
      this.#count(message, forwarded, { code: reply.code, begunMs })
      if (!isWriteName(forwarded.operation as BuiltName)) onRead()
    } catch (error) {
      logger.error('request could not be answered', { operation: forwarded.operation, reason: String(error) })
    } finally {
      this.#inHand -= 1
      trace.end()
    }
  }

  /** What a router asks on its own is a part of what it answers itself. */
  #count({ reply = '' }: BusMessage, { operation }: Forwarded, { code, begunMs }: Answered): void {
    if (isInternalInbox('router', reply)) return
    this.#metrics.answered(operation, code, this.#parts.clock.monotonicMs() - begunMs)
  }

  async #upkeep(request: InternalRequest, to: string): Promise<void> {
    const { connection, upkeep, logger, replyBytesMax } = this.#parts
    const { kind } = request
    const answer = async (): Promise<EncodedReply> => {
      try {
        return encodeReply(await upkeep(request), 'messagePack', replyBytesMax)
      } catch (error) {
        return encodeFault(this.#told({ operation: kind }, error), 'messagePack')
      }
    }
    const { bytes, headers } = await answer()
    try {
      connection.publish(to, bytes, headers === undefined ? {} : { headers: headersOf(headers) })
    } catch (error) {
      logger.error('request could not be answered', { operation: kind, reason: String(error) })
    }
  }

  /** `undefined`: whoever leads next answers. */
  async #answerTo(bytes: Uint8Array, forwarded: Forwarded, trace: RequestTrace): Promise<EncodedReply | undefined> {
    const encoding: Encoding = encodingOf(bytes)
    try {
      if (this.#inHand > IN_HAND_MAX) throw tooManyInHand(this.#inHand)
      const result = await this.#execute(bytes, forwarded, trace)
      trace.done(result)
      return encodeReply(result, encoding, this.#parts.replyBytesMax)
    } catch (error) {
      const refused = this.#told(forwarded, error)
      trace.refused(refused.code)
      return refused.code === 'NOT_LEADING' ? undefined : encodeFault(refused, encoding)
    }
  }

  /** What a client is told of an error: of a bug, that it happened. Why is for the log; it may name files and ids. */
  #told({ operation }: Pick<Forwarded, 'operation'>, error: unknown): Fault {
    if (isFault(error) && error.kind !== 'internal') return error
    this.#parts.logger.error('operation failed', { operation, reason: String(error) })
    return fault('INTERNAL', `operation failed operation=${operation}`, { operation })
  }

  async #execute(
    bytes: Uint8Array,
    { tenant, operation, requestId }: Forwarded,
    trace: RequestTrace,
  ): Promise<Readonly<Record<string, unknown>>> {
    const { execute, trouble } = this.#parts
    const body = decodeBody(bytes).value
    trace.asked(body)
    if (!isWriteName(operation as BuiltName)) return execute(tenant, operation, body, trace.span)
    const refusal = trouble()
    if (refusal !== undefined) throw refusal
    return execute(tenant, operation, withKey(body, requestId), trace.span)
  }
}

interface Answered {
  readonly code: string | undefined
  readonly begunMs: number
}

/**
 * What a router forwards may be answered in the tenant's own inbox, or in the router's where it asks on its own (K7).
 */
const mayAnswer = (tenant: TenantId, reply = ''): boolean =>
  isOwnInbox(tenant, reply) || isInternalInbox('router', reply)

/** A write without a key of its client's gets the router's, so that forwarding it twice does not double it. */
const withKey = (body: unknown, requestId: string): unknown => {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  const { idempotencyKey } = body as { readonly idempotencyKey?: unknown }
  return idempotencyKey === undefined || idempotencyKey === null ? { ...body, idempotencyKey: requestId } : body
}

const tooManyInHand = (inHand: number): Fault =>
  fault(
    'BUSY',
    `too many requests in hand inHand=${inHand} limit=${IN_HAND_MAX}`,
    { inHand, limit: IN_HAND_MAX },
    { retryAfterMs: limits.BUSY_RETRY_AFTER_MS },
  )

/**
 * One request at a replica, as a span and, where the log is that talkative, as a line of it. Neither ever holds content
 * of a memory.
 */
import {
  isUuid,
  silentTracer,
  traceFacts,
  type Clock,
  type Logger,
  type Span,
  type SpanAttributes,
  type Tracer,
} from '@waggle/kernel'
import { decodeTokens, isMap, type Forwarded } from '@waggle/protocol'
import type { BusMessage } from '../nats/bus.ts'
import { traceOf } from '../nats/headers.ts'

export interface RequestTraceParts {
  /** Absent: nobody collects traces. */
  readonly tracer?: Tracer | undefined
  readonly shard: number
  /** Whether this replica leads. */
  readonly role: 'leader' | 'follower'
  readonly clock: Clock
  readonly logger: Logger
}

export class RequestTrace {
  readonly span: Span
  readonly #parts: RequestTraceParts
  readonly #forwarded: Forwarded
  readonly #startMs: number
  #body: unknown
  #result: Readonly<Record<string, unknown>> | undefined
  #code: string | undefined

  constructor(parts: RequestTraceParts, message: Pick<BusMessage, 'headers'>, forwarded: Forwarded) {
    const { tracer = silentTracer, clock, shard, role } = parts
    const { operation, tenant } = forwarded
    this.#parts = parts
    this.#forwarded = forwarded
    this.#startMs = clock.monotonicMs()
    this.span = tracer.start(`waggle.execute ${operation}`, traceOf(message.headers), { kind: 'server' })
    if (this.span.isRecording)
      this.span.set({
        ...{ 'waggle.operation': operation, 'waggle.tenant': tenant },
        ...{ 'waggle.shard': shard, 'waggle.role': role },
      })
  }

  asked(body: unknown): void {
    this.#body = body
  }

  done(result: Readonly<Record<string, unknown>>): void {
    this.#result = result
  }

  refused(code: string): void {
    this.#code = code
    this.span.fail(code)
  }

  /** Runs what sends the answer, as a part of it. */
  answer(send: () => void): void {
    const part = this.span.child('waggle.answer')
    send()
    part.end()
  }

  end(): void {
    const { logger } = this.#parts
    if (this.span.isRecording) this.span.set(this.#collective('waggle.collective'))
    this.span.end()
    if (logger.writesDebug !== false) logger.debug('request', this.#facts())
  }

  #facts(): Readonly<Record<string, unknown>> {
    const { clock, shard } = this.#parts
    const { operation: op, tenant } = this.#forwarded
    const seq = sequenceOf(this.#result)
    return {
      ...{ op, tenant, shard },
      ...this.#collective('collective'),
      ...(seq === undefined ? {} : { seq }),
      ...(this.#code === undefined ? {} : { code: this.#code }),
      duration_ms: Math.round((clock.monotonicMs() - this.#startMs) * 1_000) / 1_000,
      ...traceFacts(this.span.context),
    }
  }

  /** Of a body that nobody has judged yet: an id or nothing. */
  #collective(name: string): SpanAttributes {
    const id = isMap(this.#body) ? this.#body.collective : undefined
    return isUuid(id) ? { [name]: id } : {}
  }
}

/** The record that an answer speaks of. */
const sequenceOf = (result: Readonly<Record<string, unknown>> | undefined): number | undefined =>
  typeof result?.token === 'string' ? decodeTokens(result.token)[0]?.sequence : undefined

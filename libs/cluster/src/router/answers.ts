/** What a router answers by itself: refusals, what it has heard, and what it has put together of shards' answers. */
import { silentMetrics, type Fault, type Logger, type Metrics, type Span } from '@waggle/kernel'
import { encodeFault, encodeReply, type EncodedReply, type Encoding } from '@waggle/protocol'
import { RequestMetrics } from '../shard/request-metrics.ts'
import type { Figures } from './figures.ts'
import type { Outbox } from './outbox.ts'

/** Who gets an answer, and to what. */
export interface Asker {
  readonly operation: string
  readonly reply: string
  readonly encoding: Encoding
  /** Of a tenant's request; it ends with the answer. */
  readonly span?: Span
}

export interface AnswersParts {
  readonly outbox: Outbox
  readonly figures: Figures
  readonly metrics?: Metrics
  readonly logger: Logger
}

export interface Answering {
  /** What the server carries. */
  readonly bytesMax: number
  /** Since the request came; absent where it was answered at once. */
  readonly durationMs?: number
}

export class Answers {
  readonly #parts: AnswersParts
  readonly #requests: RequestMetrics

  constructor(parts: AnswersParts) {
    this.#parts = parts
    this.#requests = new RequestMetrics(parts.metrics ?? silentMetrics)
  }

  result(asker: Asker, result: Readonly<Record<string, unknown>>, { bytesMax, durationMs }: Answering): void {
    this.#send(asker, encodeReply(result, asker.encoding, bytesMax), durationMs)
  }

  refuse(asker: Asker, reason: Fault): void {
    const { figures, logger } = this.#parts
    figures.count('refused')
    if (reason.code === 'INTERNAL') logger.error('a request failed', { error: reason })
    asker.span?.fail(reason.code)
    this.#send(asker, encodeFault(reason, asker.encoding))
  }

  #send({ operation, reply, span }: Asker, { bytes, code, headers }: EncodedReply, durationMs?: number): void {
    this.#requests.answered(operation, code, durationMs)
    this.#parts.outbox.publish(reply, bytes, headers === undefined ? {} : { headers })
    span?.end()
  }
}

/**
 * Requests to every shard at once. Each part is a request like any other, kept and forwarded by the same rules, so that
 * a change of leader in the middle loses none; its answer comes to the router's own inbox.
 *
 * O1  An inbox that nobody can guess: who knew it could put words into a shard's mouth.
 * O2  The first refusal ends it: what is still kept for it is withdrawn, and answers that come later are dropped.
 * O3  Their number and the bytes that they hold are bounded; beyond, `BUSY` (P11).
 */
import { encodeBody, fault } from '@waggle/protocol'
import type { Fault, Span, Uuid } from '@waggle/kernel'
import type { AdmittedRequest, TakenRequest } from './admission.ts'
import { Gathering, type GatheringOutcome, type Question } from './gathering.ts'
import { FAN_OUTS_MAX, HELD_BYTES_MAX, RETRY_AFTER_MS } from './limits.ts'
import type { FollowerShards, RoutedRequest } from './routed-request.ts'

/** Who waits for the answer to a part. */
export interface Part {
  readonly kind: 'part'
  /** Where the answer comes. */
  readonly inbox: string
  readonly fanOut: number
  readonly shard: number
  /** Of the request that it is a part of. */
  readonly span: Span
}

/** What every shard is asked. */
export interface Asked {
  readonly question: Question
  readonly body: Uint8Array
  readonly followers?: FollowerShards
}

/** What the shards are asked for the sake of that request. */
export const askedOf = ({ plan, operation, body, timeoutMs, followers }: AdmittedRequest): Asked => {
  if (plan.kind === 'lookUp') {
    const question = { name: plan.name, consistency: 'strong', timeoutMs }
    return { question: 'collective.get', body: encodeBody(question, 'messagePack') }
  }
  const isOfAll = operation === 'collective.list' || operation === 'tenant.usage'
  const asked = { question: isOfAll ? operation : ('collective.get' as const), body }
  return followers === undefined ? asked : { ...asked, followers }
}

interface FanOut {
  readonly admitted: TakenRequest
  readonly deadlineMs: number
  readonly gathering: Gathering
  readonly parts: RoutedRequest<Part>[]
}

export interface FanOutsPort {
  /** Takes a part, from now on to be kept. Its refusal may come back before this returns. */
  accept(part: RoutedRequest<Part>): void
  withdraw(part: RoutedRequest<Part>): void
  finish(admitted: TakenRequest, deadlineMs: number, outcome: GatheringOutcome): void
  freshId(): Uuid
}

export class FanOuts {
  readonly #port: FanOutsPort
  readonly #inbox: string
  readonly #fanOuts = new Map<number, FanOut>()
  #next = 1
  #heldBytes = 0

  /** @param inbox subject of the router's own inbox, without the last two tokens (O1) */
  constructor(inbox: string, port: FanOutsPort) {
    this.#inbox = inbox
    this.#port = port
  }

  get size(): number {
    return this.#fanOuts.size
  }

  start(admitted: TakenRequest, asked: Asked, { shards, deadlineMs, bytesMax }: Extent): void {
    if (this.#fanOuts.size >= FAN_OUTS_MAX) {
      this.#port.finish(admitted, deadlineMs, { fault: busy() })
      return
    }
    const id = this.#next
    this.#next += 1
    const fanOut = { admitted, deadlineMs, gathering: new Gathering(asked.question, shards, bytesMax), parts: [] }
    this.#fanOuts.set(id, fanOut)
    for (let shard = 0; shard < shards; shard += 1) this.#ask(id, fanOut, shard, asked)
  }

  #ask(id: number, fanOut: FanOut, shard: number, { question, body, followers }: Asked): void {
    // O2: the part before was refused at once.
    if (!this.#fanOuts.has(id)) return
    const { admitted, deadlineMs, parts } = fanOut
    const part: RoutedRequest<Part> = {
      requestId: this.#port.freshId(),
      tenant: admitted.tenant,
      operation: question,
      isWrite: false,
      target: { kind: 'shard', shard },
      body,
      deadlineMs,
      origin: { kind: 'part', inbox: `${this.#inbox}.${id}.${shard}`, fanOut: id, shard, span: admitted.span },
      ...(followers === undefined ? {} : { followers }),
    }
    parts.push(part)
    this.#port.accept(part)
  }

  /** An answer in the router's inbox; one that nobody waits for is dropped. */
  answered(subject: string, bytes: Uint8Array): void {
    const [shard = NaN, id = NaN] = subject.split('.').reverse().map(Number)
    const fanOut = this.#fanOuts.get(id)
    const part = fanOut?.parts[shard]
    if (fanOut === undefined || part === undefined) return
    this.#port.withdraw(part)
    const heldBefore = fanOut.gathering.bytes
    const outcome = fanOut.gathering.add(shard, bytes)
    this.#heldBytes += fanOut.gathering.bytes - heldBefore
    if (outcome !== undefined) this.#end(id, fanOut, outcome)
    // O3.
    else if (this.#heldBytes > HELD_BYTES_MAX) this.#end(id, fanOut, { fault: busy() })
  }

  refused({ fanOut: id }: Part, reason: Fault): void {
    const fanOut = this.#fanOuts.get(id)
    if (fanOut !== undefined) this.#end(id, fanOut, { fault: reason })
  }

  #end(id: number, fanOut: FanOut, outcome: GatheringOutcome): void {
    this.#fanOuts.delete(id)
    this.#heldBytes -= fanOut.gathering.bytes
    for (const part of fanOut.parts) this.#port.withdraw(part)
    this.#port.finish(fanOut.admitted, fanOut.deadlineMs, outcome)
  }
}

interface Extent {
  readonly shards: number
  readonly deadlineMs: number
  /** Of the merged reply. */
  readonly bytesMax: number
}

const busy = () =>
  fault('BUSY', 'the router asks all shards as many questions as it may', {}, { retryAfterMs: RETRY_AFTER_MS })

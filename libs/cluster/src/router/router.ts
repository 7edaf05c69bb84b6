/**
 * A router: it carries out what the core wants, and answers what no shard needs to be asked.
 *
 * It keeps the client's reply subject with what it forwards, so that the leader answers the client directly: answering
 * in between would cost half the latency again and three quarters of the throughput (measured).
 *
 * W1  Nothing that arrives may throw: one message must not stop those that come after it (P10).
 * W2  Headers of what is forwarded are the router's own; a client's never reach a leader. The trace that it says it
 *     belongs to goes on as the router has read it.
 * W3  A shard's beats count on that shard's subject only.
 * W4  Leaving: what is kept gets a while to be answered; then everybody left gets a fault that says what may have
 *     happened. Who waits for changes gets it at once: another router takes them.
 * W5  Requests that wait for changes are kept apart, under a name of their own: they are open for long, and what is
 *     open keeps a leader from telling what came after it as answered (P11).
 * W6  A request that exceeds a quota of its tenant is refused before anything is kept of it; operators have none.
 */
import {
  isFault,
  pause,
  silentTracer,
  type CancelTimer,
  type Clock,
  type Fault,
  type IdSource,
  type Logger,
  type Span,
  traceHeaders,
  type Timers,
  type TraceContext,
  type Tracer,
} from '@waggle/kernel'
import {
  beatSubject,
  collectiveIdOfName,
  commandSubject,
  decodeClusterMessage,
  encodeForwarded,
  FORWARDED_HEADER,
  limits,
  OPERATOR_HEADER,
  readSubject,
  replicaBeatSubject,
  type RouterId,
  type StateName,
} from '@waggle/protocol'
import { LogLimit } from '../log-limit.ts'
import { RateQuotas, type RateQuotaParts } from '../quota/rate-quotas.ts'
import { admit, type AdmittedCommand, type AdmittedRequest, type TakenRequest } from './admission.ts'
import { Answers, type Asker } from './answers.ts'
import { askedOf, FanOuts, type Part } from './fan-outs.ts'
import { Figures } from './figures.ts'
import type { GatheringOutcome } from './gathering.ts'
import type { Incoming } from './incoming.ts'
import { pollManner } from './ledger.ts'
import { DRAIN_MS_MAX, GRACE_MS, TICK_MS } from './limits.ts'
import { Operators } from './operators.ts'
import type { Outbox } from './outbox.ts'
import type { RoutedRequest, RoutingEffect, Target } from './routed-request.ts'
import { pollBounds, Routing } from './routing.ts'
import { routeSpan } from './route-span.ts'

export interface RouterParts extends RateQuotaParts {
  readonly id: RouterId
  /** First tokens of the subjects where answers to the router itself come. */
  readonly inbox: string
  readonly node: string
  readonly pid: number
  readonly outbox: Outbox
  readonly clock: Clock
  readonly timers: Timers
  readonly ids: IdSource
  readonly logger: Logger
  /** Absent: nobody collects traces; those that requests belong to go on. */
  readonly tracer?: Tracer
}

/** Who gets the answer: a client at its inbox, or the router itself. */
type Origin =
  | ({ readonly kind: 'client'; readonly span: Span } & Asker)
  | { readonly kind: 'everyShard'; readonly admitted: TakenRequest }
  | Part

const DRAIN_POLL_MS = 20

export class Router {
  readonly #parts: RouterParts
  readonly #routing: Routing<Origin>
  /** W5. */
  readonly #polls: Routing<Origin>
  readonly #quotas: RateQuotas
  readonly #fanOuts: FanOuts
  readonly #operators: Operators
  readonly #figures = new Figures()
  readonly #answers: Answers
  readonly #foreignInboxes: LogLimit
  readonly #contradictions: LogLimit
  #cancelTick: CancelTimer = () => undefined

  constructor(parts: RouterParts) {
    this.#parts = parts
    this.#routing = new Routing(parts.id)
    this.#polls = new Routing(parts.ids.uuid(), pollBounds, pollManner)
    this.#quotas = new RateQuotas(parts)
    this.#operators = new Operators({ ...parts, shards: () => this.#routing.routes })
    this.#answers = new Answers({ ...parts, figures: this.#figures })
    this.#foreignInboxes = new LogLimit(parts.clock)
    this.#contradictions = new LogLimit(parts.clock)
    this.#fanOuts = new FanOuts(parts.inbox, {
      accept: (part) => this.#accept(part),
      withdraw: (part) => this.#routing.withdraw(part),
      finish: (...finished) => this.#finishFanOut(...finished),
      freshId: () => parts.ids.uuid(),
    })
    this.#scheduleTick()
  }

  /** Of which shards it hears a leader; `undefined` before it knows how many there are. */
  get led(): readonly boolean[] | undefined {
    return this.#routing.shards === undefined ? undefined : this.#routing.routes.map(({ leader }) => leader.isLed)
  }

  /** How much of what it has done. */
  figures(): Readonly<Record<string, number>> {
    const { keptCount: kept, keptBytes } = this.#routing
    return { ...this.#figures.counted(), kept, keptBytes, polls: this.#polls.keptCount, fanOuts: this.#fanOuts.size }
  }

  /** A message on a request's subject. */
  request = this.#guarded(({ subject, reply, data, trace }: Incoming) => {
    this.#figures.count('requests')
    const bytesMax = Math.min(limits.REQUEST_BYTES_MAX, this.#replyBytesMax)
    const admission = admit({ subject, reply, body: data, requestId: this.#parts.ids.uuid(), bytesMax })
    switch (admission.kind) {
      case 'dropped':
        this.#drop(admission.reason, subject, reply)
        break
      case 'refused':
        this.#answers.refuse(admission, admission.fault)
        break
      case 'state':
        this.#answerOperator(admission, admission.operation)
        break
      case 'command':
        this.#passOn(admission.command)
        break
      case 'admitted':
        this.#charge(admission.request, trace)
        break
    }
  })

  shardBeat = this.#guarded(({ subject, data }: Incoming) => {
    const beat = decodeClusterMessage('shard', data)
    // W3.
    if (beat === undefined || subject !== beatSubject(beat.shard)) this.#figures.count('undecodable')
    else {
      this.#perform(this.#routing.beat(beat, this.#nowMs))
      // What contradicts itself was reported already.
      this.#perform(this.#polls.beat(beat, this.#nowMs).filter(({ kind }) => kind !== 'contradiction'))
    }
  })

  replicaBeat = this.#guarded(({ subject, data }: Incoming) => {
    const beat = decodeClusterMessage('replica', data)
    // W3.
    if (beat === undefined || subject !== replicaBeatSubject(beat.shard, beat.node)) this.#figures.count('undecodable')
    else this.#perform(this.#routing.replicaBeat(beat, this.#nowMs))
  })

  nodeBeat = this.#guarded((heard: Incoming) => {
    if (!this.#operators.nodeBeat(heard)) this.#figures.count('undecodable')
  })

  compactorBeat = this.#guarded((heard: Incoming) => {
    if (!this.#operators.compactorBeat(heard)) this.#figures.count('undecodable')
  })

  /** A message in the router's own inbox. */
  answer = this.#guarded(({ subject, data }: Incoming) => {
    this.#fanOuts.answered(subject, data)
  })

  /** What was published while there was no connection is lost. */
  reconnected = this.#guarded(() => {
    for (const routing of this.#both) this.#perform(routing.reconnected(this.#nowMs))
  })

  /** W4: to be called once no further requests come. */
  async drain(): Promise<void> {
    const { timers } = this.#parts
    this.#perform(this.#polls.expireEverything())
    const untilMs = this.#nowMs + DRAIN_MS_MAX
    while (this.#isBusy && this.#nowMs < untilMs) await pause(timers, DRAIN_POLL_MS)
    this.#perform(this.#routing.expireEverything())
    this.#cancelTick()
  }

  get #both(): readonly Routing<Origin>[] {
    return [this.#routing, this.#polls]
  }

  get #isBusy(): boolean {
    return this.#routing.keptCount > 0 || this.#fanOuts.size > 0
  }

  get #nowMs(): number {
    return this.#parts.clock.monotonicMs()
  }

  get #replyBytesMax(): number {
    return Math.min(limits.REPLY_BYTES_MAX, this.#parts.outbox.payloadBytesMax - limits.PAYLOAD_OVERHEAD_BYTES)
  }

  /** W1. */
  #guarded<Message = void>(handle: (message: Message) => void): (message: Message) => void {
    return (message) => {
      try {
        handle(message)
      } catch (error) {
        this.#figures.count('failures')
        this.#parts.logger.error('a message failed', { error })
      }
    }
  }

  #scheduleTick(): void {
    const tick = this.#guarded(() => {
      for (const routing of this.#both) this.#perform(routing.tick(this.#nowMs))
    })
    this.#cancelTick = this.#parts.timers.after(
      TICK_MS,
      () => {
        tick()
        this.#scheduleTick()
      },
      { background: true },
    )
  }

  #drop(reason: 'noReply' | 'foreignInbox', subject: string, reply: string | undefined): void {
    this.#figures.count(reason === 'noReply' ? 'droppedNoReply' : 'droppedForeignInbox')
    const skipped = reason === 'noReply' ? undefined : this.#foreignInboxes.take()
    if (skipped === undefined) return
    const shown = { subject: subject.slice(0, SUBJECT_SHOWN_MAX), reply: (reply ?? '').slice(0, SUBJECT_SHOWN_MAX) }
    this.#parts.logger.warn('a request names an inbox that is not its tenant’s', { ...shown, skipped })
  }

  /** W6. */
  #charge(request: AdmittedRequest, trace: TraceContext | undefined): void {
    const refusal = this.#quotas.charge(request, this.#polls.keptCountOf(request.tenant), this.#nowMs)
    if (refusal === undefined) this.#route(request, trace)
    else this.#answers.refuse(request, refusal)
  }

  #route(admitted: AdmittedRequest, trace: TraceContext | undefined): void {
    const { plan, operation, reply, encoding } = admitted
    const span = routeSpan(this.#parts.tracer ?? silentTracer, admitted, trace)
    // The bytes are a view into what the connection received in one go, which would be kept with them.
    const own = { ...admitted, body: new Uint8Array(admitted.body), span }
    const deadlineMs = this.#nowMs + admitted.timeoutMs + GRACE_MS
    if (plan.kind === 'forward')
      this.#forward(own, plan.target, deadlineMs, { kind: 'client', operation, reply, encoding, span })
    else this.#forward(own, { kind: 'everyShard' }, deadlineMs, { kind: 'everyShard', admitted: own })
  }

  #forward(admitted: AdmittedRequest, target: Target, deadlineMs: number, origin: Origin): void {
    const { requestId, tenant, operation, isWrite, isPoll, body, followers } = admitted
    const routing = isPoll ? this.#polls : this.#routing
    const request = { requestId, tenant, operation, isWrite, target, body, deadlineMs, origin }
    this.#accept(followers === undefined ? request : { ...request, followers }, routing)
  }

  #forwardByName(admitted: TakenRequest, name: string, deadlineMs: number): void {
    const { tenant, operation, reply, encoding, span } = admitted
    const target: Target = { kind: 'collective', collective: collectiveIdOfName(tenant, name) }
    this.#forward(admitted, target, deadlineMs, { kind: 'client', operation, reply, encoding, span })
  }

  #accept(request: RoutedRequest<Origin>, routing = this.#routing): void {
    this.#perform(routing.accept(request, this.#nowMs))
  }

  #perform(effects: readonly RoutingEffect<Origin>[]): void {
    for (const effect of effects)
      switch (effect.kind) {
        case 'forward':
          this.#figures.count(effect.again ? 'forwardedAgain' : 'forwarded')
          this.#publish(commandSubject(effect.shard, effect.epoch), effect)
          break
        case 'read':
          this.#figures.count('toFollowers')
          this.#publish(readSubject(effect.shard, effect.node), effect)
          break
        case 'spread':
          this.#spread(effect.request, effect.shards)
          break
        case 'refuse':
          this.#refuseOrigin(effect.request.origin, effect.fault)
          break
        case 'contradiction': {
          this.#figures.count('contradictions')
          const skipped = this.#contradictions.take()
          if (skipped !== undefined)
            this.#parts.logger.error('a beat contradicts an earlier one', {
              ...{ shard: effect.shard, reason: effect.reason, skipped },
            })
          break
        }
      }
  }

  /** W2. */
  #publish(
    subject: string,
    { router, number, lowest, request }: Extract<RoutingEffect<Origin>, { kind: 'forward' | 'read' }>,
  ): void {
    const { origin, tenant, operation, requestId, body } = request
    // What goes to every shard never reaches one as it is.
    if (origin.kind === 'everyShard') return
    const forwarded = encodeForwarded({ tenant, operation, requestId, router, number, lowest })
    const trace = origin.span.context
    this.#parts.outbox.publish(subject, body, {
      reply: origin.kind === 'client' ? origin.reply : origin.inbox,
      headers: [[FORWARDED_HEADER, forwarded], ...(trace === undefined ? [] : traceHeaders(trace))],
    })
    // What becomes of it there is told by whoever leads.
    if (origin.kind === 'client') origin.span.end()
  }

  #spread({ origin, deadlineMs }: RoutedRequest<Origin>, shards: number): void {
    if (origin.kind !== 'everyShard') return
    const { admitted } = origin
    this.#fanOuts.start(admitted, askedOf(admitted), { shards, deadlineMs, bytesMax: this.#replyBytesMax })
  }

  #finishFanOut(admitted: TakenRequest, deadlineMs: number, outcome: GatheringOutcome): void {
    const { plan, operation, reply, encoding, span } = admitted
    if ('fault' in outcome) this.#answers.refuse(admitted, outcome.fault)
    else if (plan.kind !== 'lookUp') {
      const arrivedMs = deadlineMs - GRACE_MS - admitted.timeoutMs
      const durationMs = this.#nowMs - arrivedMs
      this.#answers.result(admitted, outcome.result, { bytesMax: this.#replyBytesMax, durationMs })
    } else {
      const found = outcome.result.collective as { readonly id: string } | undefined
      if (found === undefined) this.#forwardByName(admitted, plan.name, deadlineMs)
      else {
        const target: Target = { kind: 'collective', collective: found.id as never }
        this.#forward(admitted, target, deadlineMs, { kind: 'client', operation, reply, encoding, span })
      }
    }
  }

  #answerOperator(asker: Asker, operation: StateName): void {
    this.#orRefuse(asker, () => {
      const result = this.#operators.answer(operation)
      this.#answers.result(asker, result, { bytesMax: this.#replyBytesMax })
    })
  }

  #passOn(command: AdmittedCommand): void {
    const { operation, reply, body } = command
    this.#orRefuse(command, () => {
      const subject = this.#operators.subjectOf(command)
      this.#figures.count('passedOn')
      this.#parts.outbox.publish(subject, body, { reply, headers: [[OPERATOR_HEADER, operation]] })
    })
  }

  #orRefuse(asker: Asker, act: () => void): void {
    try {
      act()
    } catch (error) {
      if (!isFault(error)) throw error
      this.#answers.refuse(asker, error)
    }
  }

  #refuseOrigin(origin: Origin, reason: Fault): void {
    if (origin.kind === 'part') this.#fanOuts.refused(origin, reason)
    else this.#answers.refuse(origin.kind === 'client' ? origin : origin.admitted, reason)
  }
}

const SUBJECT_SHOWN_MAX = 128

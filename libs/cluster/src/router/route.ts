/** One shard as a router sees it: its leader, and what is kept for it. Time comes in, effects go out. */
import type { Generation, RouterId, ShardBeat } from '@waggle/protocol'
import { Ledger, type Answered, type Forward, type LedgerManner } from './ledger.ts'
import type { RoutedRequest, RoutingEffect } from './routed-request.ts'
import { beatEvent, initialRoute, stepRoute, type RouteEvent, type RouteState, type RouteStep } from './route-state.ts'

/** What happened, and which requests are kept no longer. */
export interface RouteOutcome<Origin> {
  readonly effects: readonly RoutingEffect<Origin>[]
  readonly settled: readonly RoutedRequest<Origin>[]
}

export class Route<Origin> {
  readonly shard: number
  readonly ledger: Ledger<Origin>
  readonly #router: RouterId
  #state: RouteState = initialRoute
  #lastBeat: ShardBeat | undefined

  constructor(shard: number, router: RouterId, manner: LedgerManner) {
    this.shard = shard
    this.#router = router
    this.ledger = new Ledger(manner)
  }

  get isLed(): boolean {
    return this.#state.kind === 'led'
  }

  /** Of the log that the newest leader writes. */
  get generation(): Generation | undefined {
    return this.#lastBeat?.generation
  }

  /** The newest beat of the newest epoch. */
  get lastBeat(): ShardBeat | undefined {
    return this.#lastBeat
  }

  /** From here on it is kept. */
  accept(request: RoutedRequest<Origin>, nowMs: number): readonly RoutingEffect<Origin>[] {
    const { forward } = this.#step({ kind: 'request' })
    if (forward === 'request') return this.#published([this.ledger.forward(request, nowMs)])
    this.ledger.park(request)
    return []
  }

  beat(beat: ShardBeat, nowMs: number): RouteOutcome<Origin> {
    const event = beatEvent(this.#state, beat)
    const step = this.#step(event)
    if (step.contradiction) return this.#contradiction(`epoch ${beat.epoch.sequence} has two leaders`)
    if (!step.settle) return { effects: [], settled: [] }
    this.#lastBeat = beat
    const said = this.#saidBy(beat)
    const isBeyond = said !== undefined && said.answered > this.ledger.next
    const settled = said === undefined || isBeyond ? [] : this.ledger.settle(said)
    const effects = this.#published(this.#toForward(step, said, nowMs))
    if (!isBeyond) return { settled, effects }
    const contradiction = this.#contradiction(`number ${said.answered - 1} was answered and never given`)
    return { settled, effects: [...contradiction.effects, ...effects] }
  }

  tick(elapsedMs: number): void {
    this.#step({ kind: 'tick', elapsedMs })
  }

  /** What was published while there was no connection is lost. */
  reconnected(nowMs: number): readonly RoutingEffect<Origin>[] {
    return this.#published(this.#toForward(this.#step({ kind: 'reconnected' }), undefined, nowMs))
  }

  #step(event: RouteEvent): RouteStep {
    const step = stepRoute(this.#state, event)
    this.#state = step.state
    return step
  }

  #saidBy({ answered, open }: ShardBeat): Answered | undefined {
    const below = answered[this.#router]
    return below === undefined ? undefined : { answered: below, open: open?.[this.#router] ?? [] }
  }

  #toForward({ forward }: RouteStep, said: Answered | undefined, nowMs: number): readonly Forward<Origin>[] {
    if (forward === 'everything') return this.ledger.forwardEverything(nowMs)
    return forward === 'overdue' ? this.ledger.forwardOverdue(said, nowMs) : []
  }

  #published(forwards: readonly Forward<Origin>[]): readonly RoutingEffect<Origin>[] {
    const state = this.#state
    if (forwards.length === 0 || state.kind !== 'led') return []
    const to = { kind: 'forward', shard: this.shard, epoch: state.epoch.sequence, router: this.#router } as const
    const { lowest } = this.ledger
    return forwards.map((forward) => ({ ...to, lowest, ...forward }))
  }

  #contradiction(reason: string): RouteOutcome<Origin> {
    return { effects: [{ kind: 'contradiction', shard: this.shard, reason }], settled: [] }
  }
}

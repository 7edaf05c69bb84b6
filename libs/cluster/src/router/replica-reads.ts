/**
 * The followers of one shard, and the reads that they are asked. Time comes in, and what is to be done goes out.
 *
 * B1  A follower is asked only while it says that it serves, was heard lately, and follows the log that the leader
 *     writes. Whether it can answer is its own judgement: a token that it has not reached makes it wait (P5).
 * B2  Those who may answer are asked in turn, the leader among them. One whose log is damaged may be far behind: it is
 *     asked only where nobody else can be.
 * B3  What a follower was asked is kept until its beat says that it was answered. Once it falls silent, serves no more,
 *     is another process by now, or takes too long, and after the connection was lost, the leader is asked instead, in
 *     the order in which the requests came. The follower may answer all the same: a read can be answered twice.
 * B4  Numbers only rise, also for a follower that was forgotten and is heard again: it may remember this router.
 */
import type { Generation, ReplicaBeat, RouterId } from '@waggle/protocol'
import { Ledger, requestManner, type Answered } from './ledger.ts'
import { FOLLOWERS_MAX, ROSTER_MS, SILENCE_MS } from './limits.ts'
import type { RoutedRequest, RoutingEffect } from './routed-request.ts'

interface Follower<Origin> {
  /** The newest of this process. */
  beat: ReplicaBeat
  silentMs: number
  readonly ledger: Ledger<Origin>
}

/** What a beat made of the requests that were sent to a follower. */
export interface ReplicaOutcome<Origin> {
  readonly settled: readonly RoutedRequest<Origin>[]
  /** B3: for the leader, and still to be kept. */
  readonly handedOver: readonly RoutedRequest<Origin>[]
}

/** The leader, as far as it matters to its followers. */
export interface LeaderSeen {
  readonly isLed: boolean
  /** Of the log that it writes; `undefined` before the first beat of a leader. */
  readonly generation: Generation | undefined
}

export class ReplicaReads<Origin> {
  readonly #shard: number
  readonly #router: RouterId
  /** By name. */
  readonly #followers = new Map<string, Follower<Origin>>()
  /** B4: above all numbers that were given to those forgotten. */
  #first = 1
  /** B2. */
  #turn = 0

  /** @param router under which followers account for it */
  constructor(shard: number, router: RouterId) {
    this.#shard = shard
    this.#router = router
  }

  /** Requests that are kept. */
  get size(): number {
    return this.#sum(({ size }) => size)
  }

  /** What keeping them takes. */
  get bytes(): number {
    return this.#sum(({ bytes }) => bytes)
  }

  /** The newest beat of each follower that was heard lately, by name, and whether it is asked. */
  seen(leader: LeaderSeen): readonly { readonly beat: ReplicaBeat; readonly serving: boolean }[] {
    return this.#inOrder().map((follower) => ({ beat: follower.beat, serving: mayAnswer(follower, leader) }))
  }

  /** B1, B2: keeps the request and forwards it; `undefined` where it is the leader's turn, or nobody else's. */
  accept(request: RoutedRequest<Origin>, leader: LeaderSeen, nowMs: number): RoutingEffect<Origin> | undefined {
    const able = this.#inOrder().filter((follower) => mayAnswer(follower, leader) && takes(follower, request))
    const whole = able.filter(({ beat }) => beat.anyOnly !== true)
    const followers = whole.length > 0 || leader.isLed ? whole : able
    const turns = followers.length + (leader.isLed ? 1 : 0)
    if (followers.length === 0) return undefined
    this.#turn = (this.#turn + 1) % turns
    const follower = followers[this.#turn]
    if (follower === undefined) return undefined
    const { number } = follower.ledger.forward(request, nowMs)
    const { node } = follower.beat
    const { lowest } = follower.ledger
    return { kind: 'read', shard: this.#shard, node, router: this.#router, number, lowest, request }
  }

  beat(beat: ReplicaBeat, nowMs: number): ReplicaOutcome<Origin> {
    const known = this.#followers.get(beat.node)
    if (known === undefined) {
      if (this.#followers.size < FOLLOWERS_MAX)
        this.#followers.set(beat.node, { beat, silentMs: 0, ledger: new Ledger(requestManner, this.#first) })
      return nothing
    }
    const { ledger } = known
    const isSame = known.beat.pid === beat.pid && known.beat.generation === beat.generation
    known.beat = beat
    known.silentMs = 0
    // B3: what another process answered says nothing about what this one was asked.
    if (!isSame) return { settled: [], handedOver: ledger.takeAll() }
    const said = this.#saidBy(beat)
    const settled = said === undefined || said.answered > ledger.next ? [] : ledger.settle(said)
    return { settled, handedOver: beat.serving ? ledger.takeOverdue(nowMs) : ledger.takeAll() }
  }

  /** B3: what is the leader's now. */
  tick(elapsedMs: number): readonly RoutedRequest<Origin>[] {
    return this.#inOrder().flatMap((follower) => {
      follower.silentMs += elapsedMs
      if (follower.silentMs < SILENCE_MS) return []
      const handedOver = follower.ledger.takeAll()
      if (follower.silentMs >= ROSTER_MS) this.#forget(follower)
      return handedOver
    })
  }

  /** B3: what was published while there was no connection is lost. */
  reconnected(): readonly RoutedRequest<Origin>[] {
    return this.#inOrder().flatMap(({ ledger }) => ledger.takeAll())
  }

  /** True where it was still kept. */
  withdraw(request: RoutedRequest<Origin>): boolean {
    return [...this.#followers.values()].some(({ ledger }) => ledger.withdraw(request))
  }

  /** Those whose time is over. */
  expire(nowMs: number): readonly RoutedRequest<Origin>[] {
    return this.#inOrder().flatMap(({ ledger }) => ledger.expire(nowMs).map(({ request }) => request))
  }

  /** B4. */
  #forget({ beat, ledger }: Follower<Origin>): void {
    this.#followers.delete(beat.node)
    this.#first = Math.max(this.#first, ledger.next)
  }

  #saidBy({ answered, open }: ReplicaBeat): Answered | undefined {
    const below = answered[this.#router]
    return below === undefined ? undefined : { answered: below, open: open?.[this.#router] ?? [] }
  }

  #inOrder(): readonly Follower<Origin>[] {
    return [...this.#followers.values()].sort((left, right) => (left.beat.node < right.beat.node ? -1 : 1))
  }

  #sum(of: (ledger: Ledger<Origin>) => number): number {
    let sum = 0
    for (const { ledger } of this.#followers.values()) sum += of(ledger)
    return sum
  }
}

const nothing = { settled: [], handedOver: [] } as const

/** B1. */
const mayAnswer = <Origin>({ beat, silentMs }: Follower<Origin>, { generation = beat.generation }: LeaderSeen) =>
  beat.serving && silentMs < SILENCE_MS && beat.generation === generation

/** B1: one whose log is damaged has but what there is. */
const takes = <Origin>({ beat }: Follower<Origin>, { followers }: RoutedRequest<Origin>): boolean =>
  beat.anyOnly !== true || followers === 'every'

/**
 * The core of a router: which requests it keeps for which shard, and what each thing that it hears makes of them. It
 * has no clock and does no I/O: monotonic milliseconds come in, effects go out.
 *
 * T1  A request that was accepted is forwarded, kept until a leader has answered it, and forwarded again to each new
 *     leader; or its asker gets a fault at its deadline. There is no other end, but that its asker withdraws it.
 * T2  What is kept over all shards is bounded in bytes and in number; beyond, `BUSY` (P11). Of several shards none gets
 *     more than half of it: one without a leader must not take the others' room. Tenants share the whole and each
 *     shard's part (`shared-room.ts`): no one's flood takes the room of those who keep little.
 * T3  Nobody knows the number of shards before the first beat: until then requests wait without a place.
 * T4  Silence is counted in ticks, none of which counts for more than two: a router that was held up itself has not
 *     heard the beats that came meanwhile yet.
 * T5  A fault says truly whether something may have happened: only a write that was forwarded is `UNAVAILABLE`.
 * T6  A read goes to a follower where it says so (`replica-reads.ts`): one that takes any state, or carries a token of
 *     that shard. What has no such token could be shown less than its asker was told of by other ways.
 */
import {
  fault,
  limits,
  partition,
  type ReplicaBeat,
  type RouterId,
  type ShardBeat,
  type TenantId,
} from '@waggle/protocol'
import { requestManner, type LedgerManner } from './ledger.ts'
import { KEPT_BYTES_MAX, KEPT_COUNT_MAX, POLLS_BYTES_MAX, POLLS_COUNT_MAX, RETRY_AFTER_MS, TICK_MS } from './limits.ts'
import { SharedRoom } from '../quota/shared-room.ts'
import { ReplicaReads } from './replica-reads.ts'
import { sizeOf, type RoutedRequest, type RoutingEffect } from './routed-request.ts'
import { Route } from './route.ts'

export interface RoutingBounds {
  readonly keptBytesMax: number
  readonly keptCountMax: number
}

const defaultBounds: RoutingBounds = { keptBytesMax: KEPT_BYTES_MAX, keptCountMax: KEPT_COUNT_MAX }

/** Of requests that wait for changes. */
export const pollBounds: RoutingBounds = { keptBytesMax: POLLS_BYTES_MAX, keptCountMax: POLLS_COUNT_MAX }

/** What is kept, shared by tenants. */
class KeptRoom {
  readonly #bytes: SharedRoom
  readonly #count: SharedRoom

  constructor({ keptBytesMax, keptCountMax }: RoutingBounds) {
    this.#bytes = new SharedRoom(keptBytesMax)
    this.#count = new SharedRoom(keptCountMax)
  }

  get bytes(): number {
    return this.#bytes.total
  }

  get count(): number {
    return this.#count.total
  }

  countOf(tenant: TenantId): number {
    return this.#count.heldBy(tenant)
  }

  hasRoomFor(request: RoutedRequest<unknown>): boolean {
    const { tenant } = request
    return this.#count.hasRoomFor(tenant, 1) && this.#bytes.hasRoomFor(tenant, sizeOf(request))
  }

  add(request: RoutedRequest<unknown>, change: 1 | -1): void {
    this.#count.add(request.tenant, change)
    this.#bytes.add(request.tenant, change * sizeOf(request))
  }
}

type Effects<Origin> = readonly RoutingEffect<Origin>[]

/** One shard: the way to its leader, and to its followers. */
export interface ShardRoutes<Origin> {
  readonly leader: Route<Origin>
  readonly followers: ReplicaReads<Origin>
}

export class Routing<Origin> {
  readonly #router: RouterId
  readonly #bounds: RoutingBounds
  readonly #manner: LedgerManner
  #routes: readonly ShardRoutes<Origin>[] | undefined
  /** T3. */
  readonly #unplaced = new Set<RoutedRequest<Origin>>()
  readonly #kept: KeptRoom
  readonly #keptOfShards = new Map<number, KeptRoom>()
  #tickedMs: number | undefined

  constructor(router: RouterId, bounds: RoutingBounds = defaultBounds, manner: LedgerManner = requestManner) {
    this.#router = router
    this.#bounds = bounds
    this.#manner = manner
    this.#kept = new KeptRoom(bounds)
  }

  /** `undefined` before the first beat. */
  get shards(): number | undefined {
    return this.#routes?.length
  }

  get routes(): readonly ShardRoutes<Origin>[] {
    return this.#routes ?? []
  }

  get keptBytes(): number {
    return this.#kept.bytes
  }

  get keptCount(): number {
    return this.#kept.count
  }

  keptCountOf(tenant: TenantId): number {
    return this.#kept.countOf(tenant)
  }

  accept(request: RoutedRequest<Origin>, nowMs: number): Effects<Origin> {
    const { shards } = this
    if (request.target.kind === 'everyShard' && shards !== undefined) return [{ kind: 'spread', shards, request }]
    if (!this.#hasRoomFor(request)) return [{ kind: 'refuse', request, fault: busy(this.keptCount) }]
    this.#count(request, 1)
    if (shards !== undefined) return this.#place(request, shards, nowMs)
    this.#unplaced.add(request)
    return []
  }

  beat(beat: ShardBeat, nowMs: number): Effects<Origin> {
    return this.#heard(beat, nowMs, ({ leader }) => {
      const { effects, settled } = leader.beat(beat, nowMs)
      for (const request of settled) this.#release(request)
      return effects
    })
  }

  /** T6. */
  replicaBeat(beat: ReplicaBeat, nowMs: number): Effects<Origin> {
    return this.#heard(beat, nowMs, ({ leader, followers }) => {
      const { settled, handedOver } = followers.beat(beat, nowMs)
      for (const request of settled) this.#release(request)
      return handOver(leader, handedOver, nowMs)
    })
  }

  /** To be called every `TICK_MS`. */
  tick(nowMs: number): Effects<Origin> {
    const elapsedMs = Math.min(nowMs - (this.#tickedMs ?? nowMs), 2 * TICK_MS)
    this.#tickedMs = nowMs
    const handed = this.routes.flatMap(({ leader, followers }) => {
      leader.tick(elapsedMs)
      return handOver(leader, followers.tick(elapsedMs), nowMs)
    })
    return [...handed, ...this.#expire(nowMs)]
  }

  reconnected(nowMs: number): Effects<Origin> {
    return this.routes.flatMap(({ leader, followers }) => [
      ...leader.reconnected(nowMs),
      ...handOver(leader, followers.reconnected(), nowMs),
    ])
  }

  /** Its asker has its answer, or wants none any more. */
  withdraw(request: RoutedRequest<Origin>): void {
    const routes = this.#routesOf(request.target)
    const isKept =
      this.#unplaced.delete(request) ||
      routes?.leader.ledger.withdraw(request) === true ||
      routes?.followers.withdraw(request) === true
    if (isKept) this.#release(request)
  }

  /** Everything that is kept gets its fault now: the router leaves. */
  expireEverything(): Effects<Origin> {
    return this.#expire(Infinity)
  }

  /** T2. */
  #hasRoomFor(request: RoutedRequest<Origin>): boolean {
    return this.#roomsFor(request).every((room) => room.hasRoomFor(request))
  }

  #roomsFor(request: RoutedRequest<Origin>): readonly KeptRoom[] {
    const ofShard = this.#shardRoomFor(request)
    return ofShard === undefined ? [this.#kept] : [this.#kept, ofShard]
  }

  /** `undefined` where its shard is not known, or the only one. */
  #shardRoomFor({ target }: RoutedRequest<Origin>): KeptRoom | undefined {
    const shard = this.#routesOf(target)?.leader.shard
    if (shard === undefined || this.shards === 1) return undefined
    const known = this.#keptOfShards.get(shard)
    if (known !== undefined) return known
    const { keptBytesMax, keptCountMax } = this.#bounds
    const made = new KeptRoom({ keptBytesMax: keptBytesMax / 2, keptCountMax: keptCountMax / 2 })
    this.#keptOfShards.set(shard, made)
    return made
  }

  #heard(
    { shard, shards }: ShardBeat | ReplicaBeat,
    nowMs: number,
    take: (routes: ShardRoutes<Origin>) => Effects<Origin>,
  ): Effects<Origin> {
    if (shards > limits.SHARDS_MAX || (this.shards ?? shards) !== shards)
      return [{ kind: 'contradiction', shard, reason: `${shards} shards instead of ${this.shards ?? 'fewer'}` }]
    const placed = this.#learn(shards, nowMs)
    const routes = this.#routes?.[shard]
    return routes === undefined ? placed : [...placed, ...take(routes)]
  }

  #learn(shards: number, nowMs: number): Effects<Origin> {
    if (this.#routes !== undefined) return []
    this.#routes = Array.from({ length: shards }, (_, shard) => ({
      leader: new Route<Origin>(shard, this.#router, this.#manner),
      followers: new ReplicaReads<Origin>(shard, this.#router),
    }))
    const waiting = [...this.#unplaced]
    this.#unplaced.clear()
    for (const request of waiting) this.#shardRoomFor(request)?.add(request, 1)
    return waiting.flatMap((request) => this.#place(request, shards, nowMs))
  }

  #place(request: RoutedRequest<Origin>, shards: number, nowMs: number): Effects<Origin> {
    const routes = this.#routesOf(request.target)
    if (routes === undefined) {
      this.#release(request)
      return [{ kind: 'spread', shards, request }]
    }
    const { leader, followers } = routes
    const read = mayFollow(request, leader.shard) ? followers.accept(request, leader, nowMs) : undefined
    return read === undefined ? leader.accept(request, nowMs) : [read]
  }

  #routesOf(target: RoutedRequest<Origin>['target']): ShardRoutes<Origin> | undefined {
    if (this.#routes === undefined || target.kind === 'everyShard') return undefined
    return this.#routes[target.kind === 'shard' ? target.shard : partition(target.collective, this.#routes.length)]
  }

  #release(request: RoutedRequest<Origin>): void {
    this.#count(request, -1)
  }

  #count(request: RoutedRequest<Origin>, change: 1 | -1): void {
    for (const room of this.#roomsFor(request)) room.add(request, change)
  }

  /** T1, T5. */
  #expire(nowMs: number): Effects<Origin> {
    const effects: RoutingEffect<Origin>[] = []
    const refuse = (request: RoutedRequest<Origin>, reason: ReturnType<typeof unanswered>) => {
      this.#release(request)
      effects.push({ kind: 'refuse', request, fault: reason })
    }
    for (const request of this.#unplaced)
      if (nowMs >= request.deadlineMs) {
        this.#unplaced.delete(request)
        refuse(request, noShards())
      }
    for (const { leader, followers } of this.routes) {
      const { shard } = leader
      for (const { request, wasForwarded } of leader.ledger.expire(nowMs))
        refuse(request, wasForwarded ? unanswered(shard, request.isWrite) : leaderless(shard))
      for (const request of followers.expire(nowMs)) refuse(request, unanswered(shard, request.isWrite))
    }
    return effects
  }
}

/** T6. */
const mayFollow = <Origin>({ followers }: RoutedRequest<Origin>, shard: number): boolean =>
  followers === 'every' || followers?.has(shard) === true

const handOver = <Origin>(
  leader: Route<Origin>,
  requests: readonly RoutedRequest<Origin>[],
  nowMs: number,
): Effects<Origin> => requests.flatMap((request) => leader.accept(request, nowMs))

/** T2. */
const busy = (count: number) =>
  fault(
    'BUSY',
    `the router keeps as many requests as it may count=${count}`,
    { count },
    { retryAfterMs: RETRY_AFTER_MS },
  )

export const noShards = () => fault('SHARD_NOT_READY', 'no shard of this cluster was heard of yet')

const leaderless = (shard: number) => fault('SHARD_NOT_READY', `the shard has no leader shard=${shard}`, { shard })

const unanswered = (shard: number, isWrite: boolean) =>
  isWrite
    ? fault('UNAVAILABLE', `the leader of the shard did not answer in time shard=${shard}`, { shard })
    : fault('SHARD_NOT_READY', `the leader of the shard did not answer in time shard=${shard}`, { shard })

import { DEFAULT_TENANT } from '@waggle/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { KEPT_OVERHEAD_BYTES, OVERDUE_MS, SILENCE_MS, TICK_MS } from './limits.ts'
import type { RoutedRequest, RoutingEffect } from './routed-request.ts'
import { Routing } from './routing.ts'
import { sampleBeat, sampleId, sampleReplicaBeat } from '../testing/sample-beat.ts'

const router = sampleId(77)
const SHARDS = 2
const bounds = { keptBytesMax: 12 * KEPT_OVERHEAD_BYTES, keptCountMax: 10 }

const shard = fc.nat(SHARDS - 1)

const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      ...{ kind: fc.constant('ask' as const), shard, bytes: fc.nat(600), patienceMs: fc.nat(6_000) },
      mayFollow: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('beat' as const),
      shard,
      epoch: fc.integer({ min: 1, max: 6 }),
      leading: fc.boolean(),
      /** Of the numbers given so far. */
      answered: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
      open: fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 3 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      ...{ kind: fc.constant('replicaBeat' as const), shard, node: fc.constantFrom('a', 'b') },
      pid: fc.constantFrom(1, 1, 1, 2),
      serving: fc.constantFrom(true, true, true, false),
      answered: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
      open: fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 2 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), ticks: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reconnected' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), which: fc.nat(20) }) },
)

interface Answered {
  readonly answered: number
  readonly open: readonly number[]
}

interface Asked {
  readonly request: RoutedRequest<number>
  readonly shard: number
  number?: number
  /** As long as a follower is asked. */
  at?: { readonly follower: Follower; readonly number: number; readonly sinceMs: number } | undefined
  end?: 'answered' | 'refused' | 'withdrawn'
}

interface Follower {
  pid: number
  serving: boolean
  silentMs: number
  next: number
}

/** Everything that can be known of the requests from outside: each is kept until its one end. */
class Model {
  readonly routing = new Routing<number>(router, bounds)
  readonly asked: Asked[] = []
  readonly #heard = Array.from({ length: SHARDS }, () => 0)
  /** Numbers in the order of their first forward, by shard and epoch. */
  readonly #order = new Map<string, number[]>()
  readonly #next = Array.from({ length: SHARDS }, () => 1)
  readonly #followers = new Map<string, Follower>()
  nowMs = 0

  constructor() {
    // Silence is counted from the first tick on.
    this.routing.tick(0)
  }

  get kept(): Asked[] {
    return this.asked.filter(({ end }) => end === undefined)
  }

  take(effects: readonly RoutingEffect<number>[]): void {
    for (const effect of effects)
      if (effect.kind === 'forward') this.#takeForward(effect)
      else if (effect.kind === 'read') this.#takeRead(effect)
      else if (effect.kind === 'refuse') {
        const asked = this.asked[effect.request.origin]!
        expect(asked.end, 'a request ends once').toBeUndefined()
        asked.end = 'refused'
        const wasForwarded = asked.number !== undefined
        if (effect.fault.code !== 'BUSY') {
          expect(this.nowMs).toBeGreaterThanOrEqual(asked.request.deadlineMs)
          expect(effect.fault.code).toBe(wasForwarded && asked.request.isWrite ? 'UNAVAILABLE' : 'SHARD_NOT_READY')
        } else expect(wasForwarded).toBe(false)
      }
  }

  #takeForward({
    shard: to,
    epoch,
    number,
    lowest,
    request,
    again,
  }: Extract<RoutingEffect<number>, { kind: 'forward' }>) {
    const asked = this.asked[request.origin]!
    expect(asked.end, 'what has ended is not forwarded').toBeUndefined()
    expect(asked.at, 'one is asked at a time').toBeUndefined()
    expect(to).toBe(asked.shard)
    expect(epoch, 'only to the newest leader').toBe(this.#heard[to])
    expect(again).toBe(asked.number !== undefined)
    if (asked.number === undefined) {
      expect(number, 'numbers have no gaps').toBe(this.#next[to])
      this.#next[to]! += 1
      asked.number = number
    }
    expect(number, 'a number is kept').toBe(asked.number)
    expect(lowest).toBeLessThanOrEqual(number)
    const open = this.kept.filter((other) => other.shard === to && other.number !== undefined)
    for (const other of open) expect(lowest, 'nothing that is kept lies below').toBeLessThanOrEqual(other.number!)
    const order = this.#order.get(`${to}.${epoch}`) ?? []
    if (!order.includes(number)) {
      expect(number, 'in order within an epoch').toBeGreaterThan(order.at(-1) ?? 0)
      this.#order.set(`${to}.${epoch}`, [...order, number])
    }
  }

  /** B1, B4. */
  #takeRead({ shard: to, node, number, lowest, request }: Extract<RoutingEffect<number>, { kind: 'read' }>) {
    const asked = this.asked[request.origin]!
    const follower = this.#followers.get(`${to}.${node}`)!
    expect(asked.end ?? asked.at ?? asked.number, 'followers are asked first, or never').toBeUndefined()
    expect([to, request.isWrite, request.followers]).toEqual([asked.shard, false, 'every'])
    expect(follower).toMatchObject({ serving: true, next: number })
    expect(follower.silentMs).toBeLessThan(SILENCE_MS)
    follower.next += 1
    asked.at = { follower, number, sinceMs: this.nowMs }
    const numbers = this.kept.flatMap(({ at }) => (at?.follower === follower ? [at.number] : []))
    expect(lowest).toBe(Math.min(...numbers))
  }

  /** B3: those who are asked no longer, for the leader from now on. */
  #handOver(is: (at: NonNullable<Asked['at']>) => boolean): void {
    for (const asked of this.kept) if (asked.at !== undefined && is(asked.at)) asked.at = undefined
  }

  replicaBeat(fields: { shard: number; node: string; pid: number; serving: boolean }, said?: Answered): void {
    const { shard: of, node, pid, serving } = fields
    const name = `${of}.${node}`
    const follower = this.#followers.get(name) ?? { pid, serving, silentMs: 0, next: 1 }
    this.#followers.set(name, follower)
    const isSame = follower.pid === pid
    Object.assign(follower, { pid, serving, silentMs: 0 })
    if (isSame && said !== undefined && said.answered <= follower.next)
      for (const asked of this.kept)
        if (asked.at?.follower === follower && asked.at.number < said.answered && !said.open.includes(asked.at.number))
          asked.end = 'answered'
    this.#handOver((at) => {
      if (at.follower !== follower) return false
      return !isSame || !serving || this.nowMs - at.sinceMs > OVERDUE_MS
    })
    const account = said === undefined ? {} : { answered: { [router]: said.answered }, open: { [router]: said.open } }
    this.take(this.routing.replicaBeat(sampleReplicaBeat({ ...fields, shards: SHARDS, ...account }), this.nowMs))
  }

  tick(): void {
    this.nowMs += TICK_MS
    for (const follower of this.#followers.values()) follower.silentMs += TICK_MS
    this.#handOver(({ follower }) => follower.silentMs >= SILENCE_MS)
    this.take(this.routing.tick(this.nowMs))
  }

  reconnected(): void {
    this.#handOver(() => true)
    this.take(this.routing.reconnected(this.nowMs))
  }

  beat(of: number, epoch: number, leading: boolean, answered: number | undefined, open: readonly number[]): void {
    const beat = sampleBeat({
      ...{ epoch, leading, shard: of, shards: SHARDS },
      answered: answered === undefined ? {} : { [router]: answered },
      open: { [router]: open },
    })
    if (epoch >= this.#heard[of]!) {
      this.#heard[of] = epoch
      if (answered !== undefined && answered <= this.#next[of]!)
        for (const asked of this.kept)
          if (
            asked.shard === of &&
            asked.number !== undefined &&
            asked.number < answered &&
            !open.includes(asked.number)
          )
            asked.end = 'answered'
    }
    this.take(this.routing.beat(beat, this.nowMs))
  }
}

const run = (model: Model, step: typeof action extends fc.Arbitrary<infer A> ? A : never): void => {
  switch (step.kind) {
    case 'ask': {
      const request: RoutedRequest<number> = {
        ...{ requestId: sampleId(1), tenant: DEFAULT_TENANT, operation: 'experience.record' },
        ...{ isWrite: !step.mayFollow && step.bytes % 2 === 0, target: { kind: 'shard', shard: step.shard } },
        ...{ body: new Uint8Array(step.bytes), deadlineMs: model.nowMs + step.patienceMs, origin: model.asked.length },
        ...(step.mayFollow ? { followers: 'every' } : {}),
      }
      model.asked.push({ request, shard: step.shard })
      model.take(model.routing.accept(request, model.nowMs))
      break
    }
    case 'beat':
      model.beat(step.shard, step.epoch, step.leading, step.answered, step.open)
      break
    case 'wait':
      for (let tick = 0; tick < step.ticks; tick += 1) {
        model.tick()
        for (const { request } of model.kept) expect(request.deadlineMs, 'expires in time').toBeGreaterThan(model.nowMs)
      }
      break
    case 'reconnected':
      model.reconnected()
      break
    case 'replicaBeat': {
      const { answered, open, kind: _, ...fields } = step
      model.replicaBeat(fields, answered === undefined ? undefined : { answered, open })
      break
    }
    case 'withdraw': {
      const asked = model.asked[step.which]
      if (asked === undefined) break
      asked.end ??= 'withdrawn'
      model.routing.withdraw(asked.request)
      break
    }
  }
}

it('T1 T2 T5 T6 B1 B3 B4 G1 G2 G3 whatever comes in whatever order, each request is kept until its one end', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 80 }), (steps) => {
      const model = new Model()
      for (const step of steps) {
        run(model, step)
        const { kept, routing } = model
        expect(routing.keptCount).toBe(kept.length)
        expect(routing.keptBytes).toBe(
          kept.reduce((sum, { request }) => sum + request.body.length + KEPT_OVERHEAD_BYTES, 0),
        )
        expect(routing.keptBytes).toBeLessThanOrEqual(bounds.keptBytesMax)
        expect(routing.keptCount).toBeLessThanOrEqual(bounds.keptCountMax)
        const atFollowers = routing.routes.reduce((sum, { followers }) => sum + followers.size, 0)
        expect(atFollowers, 'B3').toBe(kept.filter(({ at }) => at !== undefined).length)
        const perShard = routing.routes.map(({ leader, followers }) => leader.ledger.bytes + followers.bytes)
        if (routing.shards !== undefined) expect(perShard.reduce((sum, bytes) => sum + bytes)).toBe(routing.keptBytes)
      }
      model.nowMs = Infinity
      model.take(model.routing.expireEverything())
      expect(model.kept).toEqual([])
      expect([model.routing.keptCount, model.routing.keptBytes]).toEqual([0, 0])
    }),
    { numRuns: 500 },
  )
})

it('T1 once a leader stays and answers, everything that is kept comes to it and is forgotten', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (steps) => {
      const model = new Model()
      for (const step of steps) run(model, step)
      // B3: followers that fall silent hand over what they have.
      model.reconnected()
      for (let of = 0; of < SHARDS; of += 1) {
        model.beat(of, 7, true, undefined, [])
        const given = model.asked.filter((asked) => asked.shard === of).map(({ number }) => number ?? 0)
        model.beat(of, 7, true, Math.max(0, ...given) + 1, [])
      }
      expect(model.kept).toEqual([])
      expect(model.routing.keptBytes).toBe(0)
    }),
    { numRuns: 300 },
  )
})

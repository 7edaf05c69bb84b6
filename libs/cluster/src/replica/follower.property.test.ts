/**
 * Two replicas of one shard that lead in turn, while what each hears of the log as a follower is lost, doubled, late
 * and out of order: in the end both hold the same bytes, and so does a rebuild from the log.
 */
import { MemoryStream, openTestEngine, type TestEngine } from '@waggle/engine/testing'
import { silentLogger } from '@waggle/kernel'
import { manualClock, seededRandom, type ManualClock } from '@waggle/kernel/testing'
import { generationFrom } from '@waggle/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BusMessage } from '../nats/bus.ts'
import { headersOf } from '../nats/headers.ts'
import { Follower } from './follower.ts'
import type { Replica } from './replica.ts'

const STREAM = 'WAGGLE_0_test'
const LIVE = 'live.0'
const COLLECTIVE = 'c0111ec7-0000-7000-8000-000000000001'

/** What the servers repeat, on its way to one follower. */
class Wire {
  #listener: ((message: BusMessage) => void) | undefined

  readonly connection = {
    subscribe: (_: string, { callback }: { callback: (error: Error | null, message: BusMessage) => void }) => {
      this.#listener = (message) => callback(null, message)
      return { unsubscribe: () => (this.#listener = undefined) }
    },
  } as never

  bring(sequence: number, data: Uint8Array, stream = STREAM): void {
    const headers = headersOf([
      ['Nats-Stream', stream],
      ['Nats-Sequence', String(sequence)],
    ])
    this.#listener?.({ subject: LIVE, data, headers })
  }
}

class Member {
  readonly follower: Follower
  readonly test: TestEngine
  readonly wire = new Wire()
  readonly failures: unknown[] = []
  /** Readings of the log that fail, one after the other. */
  unreachable = 0
  readings = 0

  private constructor(opened: TestEngine, clock: ManualClock) {
    this.test = opened
    const { engine } = opened
    this.follower = new Follower({
      replica: {
        ...{ engine, shardLog: { stream: STREAM, liveSubject: LIVE, shard: 0 } },
        catchUp: async () => {
          this.readings += 1
          if (this.unreachable > 0) {
            this.unreachable -= 1
            throw new Error('nobody answers')
          }
          await engine.catchUp()
        },
      } as unknown as Replica,
      access: { connection: this.wire.connection },
      ...{ clock, logger: silentLogger },
      onFailed: (error) => this.failures.push(error),
    })
  }

  static async open(stream: MemoryStream, clock: ManualClock, seed: number): Promise<Member> {
    return new Member(await openTestEngine({ stream, clock, seed, fence: 'log', lead: false }), clock)
  }

  get applied(): number {
    return this.test.engine.position.applied
  }
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

class Pair {
  readonly stream = new MemoryStream(generationFrom(seededRandom(1).bytes(8)))
  readonly clock = manualClock()
  #members!: readonly [Member, Member]
  #leads = 0
  #wrote = 0
  /** Records that were stored and not brought to the follower. */
  #onTheirWay: number[] = []

  static async open(): Promise<Pair> {
    const pair = new Pair()
    pair.#members = [await Member.open(pair.stream, pair.clock, 1), await Member.open(pair.stream, pair.clock, 2)]
    await pair.leader.test.engine.lead()
    pair.follower.follower.follow()
    await pair.leader.test.call('collective.create', { id: COLLECTIVE, name: 'bees', dimension: 2 })
    return pair
  }

  get leader(): Member {
    return this.#members[this.#leads] as Member
  }

  get follower(): Member {
    return this.#members[1 - this.#leads] as Member
  }

  async write(): Promise<void> {
    this.#wrote += 1
    const before = this.stream.bounds().last
    await this.leader.test.call('experience.record', {
      ...{ collective: COLLECTIVE, content: `n ${this.#wrote}`, embedding: [this.#wrote, 1] },
    })
    for (let sequence = before + 1; sequence <= this.stream.bounds().last; sequence += 1)
      this.#onTheirWay.push(sequence)
  }

  /** The first, or one behind it, arrives; it stays where it may come once more. */
  bring(pick: number, { twice }: { readonly twice: boolean }): void {
    const [sequence] = this.#onTheirWay.splice(pick % Math.max(1, this.#onTheirWay.length), 1)
    if (sequence === undefined) return
    if (twice) this.#onTheirWay.push(sequence)
    this.follower.wire.bring(sequence, this.stream.at(sequence) as Uint8Array)
  }

  lose(pick: number): void {
    this.#onTheirWay.splice(pick % Math.max(1, this.#onTheirWay.length), 1)
  }

  tick(elapsedMs: number): void {
    this.clock.advance(elapsedMs)
    for (const { follower } of this.#members) follower.tick()
  }

  /** The follower takes over as it stands; whoever led follows. */
  async swap(): Promise<void> {
    const { leader, follower } = this
    await follower.follower.catchUp()
    await follower.test.engine.lead()
    await leader.test.engine.stepDown()
    leader.follower.follow()
    this.#leads = 1 - this.#leads
  }

  /** Nothing more is lost. */
  async settle(): Promise<void> {
    for (let round = 0; this.follower.applied < this.stream.bounds().last; round += 1) {
      if (round > 200) throw new Error(`never caught up: ${this.follower.applied} of ${this.stream.bounds().last}`)
      this.tick(250)
      await turns(2)
    }
  }
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('write' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('bring' as const), pick: fc.nat(3), twice: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('lose' as const), pick: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('tick' as const), elapsedMs: fc.constantFrom(250, 5_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('break' as const), times: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('swap' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('turns' as const), count: fc.nat(4) }) },
)

const perform = async (pair: Pair, one: typeof step extends fc.Arbitrary<infer Step> ? Step : never): Promise<void> => {
  switch (one.kind) {
    case 'write':
      return pair.write()
    case 'bring': {
      pair.bring(one.pick, one)
      return
    }
    case 'lose': {
      pair.lose(one.pick)
      return
    }
    case 'tick': {
      pair.tick(one.elapsedMs)
      return
    }
    case 'break':
      pair.follower.unreachable = one.times
      return
    case 'swap':
      pair.follower.unreachable = 0
      return pair.swap()
    case 'turns':
      return turns(one.count)
  }
}

describe('replicas that follow', () => {
  test('P1 P8 B1 B2 whatever is lost on the way, both hold the same bytes in the end', { timeout: 120_000 }, () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        const pair = await Pair.open()
        for (const one of steps) await perform(pair, one)
        await pair.settle()
        const digests = await Promise.all([pair.leader, pair.follower].map(({ test: { engine } }) => engine.digest()))
        const rebuilt = await openTestEngine({ stream: pair.stream, fence: 'log', lead: false })
        expect(digests[0]).toEqual(await rebuilt.engine.digest())
        expect(digests[1]).toEqual(digests[0])
        expect([pair.leader, pair.follower].flatMap(({ failures }) => failures)).toEqual([])
      }),
      { numRuns: 60, seed: 7 },
    ),
  )

  test('E2 what is heard in order costs no reading of the log', async () => {
    const pair = await Pair.open()
    await pair.settle()
    const { readings } = pair.follower
    for (let n = 0; n < 50; n += 1) {
      await pair.write()
      pair.bring(0, { twice: false })
      pair.tick(100)
      await turns(2)
    }
    expect(pair.follower.applied).toBe(pair.stream.bounds().last)
    expect(pair.follower.readings).toBe(readings)
    expect(pair.follower.follower.isNearEnd).toBe(true)
  })

  test('E2 what another stream stored is not heard', async () => {
    const pair = await Pair.open()
    await pair.settle()
    const { last } = pair.stream.bounds()
    pair.follower.wire.bring(last + 1, new Uint8Array([1]), 'WAGGLE_0_other')
    pair.follower.wire.bring(0, new Uint8Array([1]))
    await turns(3)
    expect(pair.follower.applied).toBe(last)
    expect(pair.follower.failures).toEqual([])
  })

  test('L2 a log that contradicts what was applied is told, and followed no further', async () => {
    const pair = await Pair.open()
    await pair.settle()
    const { last } = pair.stream.bounds()
    const copy = pair.stream.at(last) as Uint8Array
    pair.stream.push(copy)
    pair.follower.wire.bring(last + 1, copy)
    for (let round = 0; round < 20; round += 1) {
      pair.tick(1_000)
      await turns(2)
    }
    expect(pair.follower.failures).toMatchObject([{ code: 'LOG_DIVERGED' }])
    expect(pair.follower.applied).toBe(last)
    expect(pair.follower.follower.isNearEnd).toBe(false)
  })
})

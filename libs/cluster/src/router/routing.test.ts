import { limits, partition, type ShardBeat, type TenantId } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { OVERDUE_COUNT_MAX, OVERDUE_MS, SILENCE_MS, TICK_MS } from './limits.ts'
import type { RoutedRequest, RoutingEffect } from './routed-request.ts'
import { Routing } from './routing.ts'
import { sampleBeat, sampleId, sampleReplicaBeat } from '../testing/sample-beat.ts'

const router = sampleId(77)

type Request = RoutedRequest<string>

const request = (origin: string, fields: Partial<Request> = {}): Request => ({
  ...{ requestId: sampleId(1), tenant: origin as TenantId, operation: 'experience.record', isWrite: true },
  ...{ target: { kind: 'shard', shard: 0 }, body: new Uint8Array(10), deadlineMs: 21_000, origin, ...fields },
})

const shown = (effect: RoutingEffect<string>): string => {
  switch (effect.kind) {
    case 'forward':
      return [
        `${effect.again ? 'again' : 'forward'} ${effect.request.origin}`,
        `${effect.shard}.${effect.epoch} ${effect.number}/${effect.lowest}`,
      ].join(' ')
    case 'read':
      return `read ${effect.request.origin} ${effect.shard}@${effect.node} ${effect.number}/${effect.lowest}`
    case 'refuse':
      return `${effect.fault.code} ${effect.request.origin}`
    case 'spread':
      return `spread ${effect.request.origin} ${effect.shards}`
    case 'contradiction':
      return 'contradiction'
  }
}

/** A core whose time the test moves. */
const scripted = (bounds?: { keptBytesMax: number; keptCountMax: number }) => {
  const routing = new Routing<string>(router, bounds)
  let nowMs = 0
  const run = (effects: readonly RoutingEffect<string>[]) => effects.map(shown)
  return {
    routing,
    ask: (origin: string, fields: Partial<Request> = {}) => run(routing.accept(request(origin, fields), nowMs)),
    beat: (epoch: number, fields: Partial<Omit<ShardBeat, 'epoch'>> = {}) =>
      run(routing.beat(sampleBeat({ epoch, ...fields }), nowMs)),
    answered: (number: number, open?: readonly number[]) => ({
      answered: { [router]: number },
      ...(open === undefined ? {} : { open: { [router]: open } }),
    }),
    reconnected: () => run(routing.reconnected(nowMs)),
    /** As the shell does it: in ticks. */
    wait: (durationMs: number) => {
      const seen: string[] = []
      for (const untilMs = nowMs + durationMs; nowMs < untilMs;) {
        nowMs = Math.min(nowMs + TICK_MS, untilMs)
        seen.push(...run(routing.tick(nowMs)))
      }
      return seen
    },
    /** The process did not run for so long. */
    freeze: (durationMs: number) => {
      nowMs += durationMs
      return run(routing.tick(nowMs))
    },
  }
}

describe('T1 a request', () => {
  it('is forwarded to the leader, kept until it is answered, and forgotten then', () => {
    const { routing, ask, beat, answered } = scripted()
    beat(5)
    expect(ask('a')).toEqual(['forward a 0.5 1/1'])
    expect(ask('b')).toEqual(['forward b 0.5 2/1'])
    expect(routing.keptCount).toBe(2)
    expect(beat(5, answered(2))).toEqual([])
    expect(routing.keptCount).toBe(1)
    expect(ask('c')).toEqual(['forward c 0.5 3/2'])
    beat(5, answered(4))
    expect([routing.keptCount, routing.keptBytes]).toEqual([0, 0])
  })

  it('is forwarded again to a new leader, in order and before what waited', () => {
    const { ask, beat, answered } = scripted()
    beat(5)
    for (const origin of ['a', 'b', 'c']) ask(origin)
    expect(beat(5, { leading: false, ...answered(2) })).toEqual([])
    expect(ask('d')).toEqual([])
    expect(beat(9)).toEqual(['again b 0.9 2/2', 'again c 0.9 3/2', 'forward d 0.9 4/2'])
  })

  it('is not forwarded to a leader that was deposed', () => {
    const { ask, beat } = scripted()
    beat(9)
    ask('a')
    expect(beat(5)).toEqual([])
    expect(ask('b')).toEqual(['forward b 0.9 2/1'])
  })

  it('is forwarded again to a leader that was silent', () => {
    const { ask, beat, wait } = scripted()
    beat(5)
    ask('a')
    wait(SILENCE_MS + TICK_MS)
    expect(ask('b')).toEqual([])
    expect(beat(5)).toEqual(['again a 0.5 1/1', 'forward b 0.5 2/1'])
  })

  it('is forwarded again when the connection is back', () => {
    const { ask, beat, reconnected } = scripted()
    beat(5)
    ask('a')
    expect(reconnected()).toEqual(['again a 0.5 1/1'])
  })

  it('of one shard does not wait for another', () => {
    const { ask, beat } = scripted()
    const collectives = [sampleId(1), sampleId(2), sampleId(3), sampleId(4)]
    const shards = collectives.map((collective) => partition(collective, 4))
    const led = shards[0]!
    beat(5, { shard: led, shards: 4 })
    for (const [index, collective] of collectives.entries()) {
      const forwarded = ask('a', { target: { kind: 'collective', collective } })
      expect(forwarded).toHaveLength(shards[index] === led ? 1 : 0)
    }
  })

  it('may be withdrawn', () => {
    const { routing, beat, ask } = scripted()
    const waiting = request('a')
    routing.accept(waiting, 0)
    routing.withdraw(waiting)
    expect(beat(5)).toEqual([])
    const forwarded = request('b')
    routing.accept(forwarded, 0)
    routing.withdraw(forwarded)
    routing.withdraw(forwarded)
    expect(routing.keptCount).toBe(0)
    expect(ask('c')).toEqual(['forward c 0.5 2/2'])
  })
})

describe('T1 a forward that was lost', () => {
  it('goes out again after a while, the oldest first, and each further time later', () => {
    const { ask, beat, wait, answered } = scripted()
    beat(5)
    ask('a')
    ask('b')
    const seen: number[] = []
    for (let ms = 0; ms < 8 * OVERDUE_MS; ms += 250) {
      wait(250)
      const again = beat(5, answered(1))
      if (again.length > 0) seen.push(ms + 250)
      expect(again.every((text) => text === 'again a 0.5 1/1')).toBe(true)
    }
    expect(seen).toEqual([2_250, 6_500, 14_750])
    expect(beat(5, answered(2))).toEqual(['again b 0.5 2/2'])
  })

  it('goes out again as soon to a new leader as it did to the one before', () => {
    const { ask, beat, wait, answered } = scripted()
    beat(5)
    ask('a')
    wait(1_000)
    beat(5, answered(1))
    wait(1_100)
    expect(beat(5, answered(1))).toEqual(['again a 0.5 1/1'])
    expect(beat(9)).toEqual(['again a 0.9 1/1'])
    wait(1_000)
    beat(9, answered(1))
    wait(1_100)
    expect(beat(9, answered(1))).toEqual(['again a 0.9 1/1'])
  })

  it('goes out again to a leader that does not know this router', () => {
    const { ask, beat, wait } = scripted()
    beat(5)
    ask('a')
    ask('b')
    wait(1_000)
    expect(beat(5)).toEqual([])
    wait(1_100)
    expect(beat(5)).toEqual(['again a 0.5 1/1', 'again b 0.5 2/1'])
  })

  it('goes out again when the leader says that it is open, and what it has not seen only one by one', () => {
    const { ask, beat, wait, answered } = scripted()
    beat(5)
    for (const origin of ['a', 'b', 'c', 'd', 'e']) ask(origin)
    wait(1_000)
    expect(beat(5, answered(4, [1, 3]))).toEqual([])
    wait(1_100)
    expect(beat(5, answered(4, [1, 3]))).toEqual(['again a 0.5 1/1', 'again c 0.5 3/1', 'again d 0.5 4/1'])
  })

  it('P11 brings no more than a few others at a time', () => {
    const { ask, beat, wait } = scripted()
    beat(5)
    for (let count = 0; count < 3 * OVERDUE_COUNT_MAX; count += 1) ask('a')
    wait(1_000)
    beat(5)
    wait(1_100)
    expect(beat(5)).toHaveLength(OVERDUE_COUNT_MAX)
  })
})

describe('T1 T5 at its deadline', () => {
  it('a request that waited gets SHARD_NOT_READY, also before anything was heard', () => {
    const { ask, beat, wait } = scripted()
    ask('a', { deadlineMs: 1_000 })
    expect(wait(999)).toEqual([])
    expect(wait(1)).toEqual(['SHARD_NOT_READY a'])
    beat(5, { leading: false })
    ask('b', { deadlineMs: 2_000 })
    expect(wait(1_000)).toEqual(['SHARD_NOT_READY b'])
  })

  it.each([
    [true, 'UNAVAILABLE'],
    [false, 'SHARD_NOT_READY'],
  ])('a request that was forwarded (write: %s) gets %s, also with no leader any more', (isWrite, code) => {
    const { routing, ask, beat, wait } = scripted()
    beat(5)
    ask('a', { deadlineMs: 1_000, isWrite })
    beat(5, { leading: false })
    expect(wait(1_000)).toEqual([`${code} a`])
    expect([routing.keptCount, routing.keptBytes]).toEqual([0, 0])
  })

  it('W4 everything gets its fault when the router leaves', () => {
    const { routing, ask, beat } = scripted()
    ask('unplaced', { target: { kind: 'everyShard' } })
    beat(5, { shard: 1, shards: 2 })
    ask('waiting')
    ask('forwarded', { target: { kind: 'shard', shard: 1 } })
    expect(routing.expireEverything().map(shown)).toEqual(['SHARD_NOT_READY waiting', 'UNAVAILABLE forwarded'])
  })
})

describe('T2 P11 what is kept', () => {
  it('is bounded in number', () => {
    const { ask, beat, answered } = scripted({ keptBytesMax: 1_000_000, keptCountMax: 2 })
    ask('a')
    beat(5)
    ask('b')
    expect(ask('c')).toEqual(['BUSY c'])
    beat(5, answered(2))
    expect(ask('d')).toEqual(['forward d 0.5 3/2'])
  })

  it('is bounded in bytes, over all shards, of which none gets more than half', () => {
    const { routing, ask, beat, answered } = scripted({ keptBytesMax: 4_000, keptCountMax: 100 })
    const of = (shard: number, bytes: number) => ({
      body: new Uint8Array(bytes),
      target: { kind: 'shard' as const, shard },
    })
    beat(5, { shards: 3 })
    expect(ask('a', of(0, 1_400))).toEqual(['forward a 0.5 1/1'])
    expect(ask('b', of(0, 10))).toEqual(['BUSY b'])
    expect(ask('c', of(1, 1_400))).toEqual([])
    expect(routing.accept(request('d', of(2, 10)), 0)).toMatchObject([
      { fault: { code: 'BUSY', kind: 'busy', retryAfterMs: 500 } },
    ])
    expect(routing.keptCount).toBe(2)
    expect(routing.routes.map(({ leader }) => leader.ledger.bytes)).toEqual([1_912, 1_912, 0])
    beat(5, { shards: 3, ...answered(2) })
    expect(routing.routes[0]?.leader.ledger.bytes).toBe(0)
  })

  it('leaves room for whoever keeps nothing yet, whatever others want, over all shards and at each', () => {
    const { routing, ask, beat, answered } = scripted({ keptBytesMax: 1_000_000, keptCountMax: 24 })
    beat(5, { shards: 2 })
    const taken = (tenant: string, shard: number): number => {
      const before = routing.keptCount
      const fields = { tenant: tenant as TenantId, target: { kind: 'shard' as const, shard } }
      while (ask(`${tenant} asks`, fields)[0]?.startsWith('BUSY') !== true);
      return routing.keptCount - before
    }
    // A shard has room for 12. Its first takes half of that, and each further one half of what is left.
    expect(['ana', 'bob', 'eve'].map((tenant) => taken(tenant, 0))).toEqual([6, 3, 2])
    expect(taken('ana', 1)).toBe(4)
    expect(ask('quiet', { target: { kind: 'shard', shard: 0 } })).toEqual(['forward quiet 0.5 12/1'])
    beat(5, { shards: 2, ...answered(12) })
    expect([routing.keptCount, routing.keptCountOf('bob' as TenantId)]).toEqual([5, 0])
    expect(taken('bob', 0)).toBe(6)
  })

  it('is bounded in number, of which no shard gets more than half', () => {
    const { ask, beat } = scripted({ keptBytesMax: 1_000_000, keptCountMax: 4 })
    beat(5, { shards: 2, shard: 1 })
    expect([ask('a'), ask('b'), ask('c')]).toEqual([[], [], ['BUSY c']])
    expect(ask('d', { target: { kind: 'shard', shard: 1 } })).toEqual(['forward d 1.5 1/1'])
  })
})

describe('T6 P5 reads that a follower may answer', () => {
  const read = (followers: Request['followers']): Partial<Request> => ({
    ...{ operation: 'experience.get', isWrite: false, target: { kind: 'shard', shard: 1 } },
    ...(followers === undefined ? {} : { followers }),
  })
  const following = () => {
    const script = scripted()
    const follower = (fields: Parameters<typeof sampleReplicaBeat>[0] = {}) =>
      script.routing.replicaBeat(sampleReplicaBeat({ shard: 1, shards: 2, ...fields }), 0).map(shown)
    follower()
    return { ...script, follower }
  }

  it('are those that take any state, and those with a token of that very shard', () => {
    const { ask } = following()
    expect(ask('any', read('every'))).toEqual(['read any 1@shard-2 1/1'])
    expect(ask('token', read(new Set([0, 1])))).toEqual(['read token 1@shard-2 2/1'])
    expect([ask('foreign', read(new Set([0]))), ask('plain', read(undefined))]).toEqual([[], []])
  })

  it('wait where nobody is there, go to the leader with what a follower leaves, and end in time', () => {
    const { ask, beat, follower, wait } = following()
    ask('a', read('every'))
    ask('b', read('every'))
    expect(follower({ serving: false })).toEqual([])
    expect(ask('c', read('every'))).toEqual([])
    expect(beat(5, { shard: 1, shards: 2 })).toEqual([
      ...['forward a 1.5 1/1', 'forward b 1.5 2/1', 'forward c 1.5 3/1'],
    ])
    follower()
    expect([...ask('d', read('every')), ...ask('e', read('every'))].sort()).toEqual([
      ...['forward d 1.5 4/1', 'read e 1@shard-2 3/3'],
    ])
    expect(wait(21_000).filter((line) => line.startsWith('SHARD_NOT_READY'))).toHaveLength(5)
  })

  it('P11 count among what a shard may have', () => {
    const { routing, ask } = scripted({ keptBytesMax: 1_000_000, keptCountMax: 4 })
    routing.replicaBeat(sampleReplicaBeat({ shard: 1, shards: 2 }), 0)
    expect(['a', 'b', 'c'].flatMap((origin) => ask(origin, read('every')))).toEqual([
      ...['read a 1@shard-2 1/1', 'read b 1@shard-2 2/1', 'BUSY c'],
    ])
    expect(routing.keptCount).toBe(2)
  })

  it('of another number of shards are a contradiction', () => {
    expect(following().follower({ shards: 3 })).toEqual(['contradiction'])
  })
})

describe('T3 before the first beat', () => {
  it('requests wait, and then go where they belong, in order', () => {
    const { ask, beat } = scripted()
    ask('a')
    ask('all', { target: { kind: 'everyShard' } })
    ask('b', { target: { kind: 'collective', collective: sampleId(3) } })
    expect(beat(5)).toEqual(['spread all 1', 'forward a 0.5 1/1', 'forward b 0.5 2/1'])
    expect(ask('more', { target: { kind: 'everyShard' } })).toEqual(['spread more 1'])
  })
})

describe('T4 a router that was held up itself', () => {
  it('does not take its own sleep for the silence of a leader', () => {
    const { ask, beat, freeze, wait } = scripted()
    beat(5)
    wait(TICK_MS)
    freeze(60_000)
    expect(ask('a')).toEqual(['forward a 0.5 1/1'])
  })
})

describe('a beat that cannot be', () => {
  it('S2 of a second leader of the epoch changes nothing', () => {
    const { routing, ask, beat } = scripted()
    beat(5)
    ask('a')
    const foreign = sampleBeat({ epoch: 5, leading: false })
    const effects = routing.beat({ ...foreign, epoch: { ...foreign.epoch, id: sampleId(6) } }, 0)
    expect(effects.map(shown)).toEqual(['contradiction'])
    expect(ask('b')).toEqual(['forward b 0.5 2/1'])
  })

  it('of another number of shards changes nothing', () => {
    const { routing, beat } = scripted()
    expect(beat(5, { shards: limits.SHARDS_MAX + 1 })).toEqual(['contradiction'])
    expect(routing.shards).toBeUndefined()
    beat(5, { shards: 4 })
    expect(beat(6, { shards: 8, shard: 7 })).toEqual(['contradiction'])
    expect(routing.shards).toBe(4)
  })

  it('that answered what was never asked settles nothing', () => {
    const { routing, ask, beat, answered } = scripted()
    beat(5)
    ask('a')
    expect(beat(9, answered(3))).toEqual(['contradiction', 'again a 0.9 1/1'])
    expect(routing.keptCount).toBe(1)
  })
})

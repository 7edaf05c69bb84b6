import { silentLogger, type Fault } from '@waggle/kernel'
import { manualClock } from '@waggle/kernel/testing'
import { fault, type Epoch, type Sequence } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import type { NodeDisk } from '../disk/node-disk.ts'
import { rank } from '../placement/rank.ts'
import { nodeBeat, shardBeat } from '../testing/beats.ts'
import { HostedShards } from './hosted-shards.ts'
import type { ShardActor } from '../shard/shard-actor.ts'
import { Surroundings } from './surroundings.ts'

const SHARDS = 4

/** A node `n3` among others, with actors that do nothing but remember. */
const scene = (found: readonly number[] = []) => {
  const clock = manualClock()
  const removed: number[] = []
  const closed: number[] = []
  const facts = new Map<number, { leads?: Epoch; halted?: Fault }>()
  const surroundings = new Surroundings({ node: 'n3', copies: 2, clock })
  const makeActor = (shard: number) =>
    ({
      tick: () => undefined,
      drain: async () => void closed.push(shard),
      get leads() {
        return facts.get(shard)?.leads
      },
      get halted() {
        return facts.get(shard)?.halted
      },
    }) as unknown as ShardActor
  const disk = { remove: async (shard: number) => void removed.push(shard) } as unknown as NodeDisk
  const hosted = new HostedShards(
    {
      ...{ node: 'n3', shards: SHARDS, disk, makeActor, clock, logger: silentLogger },
      placing: (shard) => surroundings.placing(shard),
    },
    found,
  )
  return { clock, hosted, surroundings, removed, closed, facts }
}
type Scene = ReturnType<typeof scene>

const turn = () => new Promise((resolve) => setImmediate(resolve))
const nodes = ['n1', 'n2', 'n3']
/** Shards of which `n3` is no host, with the one that is to lead them. */
const strange = Array.from({ length: SHARDS }, (_, shard) => shard).filter((shard) => rank(shard, nodes)[2] === 'n3')
const [shard = NaN] = strange
const [first = '', second = ''] = rank(shard, nodes)

/** The members, and a leader and a follower of the strange shard that serve. */
const hear = ({ surroundings, hosted }: Scene, { names = nodes, holds = {} } = {}) => {
  for (const name of names) surroundings.heardNode(nodeBeat(name))
  const { generation, epoch, pid } = shardBeat({})
  surroundings.heardReplica({
    ...{ kind: 'replica', shard, shards: SHARDS, generation, epoch, pid, hold: 0, reads: 0, answered: {} },
    ...{ node: second, applied: 9 as Sequence, serving: true },
  })
  const beat = shardBeat({ shard, shards: SHARDS, node: first, holds })
  surroundings.heardLeader(beat)
  hosted.heardLeader(beat)
}

describe('the replicas of a node', () => {
  test('there is a shard of which the node of these tests is no host', () => {
    expect(strange.length).toBeGreaterThan(0)
  })

  test('S1 nothing is opened before others could answer; then what belongs here, and what was found', () => {
    const all = scene([shard])
    hear(all, { names: ['n1', 'n2', 'n3'], holds: { n3: 3 } })
    all.hosted.tick()
    expect([all.hosted.actors.length, all.hosted.hosts]).toEqual([0, [shard]])
    const fresh = scene()
    fresh.surroundings.heardNode(nodeBeat('n3'))
    fresh.clock.advance(250)
    fresh.hosted.tick()
    expect(fresh.hosted.hosts).toEqual([0, 1, 2, 3])
  })

  test('P4 H2 a replica that is not needed closes, and its folder goes when its hold is struck off', async () => {
    const one = scene([shard])
    one.clock.advance(250)
    hear(one, { holds: { n3: 3 } })
    one.hosted.tick()
    expect(one.hosted.hosts).toContain(shard)
    await turn()
    expect(one.closed).toEqual([shard])
    expect(one.hosted.hosts).not.toContain(shard)
    hear(one, { holds: { n3: 3 } })
    await turn()
    expect(one.removed).toEqual([])
    hear(one, { holds: { n1: 3, n2: 3 } })
    hear(one, { holds: { n1: 3, n2: 3 } })
    await turn()
    expect(one.removed).toEqual([shard])
  })

  test('H3 one that is needed again before its folder went is opened again', async () => {
    const one = scene([shard])
    one.clock.advance(250)
    hear(one, { holds: { n3: 3 } })
    one.hosted.tick()
    await turn()
    one.surroundings.heardNode({ ...nodeBeat(second), draining: true })
    one.hosted.tick()
    expect(one.hosted.hosts).toContain(shard)
    hear(one)
    await turn()
    expect(one.removed).toEqual([])
  })

  test.each([
    ['S2 that has halted', { halted: fault('LOG_DIVERGED', 'a test') }],
    ['P4 that leads', { leads: shardBeat({}).epoch }],
  ])('a replica stays %s', async (_, facts) => {
    const one = scene([shard])
    one.facts.set(shard, facts)
    one.clock.advance(250)
    for (let tick = 0; tick < 3; tick += 1) {
      hear(one, { holds: { n1: 3, n2: 3 } })
      one.hosted.tick()
      await turn()
    }
    expect([one.closed, one.removed]).toEqual([[], []])
  })

  test('a node that ends closes everything and removes nothing', async () => {
    const one = scene([0, 1])
    one.surroundings.heardNode(nodeBeat('n3'))
    one.clock.advance(250)
    one.hosted.tick()
    await one.hosted.drain()
    one.hosted.tick()
    expect([one.closed, one.removed, one.hosted.hosts]).toEqual([[0, 1, 2, 3], [], [0, 1, 2, 3]])
  })
})

import type { Uuid } from '@waggle/kernel'
import { generationFrom, type ReplicaBeat, type Sequence } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { hearNode, nobody } from '../membership/membership.ts'
import { nodeBeat, shardBeat } from '../testing/beats.ts'
import {
  departed,
  hasOthers,
  hostsNow,
  leadershipOrder,
  mayLeave,
  STABLE_MS,
  STAGGER_MS,
  staggerMs,
  successorNow,
  type Placing,
} from './placement.ts'
import { rank } from './rank.ts'
import { seeFollower, seeLeader, servingReplicas, unseen, type ShardView } from './shard-view.ts'

const NOW_MS = 100_000
const SHARD = 3
/** By their rank for the shard. */
const [first, second, third] = rank(SHARD, ['n1', 'n2', 'n3']) as readonly [string, string, string]

const replicaBeat = (node: string, fields: Partial<ReplicaBeat> = {}): ReplicaBeat => ({
  ...{ kind: 'replica', shard: SHARD, shards: 16, node, pid: 1, hold: 0, serving: true, reads: 0, answered: {} },
  generation: generationFrom(new Uint8Array(8)),
  epoch: { sequence: 5 as Sequence, id: '11111111-1111-7111-8111-111111111111' as Uuid },
  applied: 20 as Sequence,
  ...fields,
})

interface Scene {
  readonly self: string
  readonly leader?: string
  readonly following?: readonly string[]
  readonly draining?: readonly string[]
  readonly clocks?: Readonly<Record<string, number>>
  readonly hosts?: Readonly<Record<string, readonly number[]>>
  readonly copies?: number
  readonly changedMs?: number
  readonly names?: readonly string[]
}

const scene = ({ self, copies = 2, leader, following = [], changedMs = 0, ...rest }: Scene): Placing => {
  const { draining = [], clocks = {}, hosts = {}, names = ['n1', 'n2', 'n3'] } = rest
  let membership = nobody(changedMs)
  for (const node of names) {
    const clockAheadMs = clocks[node]
    const beat = {
      ...{ ...nodeBeat(node), draining: draining.includes(node) },
      ...(clockAheadMs === undefined ? {} : { clockAheadMs }),
      ...(hosts[node] === undefined ? {} : { hosts: hosts[node] }),
    }
    membership = { ...hearNode(membership, beat, NOW_MS), changedMs }
  }
  let view: ShardView = unseen
  if (leader !== undefined) view = seeLeader(view, shardBeat({ shard: SHARD, shards: 16, node: leader }), NOW_MS)
  for (const node of following) view = seeFollower(view, replicaBeat(node), NOW_MS)
  return { shard: SHARD, self, copies, membership, view, nowMs: NOW_MS }
}

describe('placement of a shard', () => {
  test('P1 its hosts are the first by rank of those that do not drain', () => {
    expect(hostsNow(scene({ self: first }))).toEqual([first, second])
    expect(hostsNow(scene({ self: first, draining: [first] }))).toEqual([second, third])
    expect(hostsNow(scene({ self: first, copies: 5 }))).toEqual([first, second, third])
    expect(hasOthers(scene({ self: first, draining: [second] }))).toBe(true)
    expect(hasOthers(scene({ self: first, draining: [second, third] }))).toBe(false)
  })

  describe('hands over', () => {
    const leading = { self: second, leader: second, following: [first, third] }
    test.each([
      ['to whoever is better placed and serves', leading, first],
      ['to nobody when it is best placed itself', { self: first, leader: first, following: [second] }, undefined],
      ['to nobody who does not serve', { ...leading, following: [third] }, undefined],
      ['to nobody while the members change', { ...leading, changedMs: NOW_MS - STABLE_MS + 1 }, undefined],
      ['at once when it drains, in the order of ranks', { ...leading, draining: [second], changedMs: NOW_MS }, first],
      [
        'when it drains, also to one that is no host yet',
        { ...leading, draining: [second], following: [third] },
        third,
      ],
      ['to nobody that drains', { ...leading, draining: [first] }, undefined],
      ['as no host at all, to a host', { self: third, leader: third, following: [second] }, second],
    ])('P2 %s', (_, what, to) => {
      expect(successorNow(scene(what), 20)).toBe(to)
    })

    test('P2 to nobody who is more than a few records behind', () => {
      expect(successorNow(scene(leading), 84)).toBe(first)
      expect(successorNow(scene(leading), 85)).toBeUndefined()
    })

    test('P2 to nobody who was silent for a second', () => {
      expect(successorNow({ ...scene(leading), nowMs: NOW_MS + 1_001 }, 20)).toBeUndefined()
    })
  })

  describe('clocks', () => {
    const best = { self: first, leader: first, following: [second, third], changedMs: NOW_MS }
    test('L8 P3 a leader whose clock is 2 s off yields to one whose clock is nearer, at once', () => {
      for (const ahead of [2_001, -2_001])
        expect(successorNow(scene({ ...best, clocks: { [first]: ahead } }), 20)).toBe(second)
      expect(successorNow(scene({ ...best, clocks: { [first]: 2_000 } }), 20)).toBeUndefined()
      expect(successorNow(scene({ ...best, clocks: { [first]: 9_000, [second]: 5_000 } }), 20)).toBe(third)
    })

    test('L8 P3 of wrong clocks a nearer one is better; nobody yields to a worse one, or to nobody', () => {
      const wrong = { [first]: 9_000, [second]: -5_000, [third]: 20_000 }
      expect(leadershipOrder(scene({ ...best, clocks: wrong }))).toEqual([second, first, third])
      expect(successorNow(scene({ ...best, clocks: wrong }), 20)).toBe(second)
      expect(successorNow(scene({ ...best, following: [third], clocks: wrong }), 20)).toBeUndefined()
      expect(successorNow(scene({ ...best, following: [], clocks: { [first]: 9_000 } }), 20)).toBeUndefined()
      const between = { [first]: 9_000, [second]: 5_000, [third]: 0 }
      expect(successorNow(scene({ ...best, following: [second], clocks: between }), 20)).toBe(second)
    })

    test('L8 P3 where the servers’ clock is the wrong one nothing moves', () => {
      const hour = { [first]: 3_600_000, [second]: 3_599_000, [third]: 3_600_900 }
      expect(successorNow(scene({ ...best, clocks: hour }), 20)).toBeUndefined()
      expect(leadershipOrder(scene({ ...best, clocks: hour }))).toEqual([first, second, third])
    })

    test('L8 P3 leadership does not come back to a wrong clock; a right one is no reason to move it', () => {
      const after = { self: second, leader: second, following: [first], clocks: { [first]: 9_000, [second]: 30 } }
      expect(successorNow(scene(after), 20)).toBeUndefined()
      expect(successorNow(scene({ ...after, clocks: { [first]: 200, [second]: 1_900 } }), 20)).toBe(first)
    })
  })

  test.each([
    ['a host', { self: first, leader: second, following: [first] }, false],
    ['no host, and all hosts serve', { self: third, leader: first, following: [second] }, true],
    ['no host, and one of the hosts does not serve yet', { self: third, leader: first, following: [] }, false],
    ['no host, and it leads', { self: third, leader: third, following: [first, second] }, false],
    ['the only one, and it drains', { self: first, leader: first, names: [first], draining: [first] }, false],
    [
      'no host, and fewer nodes than copies, which serve',
      { self: third, leader: first, following: [second], copies: 2 },
      true,
    ],
  ])('P4 may leave: %s: %s', (_, what, leaves) => {
    expect(mayLeave(scene(what))).toBe(leaves)
  })

  test('P4 a host that was silent for a second does not serve', () => {
    const placing = scene({ self: third, leader: first, following: [second] })
    expect(mayLeave({ ...placing, nowMs: NOW_MS + 1_001 })).toBe(false)
  })

  test('P5 the hold of a member goes that says it has no replica, once all hosts are registered', () => {
    const holds = [first, second, third]
    const without = { [third]: [1, 2] }
    expect(departed(scene({ self: first, leader: first, hosts: without }), holds)).toEqual([third])
    expect(departed(scene({ self: first, hosts: without }), [first, third])).toEqual([])
    expect(departed(scene({ self: first, hosts: { [third]: [SHARD] } }), holds)).toEqual([])
    expect(departed(scene({ self: first, hosts: { [second]: [] } }), holds)).toEqual([])
    expect(departed(scene({ self: first }), holds)).toEqual([])
    expect(departed(scene({ self: first, hosts: without }), [...holds, 'gone'])).toEqual([third])
  })

  test('a candidate lets those go first that come before it and are there; a stranger lets all', () => {
    expect(staggerMs(scene({ self: first }))).toBe(0)
    expect(staggerMs(scene({ self: second }))).toBe(STAGGER_MS)
    expect(staggerMs(scene({ self: second, leader: first }))).toBe(0)
    expect(staggerMs(scene({ self: third }))).toBeGreaterThan(4 * STAGGER_MS)
    expect(staggerMs({ ...scene({ self: second }), nowMs: NOW_MS + 3_000 })).toBe(0)
    expect(staggerMs(scene({ self: first, draining: [first] }))).toBeGreaterThan(4 * STAGGER_MS)
    expect(staggerMs(scene({ self: first, clocks: { [first]: 60_000 } }))).toBe(STAGGER_MS)
    expect(staggerMs(scene({ self: first, leader: second, clocks: { [first]: 60_000 } }))).toBe(0)
  })
})

describe('the view of a shard', () => {
  test('V2 the newer epoch leads; a deposed leader is not heard; one that lets go is none', () => {
    const led = seeLeader(unseen, shardBeat({ epoch: 9, node: 'a', holds: { a: 3 } }), 0)
    expect(seeLeader(led, shardBeat({ epoch: 8, node: 'b' }), 1)).toBe(led)
    expect(seeLeader(led, shardBeat({ epoch: 8, node: 'b', leading: false }), 1)).toBe(led)
    expect(led.leader).toMatchObject({ node: 'a', epoch: 9, holds: { a: 3 } })
    expect(seeLeader(led, shardBeat({ epoch: 9, node: 'a', leading: false }), 1).leader).toBeUndefined()
    expect(seeLeader(led, shardBeat({ epoch: 12, node: 'b' }), 1).leader?.node).toBe('b')
  })

  test('V1 a follower that leads is none, and serves as the leader', () => {
    const following = seeFollower(unseen, replicaBeat('a'), 0)
    const led = seeLeader(following, shardBeat({ node: 'a' }), 0)
    expect([led.followers.size, [...servingReplicas(led, 0)]]).toEqual([0, ['a']])
    expect([...servingReplicas(seeFollower(led, replicaBeat('b', { serving: false }), 0), 0)]).toEqual(['a'])
    expect([...servingReplicas(led, 1_001)]).toEqual([])
  })
})

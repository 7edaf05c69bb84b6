import { describe, expect, test } from 'vitest'
import { nodeBeat, shardBeat } from '../testing/beats.ts'
import { ClusterView, SILENT_MS } from './cluster-view.ts'

describe('what a compactor knows', () => {
  test('nothing, until a leader is heard', () => {
    const view = new ClusterView()
    expect([view.shardCount, view.shard(0), view.leaders(0)]).toEqual([0, undefined, []])
  })

  test('C2 what was heard is kept with its age, and a silent leader is none', () => {
    const view = new ClusterView()
    view.hearShard(shardBeat({ shard: 1, shards: 4 }), 1_000)
    expect(view.shardCount).toBe(4)
    expect(view.leaders(1_000 + SILENT_MS)).toEqual([{ shard: 1, epoch: 5 }])
    expect(view.leaders(1_001 + SILENT_MS)).toEqual([])
    expect(view.shard(1)?.heardMs).toBe(1_000)
  })

  test('a leader that lets go leads no more', () => {
    const view = new ClusterView()
    view.hearShard(shardBeat({}), 0)
    view.hearShard(shardBeat({ leading: false }), 10)
    expect(view.leaders(20)).toEqual([])
  })

  test('C1 a beat of an older epoch counts only when the newer one has fallen silent', () => {
    const view = new ClusterView()
    view.hearShard(shardBeat({ epoch: 9, node: 'new' }), 0)
    view.hearShard(shardBeat({ epoch: 5, node: 'old' }), SILENT_MS)
    expect(view.shard(0)?.beat.node).toBe('new')
    view.hearShard(shardBeat({ epoch: 5, node: 'old' }), SILENT_MS + 1)
    expect(view.shard(0)?.beat.node).toBe('old')
  })

  test('P11 nodes are kept up to a bound, and the one that was heard least lately goes', () => {
    const view = new ClusterView()
    for (let n = 0; n < 1_024; n += 1) view.hearNode(nodeBeat(`n${n}`), n)
    view.hearNode(nodeBeat('n0'), 2_000)
    view.hearNode(nodeBeat('one-more'), 2_001)
    expect(view.node('n0')?.heardMs).toBe(2_000)
    expect(view.node('n1')).toBeUndefined()
    expect(view.node('n2')).toBeDefined()
  })

  test('P11 a beat of a cluster with more shards than there can be is not believed', () => {
    const view = new ClusterView()
    view.hearShard(shardBeat({ shards: 1_000_000 }), 0)
    expect(view.shardCount).toBe(0)
  })
})

import { describe, expect, test } from 'vitest'
import { ClusterView, SILENT_MS } from './cluster-view.ts'
import { safePoints } from './safe-point.ts'
import { nodeBeat, shardBeat, type BeatFields } from '../testing/beats.ts'

const NOW_MS = 1_000_000

/** Milliseconds since the leader and the nodes were heard. */
interface Silences {
  readonly ageMs?: number
  readonly silentNodes?: Readonly<Record<string, number>>
}

/** The safe point of the one shard, whose replicas were all heard just now. */
const pointOf = (fields: BeatFields, { ageMs = 0, silentNodes = {} }: Silences = {}) => {
  const view = new ClusterView()
  view.hearShard(shardBeat(fields), NOW_MS - ageMs)
  for (const replica of Object.keys(fields.holds ?? {}))
    view.hearNode(nodeBeat(replica), NOW_MS - (silentNodes[replica] ?? 0))
  return safePoints(view, NOW_MS)[0]
}

describe('P9 K1 the safe point', () => {
  test('is unknown, and 0, for a shard whose leader was never heard', () => {
    const view = new ClusterView()
    expect(safePoints(view, NOW_MS)).toEqual({})
    view.hearShard(shardBeat({ shard: 1, shards: 2, holds: { a: 7 }, checkpoint: 9 }), NOW_MS)
    expect(safePoints(view, NOW_MS)).toMatchObject({
      0: { sequence: 0, reason: 'no leader was ever heard' },
      1: { sequence: 7 },
    })
  })

  test.each([
    ['the horizon where nobody is registered', { horizon: 4, checkpoint: 9 }, 4, 'no replica is registered'],
    ['0 for an empty log', { last: 0 }, 0, 'no replica is registered'],
    ['the horizon where nothing is verified', { holds: { a: 9 } }, 1, 'no verified checkpoint; lowest hold sequence=9'],
    ['the lowest hold', { holds: { a: 9, b: 7, c: 12 }, checkpoint: 11 }, 7, 'lowest hold sequence=7 replica=b'],
    ['the checkpoint', { holds: { a: 9, b: 7 }, checkpoint: 6 }, 6, 'newest verified checkpoint sequence=6'],
    ['the horizon where a new replica is below', { holds: { a: 9, b: 0 }, checkpoint: 9, horizon: 3 }, 3, 'sequence=0'],
    ['the end of the log, where all is said to be beyond it', { last: 20, holds: { a: 30 }, checkpoint: 40 }, 20, 'a'],
  ])('is %s', (_, fields, sequence, reason) => {
    expect(pointOf(fields)?.sequence).toBe(sequence)
    expect(pointOf(fields)?.reason).toContain(reason)
  })

  test('is kept when the leader falls silent, with its age in the reason', () => {
    const fields = { holds: { a: 7 }, checkpoint: 8 }
    expect(pointOf(fields, { ageMs: SILENT_MS })).toEqual({ sequence: 7, reason: 'lowest hold sequence=7 replica=a' })
    expect(pointOf(fields, { ageMs: 12_345 })).toEqual({
      sequence: 7,
      reason: 'lowest hold sequence=7 replica=a; leader silent for 12 s',
    })
  })

  test('says that the leader has let go', () => {
    expect(pointOf({ leading: false })?.reason).toBe('no replica is registered; leader has let go')
  })

  test('names the silence of the replica that holds the log back', () => {
    const options = { silentNodes: { b: 70_500 } }
    expect(pointOf({ holds: { a: 9, b: 7 } }, options)?.reason).toContain('replica=b silent for 70 s')
    expect(pointOf({ holds: { a: 6, b: 7 } }, options)?.reason).not.toContain('silent')
  })

  test('names a replica that was never heard', () => {
    const view = new ClusterView()
    view.hearShard(shardBeat({ holds: { gone: 3 } }), NOW_MS)
    expect(safePoints(view, NOW_MS)[0]?.reason).toContain('replica=gone never heard')
  })
})

import { describe, expect, test } from 'vitest'
import {
  ASKED_AT_ONCE_MAX,
  DONE_PAUSE_MS,
  FAILED_PAUSE_MS,
  MORE_PAUSE_MS,
  PruneSchedule,
  type Leader,
} from './prune-schedule.ts'

const leaders = (count: number, epoch = 1): Leader[] => Array.from({ length: count }, (_, shard) => ({ shard, epoch }))
const only: Leader = { shard: 0, epoch: 1 }

describe('when leaders are asked to prune', () => {
  test.each([
    ['done', DONE_PAUSE_MS],
    ['more', MORE_PAUSE_MS],
    ['failed', FAILED_PAUSE_MS],
  ] as const)('S1 after %s again in %i ms', (outcome, pauseMs) => {
    const schedule = new PruneSchedule()
    expect(schedule.take([only], 0)).toEqual([only])
    schedule.ended(only, outcome, 1_000)
    expect(schedule.take([only], 1_000 + pauseMs - 1)).toEqual([])
    expect(schedule.take([only], 1_000 + pauseMs)).toEqual([only])
  })

  test('S2 a shard that is being asked is not asked again, whatever its epoch', () => {
    const schedule = new PruneSchedule()
    schedule.take([only], 0)
    expect(schedule.take([only, { shard: 0, epoch: 2 }], 1e9)).toEqual([])
  })

  test('S2 S3 few are asked at once, and all in their turn', () => {
    const schedule = new PruneSchedule()
    const asked: number[] = []
    for (let nowMs = 0; nowMs < 16; nowMs += 1) {
      const taken = schedule.take(leaders(16), nowMs)
      if (nowMs === 0) expect(taken).toHaveLength(ASKED_AT_ONCE_MAX)
      asked.push(...taken.map(({ shard }) => shard))
      for (const leader of taken) schedule.ended(leader, 'more', nowMs)
    }
    expect(asked.slice(0, 16).sort((left, right) => left - right)).toEqual(leaders(16).map(({ shard }) => shard))
  })

  test('S3 a shard that always has more does not keep others from their turn', () => {
    const schedule = new PruneSchedule()
    const counts = new Array<number>(8).fill(0)
    for (let nowMs = 0; nowMs < 400 * MORE_PAUSE_MS; nowMs += MORE_PAUSE_MS)
      for (const leader of schedule.take(leaders(8), nowMs)) {
        counts[leader.shard]! += 1
        schedule.ended(leader, leader.shard < 6 ? 'more' : 'failed', nowMs)
      }
    expect(Math.min(...counts.slice(6))).toBeGreaterThan((400 * MORE_PAUSE_MS) / FAILED_PAUSE_MS / 2)
  })

  test('S4 a new leader is asked at once', () => {
    const schedule = new PruneSchedule()
    schedule.take([only], 0)
    schedule.ended(only, 'done', 0)
    expect(schedule.take([{ shard: 0, epoch: 2 }], 1)).toEqual([{ shard: 0, epoch: 2 }])
  })
})

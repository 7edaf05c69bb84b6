import { describe, expect, test } from 'vitest'
import { isCheckpointDue, type CheckpointProgress } from './checkpoint-schedule.ts'

const HOUR = 3_600_000
const quiet: CheckpointProgress = { records: 0, bytes: 0, bytesMax: 1_000, sinceVerifiedMs: 0, tookMs: 0 }

describe('a checkpoint is due', () => {
  test.each<[string, Partial<CheckpointProgress>, boolean]>([
    ['not where nothing happened', { sinceVerifiedMs: 9 * HOUR }, false],
    ['not for the cluster’s own records', { sinceVerifiedMs: 9 * HOUR, records: 16 }, false],
    ['an hour after the last one', { sinceVerifiedMs: HOUR, records: 17 }, true],
    ['not before', { sinceVerifiedMs: HOUR - 1, records: 17 }, false],
    ['after many records', { records: 50_000 }, true],
    ['when the log wants to be purged', { records: 500, bytes: 200 }, true],
    ['not when purging would win nothing', { records: 499, bytes: 999 }, false],
    ['not at once after an attempt', { records: 50_000, sinceAttemptMs: 29_999 }, false],
    ['half a minute after it', { records: 50_000, sinceAttemptMs: 30_000 }, true],
    ['later where it takes long', { records: 50_000, sinceAttemptMs: 99_999, tookMs: 10_000 }, false],
  ])('%s', (_, progress, expected) => {
    expect(isCheckpointDue({ ...quiet, ...progress })).toBe(expected)
  })
})

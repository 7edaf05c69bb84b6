import { manualClock } from '@waggle/kernel/testing'
import { expect, test } from 'vitest'
import { RecordTime } from './record-time.ts'

const START_MS = 1_700_000_000_000

test('the time of a record follows the clock, also over a suspension of the machine', () => {
  const clock = manualClock(START_MS)
  const time = new RecordTime(clock, 0)
  expect(time.next()).toBe(START_MS)
  clock.advance(5)
  expect(time.next()).toBe(START_MS + 5)
  clock.jumpTo(START_MS + 3_600_000)
  expect(time.next()).toBe(START_MS + 3_600_000)
})

test('it never falls, neither below the log nor when the clock is set back', () => {
  const clock = manualClock(START_MS)
  const time = new RecordTime(clock, START_MS + 60_000)
  expect(time.next()).toBe(START_MS + 60_000)
  clock.jumpTo(START_MS - 60_000)
  expect(time.next()).toBe(START_MS + 60_000)
})

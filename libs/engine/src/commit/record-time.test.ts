import { manualClock } from '@waggle/kernel/testing'
import fc from 'fast-check'
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

test('L8 within a term it runs ahead of what has passed by 2 s at the most', () => {
  const clock = manualClock(START_MS)
  const time = new RecordTime(clock, 0, true)
  expect(time.next()).toBe(START_MS)
  clock.advance(500)
  clock.jumpTo(START_MS + 3_600_000)
  expect(time.next()).toBe(START_MS + 500 + 2_000)
  clock.jumpTo(START_MS + 1_000)
  clock.advance(100)
  expect(time.next()).toBe(START_MS + 2_500)
})

test('L8 the first record of a term follows the clock, however long nobody led', () => {
  const clock = manualClock(START_MS + 86_400_000)
  const time = new RecordTime(clock, START_MS, true)
  expect(time.next()).toBe(START_MS + 86_400_000)
})

test('L8 a clock that is right again is followed without a step, also after it was set back', () => {
  const clock = manualClock(START_MS)
  const time = new RecordTime(clock, 0, true)
  time.next()
  clock.jumpTo(START_MS - 5_000)
  clock.advance(1_000)
  expect(time.next()).toBe(START_MS)
  clock.jumpTo(START_MS + 1_000)
  expect(time.next()).toBe(START_MS + 1_000)
})

test('L8 under any jumps of the clock times never fall, and never rise by more than passed and 2 s', () => {
  const moves = fc.array(
    fc.record({
      passMs: fc.integer({ min: 0, max: 60_000 }),
      jumpMs: fc.oneof(fc.constant(0), fc.integer({ min: -10_000_000, max: 10_000_000 })),
    }),
  )
  fc.assert(
    fc.property(moves, (steps) => {
      const clock = manualClock(START_MS)
      const time = new RecordTime(clock, 0, true)
      let previousMs = time.next()
      for (const { passMs, jumpMs } of steps) {
        clock.advance(passMs)
        clock.jumpTo(clock.nowMs() + jumpMs)
        const nextMs = time.next()
        expect(nextMs).toBe(Math.max(previousMs, Math.min(clock.nowMs(), previousMs + passMs + 2_000)))
        previousMs = nextMs
      }
    }),
  )
})

import { manualClock } from '@waggle/kernel/testing'
import { expect, it } from 'vitest'
import { LogLimit } from './log-limit.ts'

it('says a message once in a while, with how often it was not said', () => {
  const clock = manualClock()
  const limit = new LogLimit(clock)
  expect([limit.take(), limit.take(), limit.take()]).toEqual([0, undefined, undefined])
  clock.advance(9_999)
  expect(limit.take()).toBeUndefined()
  clock.advance(1)
  expect([limit.take(), limit.take()]).toEqual([3, undefined])
  clock.advance(10_000)
  expect(limit.take()).toBe(1)
})

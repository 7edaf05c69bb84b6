import { expect, test } from 'vitest'
import { Silence } from './silence.ts'

/** When it has lasted too long, asked every half second. */
const tooLongAt = (silence: Silence, untilMs: number, expectedMs?: number): readonly number[] => {
  const found: number[] = []
  for (let nowMs = 0; nowMs <= untilMs; nowMs += 500) if (silence.isTooLong(nowMs, expectedMs)) found.push(nowMs)
  return found
}

test('silence is too long after 5 s, and then after twice as long each time, up to a minute', () => {
  expect(tooLongAt(new Silence(0), 240_000)).toEqual([5_000, 15_000, 35_000, 75_000, 135_000, 195_000])
})

test('whoever expected nothing before waits from then on', () => {
  expect(tooLongAt(new Silence(0), 12_000, 6_000)).toEqual([11_000])
})

test('what comes begins it anew', () => {
  const silence = new Silence(0)
  expect([silence.isTooLong(5_000), silence.isTooLong(14_500)]).toEqual([true, false])
  silence.broken(14_600)
  expect([silence.isTooLong(19_500), silence.isTooLong(19_600)]).toEqual([false, true])
})

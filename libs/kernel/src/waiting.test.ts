import { expect, it } from 'vitest'
import { systemClock, systemTimers } from './system/system.ts'
import { pause, poll, until } from './waiting.ts'

const waiting = { clock: systemClock, timers: systemTimers }

it('pause resolves after its time', async () => {
  const beganMs = systemClock.monotonicMs()
  await pause(systemTimers, 10)
  expect(systemClock.monotonicMs() - beganMs).toBeGreaterThan(8)
})

it('poll asks until there is an answer, be it a promise or not', async () => {
  let asked = 0
  const ask = () => ((asked += 1) < 3 ? undefined : asked)
  expect(await poll(waiting, { everyMs: 1, durationMsMax: 10_000 }, ask)).toBe(3)
  expect(await poll(waiting, { everyMs: 1, durationMsMax: 10_000 }, async () => ask())).toBe(4)
})

it('poll asks once at least, and has no answer when none came in time', async () => {
  let asked = 0
  const ask = (): number | undefined => {
    asked += 1
    return undefined
  }
  expect(await poll(waiting, { everyMs: 1, durationMsMax: 0 }, ask)).toBeUndefined()
  expect(asked).toBe(1)
})

it('until tells whether the answer was yes in time', async () => {
  let asked = 0
  expect(await until(waiting, { everyMs: 1, durationMsMax: 10_000 }, () => (asked += 1) === 3)).toBe(true)
  expect(await until(waiting, { everyMs: 1, durationMsMax: 5 }, () => false)).toBe(false)
})

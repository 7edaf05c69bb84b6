import { expect, it } from 'vitest'
import { Backoff } from './backoff.ts'

it('B1: waits a second, then twice as long after each short life, up to half a minute', () => {
  const backoff = new Backoff()
  expect(Array.from({ length: 7 }, () => backoff.after(10))).toEqual([
    ...[1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000],
  ])
})

it('B1: after a life of some seconds it starts over', () => {
  const backoff = new Backoff()
  for (let round = 0; round < 4; round += 1) backoff.after(0)
  expect([backoff.after(5_000), backoff.after(4_999)]).toEqual([1_000, 2_000])
})

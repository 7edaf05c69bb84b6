import { expect, it } from 'vitest'
import { timeWays } from './timed.ts'

it('gives every item to every way, in turns', async () => {
  const calls: string[] = []
  const items = Array.from({ length: 12 }, (_, index) => index)
  const timing = await timeWays(
    items,
    {
      slow: async (item) => {
        calls.push(`slow ${item}`)
        await new Promise((resolve) => setTimeout(resolve, 2))
      },
      quick: (item) => calls.push(`quick ${item}`),
    },
    2,
  )
  const once = ['slow', 'quick'].flatMap((way) => items.slice(0, 10).map((item) => `${way} ${item}`))
  const rest = ['slow 10', 'slow 11', 'quick 10', 'quick 11']
  expect(calls).toEqual([...once, ...rest, ...once, ...rest])
  expect([timing.us.slow.count, timing.us.quick.count]).toEqual([24, 24])
  expect(timing.us.slow.p50).toBeGreaterThan(1_000)
  expect(timing.firstOver.slow).toBe(1)
  expect(timing.firstOver.quick).toBeGreaterThan(1)
})

import { manualClock } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import { LoopWatch } from './loop-watch.ts'

const watched = () => {
  const clock = manualClock()
  const delays: number[] = []
  let due: () => void = () => undefined
  let pending = 0
  const watch = new LoopWatch({
    clock,
    timers: {
      after(_, callback) {
        due = callback
        pending += 1
        return () => (pending -= 1)
      },
    },
    delays: { record: (seconds) => void delays.push(seconds) },
  })
  const turn = (afterMs: number): void => {
    clock.advance(afterMs)
    pending -= 1
    due()
  }
  return { clock, watch, delays, turn, pending: () => pending }
}

describe('the watch over the event loop', () => {
  it('tells how late each timer was', () => {
    const { turn, delays, watch } = watched()
    turn(100)
    turn(350)
    turn(100)
    expect(delays).toEqual([0, 0.25, 0])
    expect(watch.longestMs).toBe(250)
  })

  it('L1 remembers a stall for 15 s, and sees one that is not over yet', () => {
    const { clock, turn, watch } = watched()
    clock.advance(7_100)
    expect(watch.longestMs).toBe(7_000)
    turn(0)
    for (let turns = 0; turns < 149; turns += 1) turn(100)
    expect(watch.longestMs).toBe(7_000)
    for (let turns = 0; turns < 5; turns += 1) turn(100)
    expect(watch.longestMs).toBe(0)
  })

  it('ends', () => {
    const { watch, pending } = watched()
    watch.stop()
    expect(pending()).toBe(0)
  })
})

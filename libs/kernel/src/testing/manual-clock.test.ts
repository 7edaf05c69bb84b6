import { describe, expect, it } from 'vitest'
import { AssertionError } from '../assert.ts'
import { manualClock } from './manual-clock.ts'

describe('manualClock', () => {
  it('stands still until it is told to move', () => {
    const clock = manualClock(5_000)
    expect([clock.nowMs(), clock.nowMs(), clock.monotonicMs()]).toEqual([5_000, 5_000, 0])
  })

  it('moves both clocks by the same duration', () => {
    const clock = manualClock(5_000)
    clock.advance(0)
    clock.advance(250)
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([5_250, 250])
  })

  it('jumps the wall clock alone, also backwards', () => {
    const clock = manualClock(5_000)
    clock.advance(100)
    clock.jumpTo(10)
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([10, 100])
  })

  it('keeps the contract of a clock: whole milliseconds of the day, and no way back', () => {
    const clock = manualClock(5_000)
    clock.advance(0.75)
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([5_000, 0.75])
    clock.advance(0.25)
    expect(clock.nowMs()).toBe(5_001)
    expect(() => {
      clock.advance(-1)
    }).toThrow(AssertionError)
  })
})

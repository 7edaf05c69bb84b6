import { describe, expect, it } from 'vitest'
import { Dice } from './dice.ts'
import { EventHeap } from './event-heap.ts'

describe('EventHeap', () => {
  it('gives events by time, and those of one time in the order in which they were planned', () => {
    const dice = new Dice(7)
    const heap = new EventHeap()
    const planned = Array.from({ length: 500 }, (_, order) => ({
      ...{ atMs: dice.below(20), order, label: '', act: () => undefined },
    }))
    for (const event of planned) heap.push(event)
    const given = planned.map(() => heap.pop())
    expect(given).toEqual(planned.toSorted((one, other) => one.atMs - other.atMs || one.order - other.order))
    expect(heap.size).toBe(0)
    expect(heap.pop()).toBeUndefined()
  })
})

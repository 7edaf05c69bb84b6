import fc from 'fast-check'
import { expect, test } from 'vitest'
import { highestFirst } from './highest-first.ts'

test('P7 all places, in the order of their scores and then of their names, however many were wanted', () => {
  const scores = fc.array(fc.constantFrom(0.25, 0.5, 0.5000000001, 1, 7), { maxLength: 60 })
  fc.assert(
    fc.property(scores, fc.integer({ min: 1, max: 70 }), (given, count) => {
      // Later places have the smaller names.
      const ordered = [...given.keys()].sort(
        (left, right) => (given[right] as number) - (given[left] as number) || right - left,
      )
      expect([...highestFirst(Float64Array.from(given), count, (left, right) => left > right)]).toEqual(ordered)
    }),
  )
})

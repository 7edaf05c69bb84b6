import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FREQUENCY_MAX, PostingLists } from './posting-lists.ts'

const change = fc.record({ term: fc.nat({ max: 4 }), row: fc.nat({ max: 40 }), adds: fc.boolean() })

test('B1 lists are as a map of maps would have them, in the order of their rows', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 300 }), (changes) => {
      const lists = new PostingLists()
      const model = new Map<number, Map<number, number>>()
      for (const { term, row, adds } of changes) {
        const rows = model.get(term) ?? new Map<number, number>()
        model.set(term, rows)
        if (adds) {
          expect(lists.add(term, row)).toBe(!rows.has(row))
          rows.set(row, (rows.get(row) ?? 0) + 1)
        } else if (rows.delete(row)) lists.remove(term, row)
      }
      for (const [term, rows] of model) {
        const sorted = [...rows].sort(([left], [right]) => left - right)
        expect(lists.count(term)).toBe(rows.size)
        for (let row = 0; row <= 40; row += 1) expect(lists.frequency(term, row)).toBe(rows.get(row) ?? 0)
        if (rows.size === 0) continue
        const list = lists.list(term)
        expect([...list.rows].map((row, place) => [row, list.frequencies[place]])).toEqual(sorted)
      }
    }),
  )
})

test('B2 a term counts no more than a byte holds', () => {
  const lists = new PostingLists()
  for (let time = 0; time < 300; time += 1) lists.add(0, 7)
  expect(lists.frequency(0, 7)).toBe(FREQUENCY_MAX)
  expect(lists.count(0)).toBe(1)
})

test('P11 a run that a list leaves serves the next list of its size', () => {
  const lists = new PostingLists()
  for (let row = 0; row < 1_000; row += 1) lists.add(0, row)
  const bytes = lists.bytes
  for (let row = 0; row < 1_000; row += 1) lists.remove(0, row)
  for (let row = 0; row < 1_000; row += 1) lists.add(1, row)
  expect(lists.bytes).toBe(bytes)
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LabelColumn } from './label-column.ts'

const ROWS = 12
const label: fc.Arbitrary<string> = fc.constantFrom('a', 'b', '1:a', 'a1:', '', '2:')
const step = fc.record({ row: fc.nat(ROWS - 1), labels: fc.array(label, { maxLength: 4 }) })

describe('LabelColumn', () => {
  test('a set is marked when it holds one of the labels wanted, whatever the labels look like', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.uniqueArray(label), (steps, wanted) => {
        const column = new LabelColumn()
        column.grow(ROWS)
        const rows = Array.from({ length: ROWS }, (): readonly string[] => [])
        for (const { row, labels } of steps) {
          column.set(row, labels)
          rows[row] = labels
        }
        const marks = column.marks(wanted)
        const marked = rows.map((_, row) => marks[column.sets[row] as number] === 1)
        expect(marked).toEqual(rows.map((labels) => labels.some((each) => wanted.includes(each))))
      }),
    )
  })

  test('P11 sets that no row has any more take nothing, and their numbers are given again', () => {
    const column = new LabelColumn()
    column.grow(1)
    const { bytes } = column
    for (let n = 0; n < 1_000; n += 1) column.set(0, ['task', `task ${n}`])
    expect(column.marks([]).length).toBeLessThan(5)
    column.set(0, [])
    expect(column.bytes).toBe(bytes)
  })
})

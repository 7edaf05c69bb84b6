import { describe, expect, it } from 'vitest'
import { columnsOf } from './text.ts'
import { tableLines, type Column } from './table.ts'

type Row = readonly [name: string, value: number, remark: string]

const columns: readonly Column<Row>[] = [
  { heading: 'name', cell: ([name]) => name },
  { heading: 'value', isNumber: true, cell: ([, value]) => String(value) },
  { heading: 'remark', cell: ([, , remark]) => remark },
]

describe('tableLines', () => {
  it('aligns names and numbers, wide characters included', () => {
    expect(
      tableLines(
        columns,
        [
          ['鍵', 1, 'x'],
          ['b', 1000, ''],
        ],
        80,
      ),
    ).toEqual(['name  value  remark', '鍵        1  x', 'b      1000'])
  })

  it('puts the last column below the others where a line would be too long, and leaves nothing out', () => {
    const remark = 'no verified checkpoint; the lowest hold is of node-1'
    const lines = tableLines(
      columns,
      [
        ['a', 1, remark],
        ['b', 2, ''],
      ],
      40,
    )
    expect(lines).toEqual([
      'name  value',
      '       remark',
      'a         1',
      '       no verified checkpoint; the',
      '       lowest hold is of node-1',
      'b         2',
    ])
    expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(40)
  })

  it('is nothing without rows', () => {
    expect(tableLines(columns, [], 80)).toEqual([])
  })
})

import { describe, expect, it } from 'vitest'
import { coloursFor } from './colours.ts'
import { recordLines } from './record-lines.ts'
import { columnsOf } from './text.ts'

const colours = coloursFor({ isTerminal: false, noColor: true })
const id = '0198a0aa-0000-7000-8000-00000000abcd'
const record = { id, facts: ['2026-11-21 12:07:31Z', 'fact     ', 'scout     '], text: `支払い\n${'long '.repeat(60)}` }

describe('recordLines', () => {
  it('is one line where nothing breaks it', () => {
    const [line, ...more] = recordLines(record, { width: Number.POSITIVE_INFINITY, colours })
    expect(more).toEqual([])
    expect(line).toMatch(/^0198a0aa\S+ {2}2026-11-21 12:07:31Z {2}fact {7}scout {7}支払い long long/)
  })

  it.each([60, 80, 120, 160])('takes no line beyond %d columns, and keeps the id whole', (width) => {
    const lines = recordLines({ ...record, before: ' 0.875  ' }, { width, colours })
    expect(lines.length).toBe(width < 130 ? 2 : 1)
    expect(lines[0]).toContain(id)
    for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(width)
    expect(lines.at(-1)).toContain('支払い')
  })
})

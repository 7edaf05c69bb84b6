import { describe, expect, it } from 'vitest'
import { markdownOf, placeTables } from './markdown.ts'

const document = 'before\n\n<!-- tables: a.json -->\nold\n<!-- end -->\n\n<!-- tables: b.json -->\nkept\n<!-- end -->\n'

describe('tables in a document', () => {
  it('replace what stands between their comments, and nothing else', () => {
    const placed = placeTables(document, new Map([['a.json', 'new $1']]))
    expect(placed).toContain('before\n\n<!-- tables: a.json -->\n\nnew $1\n\n<!-- end -->')
    expect(placed).toContain('<!-- tables: b.json -->\nkept\n<!-- end -->')
    expect(placed).not.toContain('old')
  })

  it('stay as they are when they are placed again', () => {
    const contents = new Map([['a.json', 'new']])
    const once = placeTables(document, contents)
    expect(placeTables(once, contents)).toBe(once)
  })

  it('say which run they are of, and keep their columns whatever is in a cell', () => {
    const recorded = {
      ...{ date: '2026-01-02T03:04:05Z', commit: '0123456789', command: 'npm run bench -- scale' },
      machine: { cpu: 'Some CPU', cores: 2, node: 'v20' },
      loadAverage: { start: [1, 1, 1], end: [2, 1, 1] },
      tables: [{ title: 'What', heads: ['a', 'b'], rows: [['x | y', '1']] }],
    }
    expect(markdownOf(recorded)).toBe(
      '`npm run bench -- scale`: 2026-01-02, 0123456, Some CPU, 2 cores, node v20, load 1 to 2.\n\n' +
        'What:\n\n| a | b |\n|---|--:|\n| x \\| y | 1 |',
    )
  })
})

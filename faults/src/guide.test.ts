import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { forms } from './form.ts'

it('the guide for operators says of each fault what one sees and what to do', () => {
  const guide = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8')
  const [, section = ''] = guide.split('\n## When something breaks\n')
  const [faults = ''] = section.split('\n### ')
  const rows = faults.split('\n').filter((line) => line.startsWith('| `'))
  const named = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name))
  expect(named.toSorted()).toEqual(forms.full.kinds.map(({ name }) => name).toSorted())
  for (const row of rows)
    expect(
      row
        .split('|')
        .slice(2, 4)
        .every((cell) => cell.trim().length > 5),
    ).toBe(true)
})

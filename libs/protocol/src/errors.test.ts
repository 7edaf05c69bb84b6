import type { FaultCatalogue, FaultEntry, FaultKind } from '@waggle/kernel'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fault, faultCatalogue, type FaultCode } from './errors.ts'

const catalogue: FaultCatalogue = faultCatalogue
const codes = Object.keys(catalogue) as FaultCode[]

/** All kinds, in the order in which the page explains them. */
const kinds: Readonly<Record<FaultKind, true>> = {
  invalid: true,
  notFound: true,
  denied: true,
  conflict: true,
  moved: true,
  busy: true,
  notReady: true,
  lost: true,
  unavailable: true,
  corrupt: true,
  closed: true,
  internal: true,
}

describe.each(codes)('%s', (code) => {
  const { kind, summary, advice } = catalogue[code] as FaultEntry

  it('has a kind, and says in a sentence each what happened and what to do', () => {
    expect(kinds).toHaveProperty(kind)
    for (const sentence of [summary, advice]) {
      expect(sentence).toMatch(/^[A-Z].*[.]$/)
      expect(sentence).not.toMatch(/[|\n]/)
    }
  })

  it('is upper snake case, as what is never renamed', () => {
    expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/)
  })

  it('is thrown with its kind', () => {
    expect(fault(code, 'it happened at=1', { at: 1 }).toJSON()).toStrictEqual({
      code,
      kind,
      message: 'it happened at=1',
      details: { at: 1 },
    })
  })
})

describe('docs/errors.md', () => {
  const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  const sections = page.split(/^## /m).slice(1)
  const rows = sections.flatMap((section) =>
    [...section.matchAll(/^\| `(.+?)` \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$/gm)].map(
      ([, code, kind, met, summary, advice]) => ({ code, kind, met, summary, advice, heading: section.split('\n')[0] }),
    ),
  )

  it('explains every kind', () => {
    expect(sections.map((section) => section.split('\n')[0])).toEqual(Object.keys(kinds))
    for (const section of sections) expect(section).toMatch(/^\w+\n\n[A-Z][^|]+[.]\n/)
  })

  it('says of every code what the catalogue says', () => {
    const written = rows.filter(({ code = '' }) => code in catalogue)
    expect(
      Object.fromEntries(written.map(({ code, kind, summary, advice }) => [code, { kind, summary, advice }])),
    ).toEqual(catalogue)
  })

  it('has no code that is met everywhere and is in no catalogue', () => {
    const places = { ours: ['everywhere', 'cluster'], others: ['embedded', 'cluster', 'server'] }
    for (const { code = '', met = '' } of rows)
      expect(places[code in catalogue ? 'ours' : 'others'], `${code} is met ${met}`).toContain(met)
  })

  it('has each code once, under its kind', () => {
    expect(new Set(rows.map(({ code }) => code)).size).toBe(rows.length)
    for (const { kind, heading } of rows) expect(kind).toBe(heading)
    expect(page.match(/^\| `/gm)).toHaveLength(rows.length)
  })
})

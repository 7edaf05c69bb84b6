import type { ExperienceId, Neighbours } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { fuse, type FusionQuery } from './fusion.ts'

const RELEVANCE = { similarity: 0.5, text: 0.5, energy: 0 }
const HALF: Neighbours = { before: 0.5, after: 0.25, sameAgent: false }

/** Experiences by name, in the order in which they stand beside each other; `similarity` and `bm25` of each. */
interface Given {
  readonly all: Readonly<Record<string, readonly [similarity: number | undefined, bm25: number]>>
  readonly energies?: Readonly<Record<string, number>>
  readonly hidden?: readonly string[]
}

const fused = ({ all, energies, hidden = [] }: Given, query: Partial<FusionQuery> = {}) => {
  const names = Object.keys(all)
  const asked: string[] = []
  const nameAt = (place: number) => {
    const name = names[place]
    return name === undefined || hidden.includes(name) ? undefined : (name as ExperienceId)
  }
  const hits = fuse(
    {
      similarity: Object.values(all).some(([similarity]) => similarity === undefined)
        ? undefined
        : (id) => all[id]?.[0] as number,
      bm25: (ids) => {
        asked.push(...ids)
        return ids.map((id) => all[id]?.[1] as number)
      },
      energy: energies && ((id) => energies[id] ?? 0),
      beside: (id) => ({ before: nameAt(names.indexOf(id) - 1), after: nameAt(names.indexOf(id) + 1) }),
    },
    { relevant: names as ExperienceId[], alive: [], weights: RELEVANCE, neighbours: undefined, k: 10, ...query },
  )
  return {
    hits,
    asked,
    order: hits.map(({ id }) => id as string),
    of: (name: string) => hits.find(({ id }) => id === name),
  }
}

const ids = (...names: string[]) => names as unknown as ExperienceId[]

describe('scaling', () => {
  const all = { near: [0.8, 0], worded: [0.2, 12], both: [0.6, 9], neither: [0.2, 0] } as const

  test('H2 each part goes from 0 to 1 over the candidates, and is then weighed', () => {
    const { order, of } = fused({ all })
    expect(order).toEqual(['both', 'near', 'worded', 'neither'])
    expect(of('both')).toMatchObject({ similarity: 0.6, bm25: 9, parts: { text: 0.75 } })
    expect(of('both')?.parts.similarity).toBeCloseTo(2 / 3)
    expect(of('both')?.score).toBeCloseTo(0.5 * (2 / 3) + 0.5 * 0.75)
    expect(of('neither')).toMatchObject({ score: 0, parts: { similarity: 0, text: 0 } })
  })

  test('H2 where all are alike, each is the best; where nobody shares a word, nobody is', () => {
    const { of } = fused({ all: { a: [0.3, 0], b: [0.3, 0] } })
    expect(of('a')).toMatchObject({ score: 0.5, parts: { similarity: 1, text: 0 } })
    expect(fused({ all: { a: [-0.3, 0], b: [-0.3, 0] } }).of('a')).toMatchObject({ score: 0 })
  })

  test('no more than are wanted', () => {
    expect(fused({ all }, { k: 2 }).order).toEqual(['both', 'near'])
  })

  test('a part that is not looked at is not told, and adds nothing', () => {
    const { of } = fused(
      { all: { a: [undefined, 3], b: [undefined, 1] } },
      { weights: { similarity: 0, text: 1, energy: 0 } },
    )
    expect(of('a')).toEqual({ id: 'a', bm25: 3, score: 1, parts: { text: 1 } })
  })

  test('H1 what was found twice, or by its energy alone, is judged once and by everything', () => {
    const energies = { alive: 1, near: 0.5 }
    const given = { all: { near: [0.8, 0], worded: [0.4, 5], alive: [0.6, 2], far: [-0.9, 0] }, energies } as const
    const weights = { similarity: 0.25, text: 0.25, energy: 0.5 }
    const { hits, asked, of } = fused(given, {
      ...{ relevant: ids('near', 'worded', 'near'), alive: ids('alive', 'far', 'near'), weights },
    })
    expect(asked).toEqual(['near', 'worded', 'alive', 'far'])
    expect(hits).toHaveLength(4)
    expect(of('alive')?.score).toBeCloseTo(0.25 * 0.5 + 0.25 * 0.4 + 0.5)
    // Below the least of those that relevance brought.
    expect(of('far')).toMatchObject({ score: 0, energy: 0, parts: { similarity: 0, text: 0, energy: 0 } })
  })
})

describe('neighbours', () => {
  const all = { first: [0.5, 4], second: [0, 0], third: [0.25, 0], fourth: [0, 0] } as const

  test('H3 lend shares of their relevance, and are candidates themselves', () => {
    const { order, of } = fused({ all }, { relevant: ids('first', 'third'), neighbours: HALF })
    expect(order).toEqual(['first', 'second', 'third', 'fourth'])
    // The least candidate counts as 0, and so does what lies below it.
    expect(of('first')).toMatchObject({ score: 1, parts: { neighbours: 0 } })
    expect(of('second')).toMatchObject({ score: 0.5, parts: { similarity: 0, text: 0, neighbours: 0.5 } })
    expect(of('third')).toMatchObject({ score: 0, parts: { neighbours: 0 } })
  })

  test('H3 what does not match lends nothing and does not come', () => {
    const { order, of } = fused({ all, hidden: ['first'] }, { relevant: ids('third', 'fourth'), neighbours: HALF })
    expect(order).not.toContain('first')
    expect(of('second')?.parts.neighbours).toBe(0.25 * (of('third')?.score ?? NaN))
  })

  test('H3 never lend their energy', () => {
    const weights = { similarity: 0.25, text: 0.25, energy: 0.5 }
    const { of } = fused({ all, energies: { first: 1 } }, { neighbours: HALF, weights })
    expect(of('second')?.parts.neighbours).toBe(0.5 * 0.5 + 0.25 * 0.25 * 0.5)
  })
})

test('H4 ties go to similarity, then to words, then to the id', () => {
  const all = { d: [0, 0], c: [1, 1], b: [1, 1], a: [0, 0] } as const
  expect(fused({ all }, { weights: { similarity: 0, text: 0, energy: 1 } }).order).toEqual(['b', 'c', 'a', 'd'])
})

import type { TenantId } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { NO_INCARNATION, type Scope } from '../state/keyspace.ts'
import { IndexBudget } from './index-budget.ts'
import { IndexSlots, type WantedIndex } from './index-slots.ts'

/** An index that holds the numbers it was told of, each taking a megabyte. */
class Numbers {
  readonly held: number[]
  disposals = 0

  constructor(...held: number[]) {
    this.held = held
  }

  get bytes(): number {
    return this.held.length * 2 ** 20
  }

  dispose(): void {
    this.disposals += 1
  }
}

const scopeOf = (name: string): Scope => ({ tenant: name as TenantId, incarnation: NO_INCARNATION })

const wanted = (name: string, build: () => Promise<Numbers> | Numbers): WantedIndex<Numbers> => ({
  scope: scopeOf(name),
  table: 'numbers',
  build: async () => build(),
})

const slotsWithin = (budget: IndexBudget): IndexSlots<Numbers, number> =>
  new IndexSlots({ budget, follow: ({ held }, number) => held.push(number) })

const gate = () => {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open }
}

const MB = 2 ** 20

describe('IndexSlots', () => {
  test('X4 what is evicted or dropped gives back what it holds, once', async () => {
    const slots = slotsWithin(new IndexBudget(1.5 * MB))
    const [first, second] = [new Numbers(1), new Numbers(2)]
    await slots.use([wanted('a', () => first)], (found) => found)
    expect(first.disposals).toBe(0)
    await slots.use([wanted('b', () => second)], (found) => found)
    expect([first.disposals, second.disposals]).toEqual([1, 0])
    slots.drop(scopeOf('b'), 'numbers')
    slots.drop(scopeOf('b'), 'numbers')
    slots.clear()
    expect([first.disposals, second.disposals]).toEqual([1, 1])
  })

  test('X4 what is dropped under a search that waits gives it back only when the search has ended', async () => {
    const slots = slotsWithin(new IndexBudget())
    const index = new Numbers(1)
    const { opened, open } = gate()
    const reached = gate()
    const searching = slots.use(
      [wanted('a', () => index)],
      (found) => found,
      async () => {
        reached.open()
        await opened
      },
    )
    await reached.opened
    slots.drop(scopeOf('a'), 'numbers')
    expect(index.disposals).toBe(0)
    open()
    expect(await searching).toBeUndefined()
    expect(index.disposals).toBe(1)
  })

  test('X4 what is dropped while it is built gives it back when it is there', async () => {
    const slots = slotsWithin(new IndexBudget())
    const index = new Numbers(1)
    const { opened, open } = gate()
    const searching = slots.use([wanted('a', () => opened.then(() => index))], (found) => found)
    slots.drop(scopeOf('a'), 'numbers')
    open()
    expect(await searching).toBeUndefined()
    expect(index.disposals).toBe(1)
  })

  test('X4 a build that fails leaves nothing: it is built anew, and what was built beside it stays', async () => {
    const budget = new IndexBudget()
    const slots = slotsWithin(budget)
    const beside = new Numbers(1)
    const { opened, open } = gate()
    const failing = slots.use(
      [wanted('a', () => Promise.reject(new Error('no'))), wanted('b', async () => opened.then(() => beside))],
      (found) => found,
    )
    await expect(failing).rejects.toThrow('no')
    open()
    const built = new Numbers(2)
    const found = await slots.use([wanted('a', () => built), wanted('b', () => new Numbers())], ([a, b]) => ({ a, b }))
    expect(found?.a).toBe(built)
    expect(found?.b).toBe(beside)
    expect(beside.disposals).toBe(0)
    slots.clear()
    expect(budget.bytes).toBe(0)
  })

  test('X1 changes that come while an index is built are applied to it in their order, and counted', async () => {
    const budget = new IndexBudget()
    const slots = slotsWithin(budget)
    const { opened, open } = gate()
    const searching = slots.use([wanted('a', () => opened.then(() => new Numbers(1)))], ([index]) => ({
      held: [...(index as Numbers).held],
    }))
    slots.follow(scopeOf('a'), 'numbers', 2)
    slots.follow(scopeOf('a'), 'numbers', 3)
    slots.follow(scopeOf('other'), 'numbers', 4)
    open()
    expect(await searching).toEqual({ held: [1, 2, 3] })
    const before = budget.bytes
    expect(before).toBeGreaterThan(3 * MB)
    slots.follow(scopeOf('a'), 'numbers', 5)
    expect(budget.bytes - before).toBe(MB)
  })

  test('X2 M1 P11 an index that grows by what is applied makes others go, without a search', async () => {
    const budget = new IndexBudget(3.5 * MB)
    const slots = slotsWithin(budget)
    const [idle, growing] = [new Numbers(1), new Numbers(2)]
    await slots.use([wanted('idle', () => idle)], (found) => found)
    await slots.use([wanted('growing', () => growing)], (found) => found)
    slots.follow(scopeOf('growing'), 'numbers', 3)
    expect(idle.disposals).toBe(0)
    slots.follow(scopeOf('growing'), 'numbers', 4)
    expect([idle.disposals, growing.disposals]).toEqual([1, 0])
    // Larger than all there is, it stays: it would only be built anew.
    slots.follow(scopeOf('growing'), 'numbers', 5)
    expect([growing.held, growing.disposals]).toEqual([[2, 3, 4, 5], 0])
  })

  test('X2 M1 P11 two kinds that share a budget make one another go', async () => {
    const budget = new IndexBudget(2.5 * MB)
    const [vectors, words] = [slotsWithin(budget), slotsWithin(budget)]
    const [first, second, third] = [new Numbers(1), new Numbers(2), new Numbers(3)]
    await vectors.use([wanted('a', () => first)], (found) => found)
    await words.use([wanted('a', () => second)], (found) => found)
    await vectors.use([wanted('a', () => new Numbers())], (found) => found)
    await words.use([wanted('b', () => third)], (found) => found)
    expect([first, second, third].map(({ disposals }) => disposals)).toEqual([0, 1, 0])
  })

  test('X2 M1 P11 empty indexes count too, so that there are never too many of them', async () => {
    const budget = new IndexBudget(MB)
    const slots = slotsWithin(budget)
    const indexes = Array.from({ length: 3_000 }, () => new Numbers())
    for (const [number, index] of indexes.entries())
      await slots.use([wanted(`tenant-${number}`, () => index)], (found) => found)
    expect(budget.bytes).toBeLessThanOrEqual(MB)
    expect(indexes.filter(({ disposals }) => disposals === 0).length).toBeLessThan(2_000)
  })
})

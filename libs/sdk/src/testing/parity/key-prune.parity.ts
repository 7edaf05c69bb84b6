/** Exoware's cases of prune policies over keys. */
import { expect } from 'vitest'
import type { CollectiveHandle } from '../../collective-handle.ts'
import { expectRefusal } from '../samples.ts'
import type { Cases } from './parity-store.ts'
import { keysOf, rows } from './keys.ts'

type Policy = Parameters<CollectiveHandle['keys']['prune']>[0][number]
type Retain = Policy['retain']

/** Eight bytes, the highest first. */
const u64 = (number: number): Uint8Array => {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number))
  return bytes
}

const keyOf = (family: string, group: string, order: number): Uint8Array =>
  Uint8Array.from([...new TextEncoder().encode(`${family}${group}/`), ...u64(order)])

/** `FAMILY GROUP / eight bytes`: the group is text, the order raw. */
const GROUPED = '(?s-u)^(?P<group>[a-z]+)/(?P<order>.{8})$'

const grouped = (family: string, retain: Retain, encoding: 'u64Be' | 'i64Be' | 'bytesAsc' = 'u64Be'): Policy => ({
  keys: {
    selector: { prefix: family, regex: GROUPED },
    groupBy: { captureGroups: ['group'] },
    orderBy: { captureGroup: 'order', encoding },
  },
  retain,
})

const dropFamily = (family: string): Policy => ({
  keys: { selector: { prefix: family } },
  retain: { dropAll: {} },
})

const putOrders = async ({ keys }: CollectiveHandle, family: string, group: string, orders: readonly number[]) =>
  keys.put(orders.map((order) => [keyOf(family, group, order), `${group}${order}`]))

/** What is left, as `GROUP ORDER`. */
const left = async (hive: CollectiveHandle): Promise<readonly string[]> => (await rows(hive)).map(([, value]) => value)

export const keyPruneParity = (it: Cases): void => {
  families(it)
  thresholds(it)
  refusals(it)
}

const families = (it: Cases): void => {
  it('exoware E19: dropAll takes its own family and no other', async ({ hive }) => {
    await hive.keys.put([
      ['a1', 'x'],
      ['a2', 'x'],
      ['b1', 'x'],
      ['', 'x'],
    ])
    const done = await hive.keys.prune([dropFamily('a')])
    expect(done).toMatchObject({ keys: 2, batches: 0 })
    expect(await keysOf(hive)).toEqual(['', 'b1'])
  })

  it('exoware E20: keepLatest keeps the highest of each group, and the sequence stays where it was', async ({
    hive,
  }) => {
    await putOrders(hive, 'f', 'a', [3, 1, 2])
    const { sequence } = await putOrders(hive, 'f', 'b', [10, 9])
    await hive.keys.prune([grouped('f', { keepLatest: { count: 1 } })])
    expect(await left(hive)).toEqual(['a3', 'b10'])
    expect(await hive.keys.currentSequence()).toBe(sequence)
    // A deviation: theirs tells nobody, and whoever follows the log keeps what was pruned.
    const frames = hive.keys.subscribe({ since: sequence + 1 })
    const { value } = await frames.next()
    await frames.return()
    expect([value!.entries, value!.deleted.map((key) => key.at(-1))]).toEqual([[], [1, 2, 9]])
  })

  it('exoware E21: the same policy again changes nothing', async ({ hive }) => {
    await putOrders(hive, 'f', 'a', [1, 2, 3])
    const policies = [grouped('f', { keepLatest: { count: 2 } })]
    expect(await hive.keys.prune(policies)).toMatchObject({ keys: 1 })
    const before = await hive.keys.currentSequence()
    expect(await hive.keys.prune(policies)).toMatchObject({ keys: 0 })
    expect([await left(hive), await hive.keys.currentSequence()]).toEqual([['a2', 'a3'], before])
  })

  it('exoware E34: dropAll; keepLatest keeps the newest of each group; greaterThan 15 keeps 20 and 30', async ({
    hive,
  }) => {
    await putOrders(hive, 'x', 'a', [1, 2])
    await putOrders(hive, 'y', 'a', [1, 2])
    await putOrders(hive, 'y', 'b', [7])
    await putOrders(hive, 'z', 'a', [10, 20, 30])
    const policies = [
      dropFamily('x'),
      grouped('y', { keepLatest: { count: 1 } }),
      grouped('z', { greaterThan: { threshold: 15 } }),
    ]
    expect(await hive.keys.prune(policies)).toMatchObject({ keys: 2 + 1 + 1 })
    expect(await left(hive)).toEqual(['a2', 'b7', 'a20', 'a30'])
  })
}

const thresholds = (it: Cases): void => {
  it('exoware E22: greaterThanOrEqual 4 keeps 4 and 5', async ({ hive }) => {
    await putOrders(hive, 'f', 'a', [1, 2, 3, 4, 5])
    await hive.keys.prune([grouped('f', { greaterThanOrEqual: { threshold: 4 } })])
    expect(await left(hive)).toEqual(['a4', 'a5'])
  })

  it('exoware E70: newest 2 of 3; under the count none goes; > 5 takes 3 and 5; >= 5 takes 3', async ({ hive }) => {
    const cases: readonly (readonly [family: string, orders: readonly number[], retain: Retain, kept: string[]])[] = [
      ['a', [1, 2, 3], { keepLatest: { count: 2 } }, ['a2', 'a3']],
      ['b', [1, 2], { keepLatest: { count: 5 } }, ['a1', 'a2']],
      ['c', [3, 5, 7], { greaterThan: { threshold: 5 } }, ['a7']],
      ['d', [3, 5, 7], { greaterThanOrEqual: { threshold: 5 } }, ['a5', 'a7']],
    ]
    for (const [family, orders, retain, kept] of cases) {
      await putOrders(hive, family, 'a', orders)
      await hive.keys.prune([grouped(family, retain)])
      const range = { start: family, end: new Uint8Array([...new TextEncoder().encode(family), 0xff]) }
      expect((await rows(hive, range)).map(([, value]) => value)).toEqual(kept)
    }
  })
}

const refusals = (it: Cases): void => {
  it('exoware E23: a threshold over numbers with a sign is refused, and nothing is deleted', async ({ hive }) => {
    await putOrders(hive, 'f', 'a', [1, 2, 3])
    const { sequence } = await hive.keys.put([['g1', 'g']])
    // Judged whole before anything is done: the good policy before it deletes nothing either.
    const refused = hive.keys.prune([dropFamily('g'), grouped('f', { greaterThan: { threshold: 1 } }, 'i64Be')])
    const fault = await expectRefusal(refused, 'INVALID_FIELD', 'policies[1].keys.orderBy.encoding')
    expect(fault.kind).toBe('invalid')
    expect(await left(hive)).toEqual(['a1', 'a2', 'a3', 'g'])
    expect(await hive.keys.currentSequence()).toBe(sequence)
    for (const encoding of ['i64Be', 'bytesAsc'] as const)
      await hive.keys.prune([grouped('f', { keepLatest: { count: 3 } }, encoding)])
    expect(await left(hive)).toEqual(['a1', 'a2', 'a3', 'g'])
  })
}

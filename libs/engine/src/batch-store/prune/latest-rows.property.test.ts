/** Which rows of groups are not the newest, in passes of little memory, against what sorting them all says. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareOrdered, type Ordered } from './key-order.ts'
import { LatestRows } from './latest-rows.ts'

interface Row extends Ordered {
  readonly group: string
}

const drawnRows = fc
  .uniqueArray(fc.tuple(fc.nat(5), fc.nat(3), fc.nat(60)), {
    maxLength: 120,
    selector: ([group, , key]) => `${group} ${key}`,
  })
  .map((drawn) =>
    drawn
      .map(([group, order, key]) => ({
        group: String.fromCharCode(97 + group),
        order: Uint8Array.of(order),
        key: Buffer.from(`${String(key).padStart(3, '0')} ${group}`),
      }))
      .sort((left, right) => Buffer.compare(left.key, right.key)),
  )

const nameOf = ({ key }: Row): string => Buffer.from(key).toString()

const expectedOf = (all: readonly Row[], keep: number): string[] =>
  [...new Set(all.map(({ group }) => group))]
    .flatMap((group) => {
      const ofGroup = all.filter((row) => row.group === group).sort(compareOrdered)
      return ofGroup.slice(0, Math.max(0, ofGroup.length - keep))
    })
    .map(nameOf)
    .sort()

interface Pass {
  readonly keep: number
  readonly rowsMax: number
  readonly from: string
}

/** One pass over what is not gone yet. @returns from which group on another is due */
const doPass = (all: readonly Row[], gone: Set<Row>, { keep, rowsMax, from }: Pass): string | undefined => {
  const latest = new LatestRows<Row>(keep, { rowsMax, from })
  const take = (surplus: readonly Row[]): void => {
    for (const row of surplus) {
      expect(gone.has(row)).toBe(false)
      gone.add(row)
    }
  }
  for (const row of all.filter((each) => !gone.has(each))) take(latest.add(row.group, row))
  const { rows, next } = latest.end()
  // N2 N3.
  expect(rows.length).toBeLessThanOrEqual(2 * rowsMax)
  take(rows)
  return next
}

test('N1 N2 N3 however little fits, after enough passes exactly the rows that are not the newest are gone', () => {
  fc.assert(
    fc.property(drawnRows, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 30 }), (all, keep, rowsMax) => {
      const gone = new Set<Row>()
      let passes = 0
      for (let from: string | undefined = ''; from !== undefined; passes += 1) {
        from = doPass(all, gone, { keep, rowsMax, from })
        expect(passes).toBeLessThanOrEqual(2 * all.length + 2)
      }
      expect([...gone].map(nameOf).sort()).toEqual(expectedOf(all, keep))
    }),
    { seed: 608, numRuns: 400 },
  )
})

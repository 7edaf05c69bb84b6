/** Random policies over random keys, with the store opened anew in between, against A.8 as plainly as can be said. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { int64, openPrunedHive, prunedHiveOf, type Latin, type PrunedHive } from '../../testing/prune/pruned-hive.ts'
import { openTestEngine } from '../../testing/test-engine.ts'

const ENCODINGS = ['bytesAsc', 'u64Be', 'i64Be'] as const
type Encoding = (typeof ENCODINGS)[number]
interface Drawn {
  readonly prefix: string
  readonly isGrouped: boolean
  readonly encoding: Encoding
  readonly rule: 'keepLatest' | 'greaterThan' | 'greaterThanOrEqual' | 'dropAll'
  readonly number: number
}

/** A family, a group or none, and an order of any length. */
const key = fc
  .tuple(
    fc.constantFrom('a/', 'b/'),
    fc.constantFrom('', 'x', 'y'),
    fc.oneof(fc.integer({ min: -3, max: 6 }).map(int64), fc.constantFrom('', '1', '22')),
  )
  .map(([prefix, group, order]) => `${prefix}${group}:${order}`)

const policy: fc.Arbitrary<Drawn> = fc.record({
  prefix: fc.constantFrom('a/', 'b/', ''),
  isGrouped: fc.boolean(),
  encoding: fc.constantFrom(...ENCODINGS),
  rule: fc.constantFrom('keepLatest', 'keepLatest', 'greaterThan', 'greaterThanOrEqual', 'dropAll'),
  number: fc.integer({ min: 1, max: 4 }),
})

const retainOf = ({ rule, number }: Drawn): object => {
  if (rule === 'dropAll') return { dropAll: {} }
  return { [rule]: rule === 'keepLatest' ? { count: number } : { threshold: number } }
}

/** Thresholds are of `u64Be` alone. */
const encodingOf = ({ rule, encoding }: Drawn): Encoding =>
  rule === 'keepLatest' || rule === 'dropAll' ? encoding : 'u64Be'

const requestOf = (drawn: Drawn): object => ({
  keys: {
    selector: { prefix: drawn.prefix, regex: '(?s-u)(?:(?P<group>[xy])|/):(?P<order>.*)$' },
    ...(drawn.isGrouped ? { groupBy: { captureGroups: ['group'] } } : {}),
    orderBy: { captureGroup: 'order', encoding: encodingOf(drawn) },
  },
  retain: retainOf(drawn),
})

interface Ranked {
  readonly key: Latin
  readonly group: string
  readonly order: bigint | Latin
}

const numberOf = (order: Latin, encoding: Encoding): bigint => {
  if (order.length !== 8) return 0n
  const bytes = Buffer.from(order, 'latin1')
  return encoding === 'u64Be' ? bytes.readBigUInt64BE() : bytes.readBigInt64BE()
}

const rankedOf = (keys: readonly Latin[], drawn: Drawn): readonly Ranked[] =>
  keys.flatMap((each) => {
    const match = each.startsWith(drawn.prefix)
      ? /(?:(?<group>[xy])|\/):(?<order>.*)$/su.exec(each.slice(drawn.prefix.length))
      : null
    const group = drawn.isGrouped ? match?.groups?.group : ''
    if (match === null || group === undefined) return []
    const text = match.groups?.order ?? ''
    const encoding = encodingOf(drawn)
    return [{ key: each, group, order: encoding === 'bytesAsc' ? text : numberOf(text, encoding) }]
  })

/** What A.8 says goes. */
const surplusOf = (keys: readonly Latin[], drawn: Drawn): readonly Latin[] => {
  const ranked = rankedOf(keys, drawn)
  if (drawn.rule === 'dropAll') return ranked.map((each) => each.key)
  if (drawn.rule !== 'keepLatest') {
    const least = BigInt(drawn.rule === 'greaterThan' ? drawn.number + 1 : drawn.number)
    return ranked.filter(({ order }) => (order as bigint) < least).map((each) => each.key)
  }
  const newestFirst = ranked.toSorted((left, right) => {
    if (left.order !== right.order) return left.order < right.order ? 1 : -1
    return left.key < right.key ? 1 : -1
  })
  return newestFirst
    .filter(
      ({ group }, index) => newestFirst.slice(0, index).filter((each) => each.group === group).length >= drawn.number,
    )
    .map((each) => each.key)
}

const reopen = async (hive: PrunedHive, seed: number): Promise<PrunedHive> => {
  await hive.engine.engine.close()
  const { stream, store, clock } = hive.engine
  return prunedHiveOf(await openTestEngine({ stream, store, clock, seed }), hive.id)
}

test('E19 E34 E70 what a prune leaves is what A.8 says, also where the store is opened anew meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(
          fc.uniqueArray(key, { minLength: 1, maxLength: 30 }),
          fc.array(policy, { minLength: 1, maxLength: 3 }),
        ),
        {
          minLength: 1,
          maxLength: 3,
        },
      ),
      async (rounds) => {
        let hive = await openPrunedHive()
        const model = new Set<Latin>()
        for (const [round, [keys, drawn]] of rounds.entries()) {
          await hive.put(keys)
          for (const each of keys) model.add(each)
          const policies = drawn.filter(({ prefix }, at) => drawn.findIndex((other) => other.prefix === prefix) === at)
          const { job } = await hive.call('keys.prune', { policies: policies.map(requestOf) })
          const before = model.size
          for (const each of policies) for (const gone of surplusOf([...model], each)) model.delete(gone)
          // Another seed: ids are never drawn twice.
          hive = await reopen(hive, 2 + round)
          expect(await hive.ended(job)).toMatchObject({ keys: before - model.size })
          expect(await hive.keys()).toEqual([...model].sort())
        }
        await hive.engine.engine.close()
      },
    ),
    { seed: 609, numRuns: 25 },
  )
})

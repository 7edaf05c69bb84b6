/** Which policies are refused: whole, before anything of them takes effect (Exoware A.8). */
import { limits } from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { int64, openPrunedHive, type PrunedHive } from '../../testing/prune/pruned-hive.ts'

let hive: PrunedHive
beforeEach(async () => {
  hive = await openPrunedHive()
})

const regex = '^(?<one>.)(?<two>.*)$'
const selector = { prefix: 'a/', regex }
const order = (captureGroup = 'two', encoding = 'u64Be') => ({ orderBy: { captureGroup, encoding } })
const dropAll = { dropAll: {} }
const keepLatest = { keepLatest: { count: 1 } }
const greaterThan = { greaterThan: { threshold: 1 } }
const keys = (scope: object, retain: object) => ({ keys: { selector, ...scope }, retain })
const at = (rest: string): string => `policies[0].${rest}`

describe('V1 P10 E67 a request is refused whole', () => {
  test.each<[string, object[], string, string]>([
    ['no policies', [], 'REQUIRED_FIELD', 'policies'],
    ['neither scope', [{ retain: dropAll }], 'REQUIRED_FIELD', at('keys')],
    ['both scopes', [{ keys: { selector }, sequence: {}, retain: dropAll }], 'INVALID_FIELD', 'policies[0]'],
    ['no rule', [{ keys: { selector } }], 'REQUIRED_FIELD', at('retain')],
    ['a rule of no kind', [keys({}, {})], 'INVALID_FIELD', at('retain')],
    ['two rules in one', [keys({}, { ...dropAll, ...greaterThan })], 'INVALID_FIELD', at('retain')],
    ['keep_latest 0', [keys(order(), { keepLatest: { count: 0 } })], 'INVALID_FIELD', at('retain.keepLatest.count')],
    [
      'V2 a bad expression',
      [keys({ selector: { prefix: '', regex: '(' } }, dropAll)],
      'INVALID_FIELD',
      at('keys.selector.regex'),
    ],
    [
      'V2 a blank one',
      [keys({ selector: { prefix: '', regex: ' ' } }, dropAll)],
      'INVALID_FIELD',
      at('keys.selector.regex'),
    ],
    [
      'V2 one that looks around',
      [keys({ selector: { prefix: '', regex: '(?=a)' } }, dropAll)],
      'INVALID_FIELD',
      at('keys.selector.regex'),
    ],
    [
      'V2 a group that is not there',
      [keys({ groupBy: { captureGroups: ['one', 'none'] } }, dropAll)],
      'INVALID_FIELD',
      at('keys.groupBy.captureGroups[1]'),
    ],
    [
      'V2 one named twice',
      [keys({ groupBy: { captureGroups: ['one', 'one'] } }, dropAll)],
      'INVALID_FIELD',
      at('keys.groupBy.captureGroups[1]'),
    ],
    [
      'V2 a group without an expression',
      [keys({ selector: { prefix: 'a/' }, groupBy: { captureGroups: ['one'] } }, dropAll)],
      'INVALID_FIELD',
      at('keys.groupBy.captureGroups[0]'),
    ],
    ['V2 an order that is not there', [keys(order('none'), dropAll)], 'INVALID_FIELD', at('keys.orderBy.captureGroup')],
    ['V3 keep_latest without an order', [keys({}, keepLatest)], 'REQUIRED_FIELD', at('keys.orderBy')],
    ['V3 a threshold without one', [keys({}, greaterThan)], 'REQUIRED_FIELD', at('keys.orderBy')],
    ['V3 E23 one of i64Be', [keys(order('two', 'i64Be'), greaterThan)], 'INVALID_FIELD', at('keys.orderBy.encoding')],
    ['V3 one of bytesAsc', [keys(order('two', 'bytesAsc'), greaterThan)], 'INVALID_FIELD', at('keys.orderBy.encoding')],
    ['an unknown encoding', [keys(order('two', 'u32Be'), dropAll)], 'INVALID_FIELD', at('keys.orderBy.encoding')],
    [
      'V4 two of one prefix',
      [keys({}, dropAll), keys({ selector: { prefix: 'a/', regex: 'x' } }, dropAll)],
      'INVALID_FIELD',
      'policies[1].keys.selector.prefix',
    ],
    [
      'V4 two of the journal',
      [
        { sequence: {}, retain: dropAll },
        { sequence: {}, retain: keepLatest },
      ],
      'INVALID_FIELD',
      'policies[1].sequence',
    ],
    [
      'a prefix too long',
      [keys({ selector: { prefix: 'x'.repeat(255) } }, dropAll)],
      'CONTENT_TOO_LARGE',
      at('keys.selector.prefix'),
    ],
    [
      'too many',
      Array.from({ length: limits.PRUNE_POLICIES_MAX + 1 }, (_, n) => keys({ selector: { prefix: `${n}` } }, dropAll)),
      'TOO_MANY_ITEMS',
      'policies',
    ],
    [
      'V5 expressions that are large together',
      Array.from({ length: 5 }, (_, n) => keys({ selector: { prefix: `${n}`, regex: '(a{1,500}b?){2}' } }, dropAll)),
      'INVALID_FIELD',
      'policies[4].keys.selector.regex',
    ],
    [
      'a threshold below 0',
      [keys(order(), { greaterThan: { threshold: -1 } })],
      'INVALID_FIELD',
      at('retain.greaterThan.threshold'),
    ],
  ])('%s', async (_, policies, code, field) => {
    const all = ['a/', `a/x${int64(7)}`, 'b']
    await hive.put(all)
    const last = hive.engine.stream.bounds().last
    // What stands before it takes no effect either.
    const before =
      policies.length === 1 ? [...policies, { keys: { selector: { prefix: 'b' } }, retain: dropAll }] : policies
    await expect(hive.prune(before)).rejects.toMatchObject({ code, details: { field } })
    expect(await hive.keys()).toEqual(all)
    expect(hive.engine.stream.bounds().last).toBe(last)
  })

  test('the largest that is allowed is taken', async () => {
    const policies = Array.from({ length: limits.PRUNE_POLICIES_MAX }, (_, n) => ({
      keys: { selector: { prefix: `${n}:`, regex }, groupBy: { captureGroups: ['one', 'two'] }, ...order() },
      retain: keepLatest,
    }))
    await hive.put(['3:ab', '3:ac'])
    expect(await hive.prune(policies)).toMatchObject({ keys: 0 })
  })
})

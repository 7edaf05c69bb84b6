/** Prunes of keys, from outside: what goes and what stays (Exoware A.8), and what becomes of an interrupted one. */
import { equalBytes } from '@waggle/kernel'
import { limits } from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { engineFault } from '../../errors.ts'
import { keyKey } from '../../state/keyspace.ts'
import { MemoryStore } from '../../store/memory-store.ts'
import { turns } from '../../testing/contender.ts'
import {
  bytesOf,
  createPrunedHive,
  int64,
  openPrunedHive,
  prunedHiveOf,
  type PrunedHive,
} from '../../testing/prune/pruned-hive.ts'
import { openTestEngine } from '../../testing/test-engine.ts'

let hive: PrunedHive
beforeEach(async () => {
  hive = await openPrunedHive()
})

const dropAll = { dropAll: {} }
const dropFamily = (prefix: string) => ({ keys: { selector: { prefix } }, retain: dropAll })

/** Keys such as `a/x:00000003`: of the group `x`, ordered by eight digits. */
const byDigits = (retain: object, encoding = 'bytesAsc') => ({
  keys: {
    selector: { prefix: 'a/', regex: '^(?<group>[a-z]+):(?<order>.{8})$' },
    groupBy: { captureGroups: ['group'] },
    orderBy: { captureGroup: 'order', encoding },
  },
  retain,
})
const digits = (group: string, ...numbers: readonly number[]): readonly string[] =>
  numbers.map((number) => `a/${group}:${String(number).padStart(8, '0')}`)

/** Keys of eight raw bytes behind `n/`. */
const byNumber = (retain: object, encoding = 'u64Be') => ({
  keys: {
    selector: { prefix: 'n/', regex: '(?s-u)^(?<order>.{8})$' },
    orderBy: { captureGroup: 'order', encoding },
  },
  retain,
})
const numbers = (...values: readonly (number | bigint)[]): readonly string[] =>
  values.map((value) => `n/${int64(value)}`)

describe('what goes', () => {
  test('E19 E34 drop_all touches its own family alone', async () => {
    await hive.put(['a', 'b/1', 'b/2', 'b', 'c'])
    expect(await hive.prune([dropFamily('b/')])).toMatchObject({ isDone: true, keys: 2, batches: 0 })
    expect(await hive.keys()).toEqual(['a', 'b', 'c'])
  })

  test('an empty prefix without an expression is the family of all keys, the empty one too', async () => {
    await hive.put(['', '\0', '\xff'.repeat(254), 'x'])
    expect(await hive.prune([dropFamily('')])).toMatchObject({ keys: 4 })
    expect(await hive.keys()).toEqual([])
    expect((await hive.call('keys.position')).keyCount).toBe(0)
  })

  test('E20 E34 keep_latest keeps the newest of each group, and does not move the sequence', async () => {
    await hive.put([...digits('x', 1, 2, 3), ...digits('y', 1, 9), ...digits('z', 7), 'a/none'])
    const before = await hive.current()
    expect(await hive.prune([byDigits({ keepLatest: { count: 1 } })])).toMatchObject({ keys: 3 })
    expect(await hive.keys()).toEqual(['a/none', ...digits('x', 3), ...digits('y', 9), ...digits('z', 7)])
    expect(await hive.current()).toBe(before)
  })

  test('E70 keep_latest 2 of 3 keeps the newest two, and under the count deletes none', async () => {
    await hive.put(digits('x', 1, 2, 3))
    expect(await hive.prune([byDigits({ keepLatest: { count: 2 } })])).toMatchObject({ keys: 1 })
    expect(await hive.keys()).toEqual(digits('x', 2, 3))
    expect(await hive.prune([byDigits({ keepLatest: { count: 3 } })])).toMatchObject({ keys: 0 })
  })

  test('E21 the same policy applied twice changes nothing the second time', async () => {
    await hive.put([...digits('x', 1, 2, 3), ...numbers(1, 5, 9)])
    const policies = [byDigits({ keepLatest: { count: 1 } }), byNumber({ greaterThan: { threshold: 4 } })]
    expect(await hive.prune(policies)).toMatchObject({ keys: 3 })
    const left = [await hive.keys(), await hive.journal()]
    expect(await hive.prune(policies)).toMatchObject({ keys: 0, batches: 0 })
    expect([await hive.keys(), await hive.journal()]).toEqual(left)
  })

  test('E22 E70 greater_than_or_equal 4 keeps 4 and 5; above 5 goes what is 5', async () => {
    await hive.put(numbers(1, 2, 3, 4, 5))
    await hive.prune([byNumber({ greaterThanOrEqual: { threshold: 4 } })])
    expect(await hive.keys()).toEqual(numbers(4, 5))
    expect(await hive.prune([byNumber({ greaterThan: { threshold: '5' } })])).toMatchObject({ keys: 2 })
  })

  test('E34 greater_than 15 keeps 20 and 30', async () => {
    await hive.put(numbers(10, 15, 20, 30))
    await hive.prune([byNumber({ greaterThan: { threshold: 15 } })])
    expect(await hive.keys()).toEqual(numbers(20, 30))
  })

  test('thresholds are exact beyond 2^53, up to 2^64 - 1', async () => {
    const high = [2n ** 53n, 2n ** 53n + 1n, 2n ** 53n + 2n]
    const highest = `n/${'\xff'.repeat(8)}`
    await hive.put([...numbers(...high), highest])
    await hive.prune([byNumber({ greaterThan: { threshold: String(high[1]) } })])
    expect(await hive.keys()).toEqual([...numbers(high[2] as bigint), highest])
    await hive.prune([byNumber({ greaterThanOrEqual: { threshold: '18446744073709551615' } })])
    expect(await hive.keys()).toEqual([highest])
  })

  test('i64_be sorts below 0 first, u64_be last', async () => {
    await hive.put(numbers(-2, -1, 0, 1))
    await hive.prune([byNumber({ keepLatest: { count: 3 } }, 'i64Be')])
    expect(await hive.keys()).toEqual(numbers(0, 1, -1))
    await hive.prune([byNumber({ keepLatest: { count: 1 } }, 'u64Be')])
    expect(await hive.keys()).toEqual(numbers(-1))
  })

  test('O2 a capture that is missing or of another length counts as empty or 0, so such keys go first', async () => {
    const regex = '^(?<group>[a-z])(?::(?<order>.*))?$'
    const policy = (encoding: string, retain: object) => ({
      keys: {
        selector: { prefix: 'a/', regex },
        groupBy: { captureGroups: ['group'] },
        orderBy: { captureGroup: 'order', encoding },
      },
      retain,
    })
    await hive.put(['a/x', 'a/x:', 'a/x:1', 'a/x:22'])
    await hive.prune([policy('bytesAsc', { keepLatest: { count: 2 } })])
    expect(await hive.keys()).toEqual(['a/x:1', 'a/x:22'])
    await hive.put(['a/x', `a/x:${int64(7)}`])
    // All but the last are 0 here; of equal ones the larger key stays (O3).
    await hive.prune([policy('u64Be', { keepLatest: { count: 2 } })])
    expect(await hive.keys()).toEqual([`a/x:${int64(7)}`, 'a/x:22'])
    await hive.prune([policy('u64Be', { greaterThanOrEqual: { threshold: 0 } })])
    expect(await hive.keys()).toHaveLength(2)
    await hive.prune([policy('u64Be', { greaterThan: { threshold: 0 } })])
    expect(await hive.keys()).toEqual([`a/x:${int64(7)}`])
  })

  test('O1 a key that lacks a group which the policy groups by stays', async () => {
    const keys = {
      selector: { prefix: 'a/', regex: '^(?:(?<group>[a-z]):)?(?<order>.*)$' },
      groupBy: { captureGroups: ['group'] },
      orderBy: { captureGroup: 'order', encoding: 'bytesAsc' },
    }
    await hive.put(['a/1', 'a/2', 'a/x:1', 'a/x:2'])
    await hive.prune([{ keys, retain: { keepLatest: { count: 1 } } }])
    expect(await hive.keys()).toEqual(['a/1', 'a/2', 'a/x:2'])
    await hive.prune([{ keys, retain: dropAll }])
    expect(await hive.keys()).toEqual(['a/1', 'a/2'])
  })

  test('groups are told apart by where their captures end', async () => {
    const policy = {
      keys: {
        selector: { prefix: '', regex: '^(?<one>[a-z]*)-(?<two>[a-z]*)/(?<order>.)$' },
        groupBy: { captureGroups: ['one', 'two'] },
        orderBy: { captureGroup: 'order', encoding: 'bytesAsc' },
      },
      retain: { keepLatest: { count: 1 } },
    }
    await hive.put(['ab-c/1', 'a-bc/1', '-abc/1', 'abc-/1', 'ab-c/2'])
    expect(await hive.prune([policy])).toMatchObject({ keys: 1 })
    expect(await hive.keys()).toEqual(['-abc/1', 'a-bc/1', 'ab-c/2', 'abc-/1'])
  })

  test('policies take effect in the order of the request', async () => {
    await hive.put([...digits('x', 1, 2), ...digits('y', 1)])
    const latest = byDigits({ keepLatest: { count: 1 } })
    const first = { keys: { selector: { prefix: 'a/x:00000002' } }, retain: dropAll }
    expect(await hive.prune([first, latest])).toMatchObject({ keys: 1 })
    expect(await hive.keys()).toEqual([...digits('x', 1), ...digits('y', 1)])
    await hive.put(digits('x', 2))
    expect(await hive.prune([latest, first])).toMatchObject({ keys: 2 })
    expect(await hive.keys()).toEqual(digits('y', 1))
  })

  test('E79 the selector of a client whose keys have a prefix is composed with it', async () => {
    await hive.put(['one:a/1', 'one:b/1', 'two:a/1', 'a/1'])
    await hive.prune([{ keys: { selector: { prefix: 'one:a/', regex: '^1$' } }, retain: dropAll }])
    expect(await hive.keys()).toEqual(['a/1', 'one:b/1', 'two:a/1'])
  })

  test('nothing of an empty store goes', async () => {
    expect(await hive.prune([dropFamily(''), { sequence: {}, retain: dropAll }])).toMatchObject({ keys: 0, batches: 0 })
    expect(await hive.journal()).toEqual([])
  })
})

describe('the journal', () => {
  test('deletions of a prune stand in it, at most 256 keys a row, and are no batch that a rule counts', async () => {
    const keys = Array.from({ length: 600 }, (_, n) => `a/${String(n).padStart(4, '0')}`)
    const sequence = await hive.put([...keys, 'b'])
    await hive.prune([dropFamily('a/')])
    const [first, ...deletions] = await hive.journal()
    expect(first?.[0]).toBe(sequence)
    expect(deletions.map(([, , deleted]) => deleted.length)).toEqual([256, 256, 88])
    expect(deletions.flatMap(([, , deleted]) => deleted)).toEqual(keys)
    await hive.retain({ keepLatest: { count: 1 } })
    expect(await hive.oldest()).toBe(sequence)
    expect(await hive.journal()).toHaveLength(4)
  })

  test.each([
    ['keepLatest', (_: readonly number[]) => ({ keepLatest: { count: 2 } }), 2],
    ['greaterThan', ([, second]: readonly number[]) => ({ greaterThan: { threshold: second } }), 2],
    ['greaterThanOrEqual', ([, second]: readonly number[]) => ({ greaterThanOrEqual: { threshold: second } }), 1],
    ['dropAll', () => dropAll, 4],
    ['one that keeps all', () => ({ keepLatest: { count: 9 } }), 0],
  ])('a policy of the journal prunes it once: %s', async (_, retain, batches) => {
    const sequences: number[] = []
    for (const key of ['a', 'b', 'c', 'd']) sequences.push(await hive.put([key]))
    const job = await hive.prune([{ sequence: {}, retain: retain(sequences) }])
    expect(job).toMatchObject({ keys: 0, batches })
    expect((await hive.journal()).map(([sequence]) => sequence)).toEqual(sequences.slice(batches))
    expect(await hive.oldest()).toBe(sequences[batches])
    expect(await hive.keys()).toEqual(['a', 'b', 'c', 'd'])
    const after = await hive.put(['e'])
    expect((await hive.journal()).map(([sequence]) => sequence)).toEqual([...sequences.slice(batches), after])
  })

  test('keep_latest counts batches, whatever stands between them', async () => {
    const first = await hive.put(['a/1', 'a/2', 'b'])
    await hive.prune([dropFamily('a/')])
    await hive.engine.call('collective.create', { name: 'takes a number', dimension: 1 })
    const second = await hive.put(['c'])
    expect(await hive.prune([{ sequence: {}, retain: { keepLatest: { count: 2 } } }])).toMatchObject({ batches: 0 })
    expect(await hive.oldest()).toBe(first)
    expect(await hive.prune([{ sequence: {}, retain: { keepLatest: { count: 1 } } }])).toMatchObject({ batches: 1 })
    expect(await hive.journal()).toEqual([[second, ['c'], []]])
  })
})

describe('the job', () => {
  test('P2 a repeated idempotency key is the first job, and prunes nothing anew', async () => {
    await hive.put(['a/1', 'b'])
    const first = await hive.prune([dropFamily('a/')], { idempotencyKey: 'prune' })
    await hive.put(['a/1'])
    const again = await hive.prune([dropFamily('a/')], { idempotencyKey: 'prune' })
    expect(again).toEqual(first)
    expect(await hive.keys()).toEqual(['a/1', 'b'])
    await expect(hive.prune([dropFamily('b')], { idempotencyKey: 'prune' })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    })
  })

  test('one that is unknown is absent; of those that ended the last 16 are remembered', async () => {
    expect(await hive.call('keys.job', { job: hive.id })).not.toHaveProperty('job')
    const jobs: string[] = []
    for (let n = 0; n < 18; n += 1) jobs.push((await hive.prune([dropFamily('x')])).id)
    const known = await Promise.all(jobs.map(async (job) => 'job' in (await hive.call('keys.job', { job }))))
    expect(known).toEqual([false, false, ...Array.from({ length: 16 }, () => true)])
  })

  test('P11 so many are under way at once; others are told to come again', async () => {
    await hive.put(Array.from({ length: 3_000 }, (_, n) => `a/${n}`))
    const begin = () => hive.call('keys.prune', { policies: [dropFamily('a/')] })
    const begun = await Promise.allSettled(Array.from({ length: limits.PRUNE_JOBS_MAX + 3 }, begin))
    const refused = begun.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []))
    expect(refused).toHaveLength(3)
    for (const reason of refused)
      expect(reason).toMatchObject({ code: 'BUSY', details: { limit: limits.PRUNE_JOBS_MAX }, retryAfterMs: 1_000 })
    const jobs = begun.flatMap((each) => (each.status === 'fulfilled' ? [each.value.job] : []))
    const ended = await Promise.all(jobs.map((job) => hive.ended(job)))
    expect(ended.reduce((sum, { keys }) => sum + keys, 0)).toBe(3_000)
    await begin()
  })

  test('P1 keys that are written while it is under way stay, in either order of their writes', async () => {
    const keys = Array.from({ length: 2_000 }, (_, n) => `a/${String(n).padStart(4, '0')}`)
    await hive.put(keys)
    const { job } = await hive.call('keys.prune', { policies: [dropFamily('a/')] })
    const kept: string[] = []
    for (let n = 1_999; n > 0; n -= 97) {
      await hive.put([keys[n] as string, `a/new ${n}`])
      kept.push(keys[n] as string, `a/new ${n}`)
    }
    await hive.ended(job)
    expect(await hive.keys()).toEqual(kept.sort())
  })

  test('a deleted collective ends it', async () => {
    await hive.put(Array.from({ length: 2_000 }, (_, n) => `a/${n}`))
    await hive.call('keys.prune', { policies: [dropFamily('a/')] })
    await hive.call('collective.delete')
    const other = await createPrunedHive(hive.engine, 'wasps')
    await other.put(['a/1', 'b'])
    expect(await other.prune([dropFamily('a/')])).toMatchObject({ keys: 1 })
    await hive.engine.engine.close()
  })

  test('U2 prunes of several collectives go on side by side', async () => {
    const hives = await Promise.all(['x', 'y', 'z', 'w'].map((name) => createPrunedHive(hive.engine, name)))
    for (const each of hives) await each.put(Array.from({ length: 700 }, (_, n) => `a/${n}`))
    const jobs = await Promise.all(hives.map((each) => each.prune([dropFamily('a/')])))
    expect(jobs.map(({ keys }) => keys)).toEqual([700, 700, 700, 700])
  })

  test('U3 damaged rows of one collective keep no other waiting', async () => {
    const store = new MemoryStore()
    const read = store.get.bind(store)
    const damaged: Uint8Array[] = []
    store.get = (key) => {
      if (damaged.some((each) => equalBytes(each, key))) throw engineFault('CORRUPT', 'a damaged row')
      return read(key)
    }
    const ill = await openPrunedHive({ store })
    const well = await createPrunedHive(ill.engine, 'wasps')
    await ill.put(['a/1'])
    await well.put(['a/1'])
    damaged.push(keyKey(ill.scope, bytesOf('a/1')))
    const { job } = await ill.call('keys.prune', { policies: [dropFamily('a/')] })
    expect(await well.prune([dropFamily('a/')])).toMatchObject({ keys: 1 })
    await well.put(['b'])
    expect(await ill.call('keys.job', { job })).toMatchObject({ job: { isDone: false, keys: 0 } })
    await ill.engine.engine.close()
  })

  test('P12 F2 a collective of another tenant is not there', async () => {
    const tenant = 'other' as Parameters<typeof hive.engine.engine.execute>[0]
    const fields = { collective: hive.id, policies: [dropFamily('')] }
    await expect(hive.engine.engine.execute(tenant, 'keys.prune', fields)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('what interrupts it', () => {
  const fill = async (to: PrunedHive): Promise<readonly string[]> => {
    const keys = Array.from({ length: 4_000 }, (_, n) => `a/x:${String(n).padStart(8, '0')}`)
    await to.put([...keys, 'b'])
    return keys
  }

  test.each([
    ['drop_all', dropFamily('a/'), 0],
    ['keep_latest', byDigits({ keepLatest: { count: 10 } }), 10],
  ])('P1 P8 L3 another leader goes on with it: %s', async (_, policy, count) => {
    const first = await openPrunedHive({ fence: 'log' })
    const keys = await fill(first)
    const { job } = await first.call('keys.prune', { policies: [policy] })
    for (let turn = 0; turn < 1_000 && first.engine.stream.bounds().last < 8; turn += 1) await turns(1)
    await first.engine.engine.stepDown()
    const { stream, clock } = first.engine
    const second = await openTestEngine({ stream, clock, fence: 'log', seed: 2 })
    const there = prunedHiveOf(second, first.id)
    const before = (await there.call('keys.job', { job })).job
    expect(before).toMatchObject({ isDone: false })
    expect(before?.keys).toBeGreaterThan(0)
    expect(await there.ended(job)).toMatchObject({ keys: 4_000 - count })
    expect(await there.keys()).toEqual([...keys.slice(4_000 - count), 'b'])
    await first.engine.engine.catchUp()
    expect(await first.engine.engine.digest()).toEqual(await second.engine.digest())
  })

  test('P1 P8 it goes on when the store is opened again, and a rebuild reaches the same digest', async () => {
    await fill(hive)
    const { job } = await hive.call('keys.prune', { policies: [dropFamily('a/')] })
    for (let turn = 0; turn < 1_000 && hive.engine.stream.bounds().last < 6; turn += 1) await turns(1)
    await hive.engine.engine.close()
    const { stream, store, clock } = hive.engine
    const opened = await openTestEngine({ stream, store, clock, seed: 2 })
    const there = prunedHiveOf(opened, hive.id)
    expect(await there.ended(job)).toMatchObject({ keys: 4_000 })
    expect(await there.keys()).toEqual(['b'])
    const digest = await opened.engine.digest()
    await opened.engine.close()
    const rebuilt = await openTestEngine({ stream, clock, seed: 3 })
    expect(await rebuilt.engine.digest()).toEqual(digest)
  })
})

test('E30 keys pruned out of a batch that is kept do not come back when the store is opened again', async () => {
  await hive.put(['a/1', 'b'])
  await hive.prune([dropFamily('a/')])
  await hive.engine.engine.close()
  const { stream, store, clock } = hive.engine
  const there = prunedHiveOf(await openTestEngine({ stream, store, clock, seed: 2 }), hive.id)
  expect(await there.keys()).toEqual(['b'])
  expect((await there.journal())[0]?.[1]).toEqual(['a/1', 'b'])
  expect(await there.call('keys.get', { key: bytesOf('a/1') })).not.toHaveProperty('value')
})

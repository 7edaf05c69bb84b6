/** Rules by which a journal of keys is kept, from outside (Exoware A.8), and what holds them back. */
import { systemClock } from '@waggle/kernel'
import { collectiveNumber, encodeWatchCursor, endOfBatch, type Address, type Sequence } from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { isPruneRow } from './prune-rows.ts'
import { turns } from '../../testing/contender.ts'
import { createPrunedHive, openPrunedHive, prunedHiveOf, type PrunedHive } from '../../testing/prune/pruned-hive.ts'
import { openTestEngine } from '../../testing/test-engine.ts'

let hive: PrunedHive
beforeEach(async () => {
  hive = await openPrunedHive()
})

const latest = (count: number) => ({ keepLatest: { count } })
const greaterThan = (threshold: number) => ({ greaterThan: { threshold } })
const atLeast = (threshold: number) => ({ greaterThanOrEqual: { threshold } })
const dropAll = { dropAll: {} }

const putMany = async (to: PrunedHive, count: number, prefix = 'k'): Promise<number[]> => {
  const sequences: number[] = []
  for (let n = 0; n < count; n += 1) sequences.push(await to.put([`${prefix}${n}`]))
  return sequences
}

const kept = async (of = hive): Promise<readonly number[]> => (await of.journal()).map(([sequence]) => sequence)

/** The same collective after the engine was closed and opened again. */
const reopen = async (): Promise<PrunedHive> => {
  await hive.engine.engine.close()
  const { stream, store, clock } = hive.engine
  return prunedHiveOf(await openTestEngine({ stream, store, clock, seed: 2 }), hive.id)
}

describe('rules', () => {
  test('E24 E46 keep_latest slides with what is put, and leaves the sequence unchanged', async () => {
    const [, , third, fourth] = await putMany(hive, 4)
    expect(await hive.retain(latest(2))).toMatchObject({ isDone: true, keys: 0, batches: 2 })
    expect(await hive.oldest()).toBe(third)
    expect(await hive.current()).toBe(fourth)
    const [fifth, sixth] = await putMany(hive, 2, 'more')
    await hive.settles(kept, [fifth, sixth])
    expect(await hive.oldest()).toBe(fifth)
    expect(await hive.current()).toBe(sixth)
    expect(await hive.keys()).toHaveLength(6)
  })

  test('E25 greater_than T leaves what is above T, greater_than_or_equal T what is not below', async () => {
    const [, second, third, fourth] = await putMany(hive, 4)
    await hive.retain(atLeast(second as number))
    expect(await hive.oldest()).toBe(second)
    await hive.retain(greaterThan(second as number))
    expect(await hive.oldest()).toBe(third)
    expect(await kept()).toEqual([third, fourth])
  })

  test('E25 a threshold that lies ahead drops what comes until it is reached', async () => {
    const [first] = await putMany(hive, 1)
    await hive.retain(atLeast((first as number) + 10))
    expect(await hive.oldest()).toBeUndefined()
    const sequences = await putMany(hive, 20, 'more')
    const expected = sequences.filter((sequence) => sequence >= (first as number) + 10)
    expect(expected.length).toBeGreaterThan(0)
    await hive.settles(kept, expected)
  })

  test('E26 E45 drop_all keeps the journal empty while sequences climb', async () => {
    const before = await putMany(hive, 3)
    expect(await hive.retain(dropAll)).toMatchObject({ batches: 3 })
    const after = await putMany(hive, 3, 'more')
    await hive.settles(kept, [])
    expect(await hive.oldest()).toBeUndefined()
    expect(after[0]).toBeGreaterThan(before[2] as number)
    expect(await hive.current()).toBe(after[2])
    expect(await hive.keys()).toHaveLength(6)
  })

  test('E27 E65 clearing ends it, and restores nothing', async () => {
    const [, , third] = await putMany(hive, 3)
    await hive.retain(latest(1))
    expect(await hive.call('keys.position')).toMatchObject({ rule: latest(1) })
    expect(await hive.retain()).toMatchObject({ isDone: true, batches: 0 })
    expect(await hive.call('keys.position')).not.toHaveProperty('rule')
    const more = await putMany(hive, 3, 'more')
    expect(await kept()).toEqual([third, ...more])
  })

  test('E65 a rule takes the place of the one before', async () => {
    const sequences = await putMany(hive, 6)
    await hive.retain(latest(5))
    await hive.retain(latest(2))
    expect(await kept()).toEqual(sequences.slice(4))
    await hive.retain(latest(4))
    expect(await kept()).toEqual(sequences.slice(4))
  })

  test('E71 E29 a rule holds on when the store is opened again; after drop_all no sequence is used twice', async () => {
    const [, , third] = await putMany(hive, 3)
    await hive.retain(dropAll)
    const there = await reopen()
    expect(await there.current()).toBe(third)
    expect(await there.oldest()).toBeUndefined()
    const next = await there.put(['x'])
    expect(next).toBeGreaterThan(third as number)
    await there.settles(() => kept(there), [])
    expect(await there.keys()).toEqual(['k0', 'k1', 'k2', 'x'])
  })

  test('E28 a prune of keys and a rule go together, and stay when the store is opened again', async () => {
    await putMany(hive, 4, 'a/')
    const [, second] = await putMany(hive, 2, 'b/')
    await hive.retain(latest(2))
    await hive.prune([{ keys: { selector: { prefix: 'a/' } }, retain: dropAll }])
    const oldest = await hive.oldest()
    const there = await reopen()
    expect(await there.keys()).toEqual(['b/0', 'b/1'])
    expect(await there.oldest()).toBe(oldest)
    expect(await there.current()).toBe(second)
    const [third, fourth] = await putMany(there, 2, 'c/')
    // What the prune deleted goes with the batches before it.
    await there.settles(() => kept(there), [third, fourth])
  })

  test('E71 a rule that was set by a leader that is gone is applied by the next', async () => {
    const first = await openPrunedHive({ fence: 'log' })
    await putMany(first, 5)
    const { job } = await first.call('keys.setRetention', { rule: latest(2) })
    await first.engine.engine.stepDown()
    const { stream, clock } = first.engine
    const second = prunedHiveOf(await openTestEngine({ stream, clock, fence: 'log', seed: 2 }), first.id)
    expect(await second.ended(job)).toMatchObject({ batches: 3 })
    expect(await kept(second)).toHaveLength(2)
  })

  test('P2 a repeated idempotency key is the first job', async () => {
    await putMany(hive, 3)
    const request = { rule: latest(1), idempotencyKey: 'rule' }
    const { job } = await hive.call('keys.setRetention', request)
    await hive.ended(job)
    await hive.retain()
    expect(await hive.call('keys.setRetention', request)).toMatchObject({ job })
    expect(await hive.call('keys.position')).not.toHaveProperty('rule')
  })

  test('U1 while batches follow one another closely, what goes for them goes in few records', async () => {
    await putMany(hive, 3)
    await hive.retain(latest(2))
    const before = hive.engine.stream.bounds().last
    const begunMs = systemClock.monotonicMs()
    const sequences = await putMany(hive, 60, 'more')
    const rests = Math.ceil((systemClock.monotonicMs() - begunMs) / 20)
    await hive.settles(kept, sequences.slice(-2))
    expect(hive.engine.stream.bounds().last - before - 60).toBeLessThanOrEqual(rests + 2)
  })

  test('U1 a new rule is applied, also while the one before rests', async () => {
    const sequences = await putMany(hive, 5)
    await hive.retain(latest(4))
    await hive.put(['x'])
    expect(await hive.retain(latest(2))).toMatchObject({ isDone: true })
    expect((await kept())[0]).toBe(sequences[4])
  })

  test('each collective has its own', async () => {
    const other = await createPrunedHive(hive.engine, 'wasps')
    await hive.retain(latest(1))
    const sequences = await putMany(other, 3)
    await putMany(hive, 3)
    await hive.settles(async () => (await kept()).length, 1)
    expect(await kept(other)).toEqual(sequences)
  })

  test.each([
    [{ keepLatest: { count: 0 } }, 'rule.keepLatest.count'],
    [{ keepLatest: { count: 1.5 } }, 'rule.keepLatest.count'],
    [{ greaterThan: { threshold: -1 } }, 'rule.greaterThan.threshold'],
    [{ greaterThan: { threshold: '18446744073709551616' } }, 'rule.greaterThan.threshold'],
    [{ ...latest(1), ...dropAll }, 'rule'],
    [{}, 'rule'],
  ])('P10 E65 E71 %j is refused, and the rule before stays', async (rule, field) => {
    await hive.retain(latest(3))
    await expect(hive.retain(rule)).rejects.toMatchObject({ kind: 'invalid', details: { field } })
    expect(await hive.call('keys.position')).toMatchObject({ rule: latest(3) })
  })
})

describe('batches of many rows', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ operation: 'keys.put', entries: [[`k${n}`, 'v']] }))

  test('B1 B3 one that is larger than a step goes whole: nobody sees half of it', async () => {
    await hive.call('batch.commit', { commands: many(600) })
    const [next] = await putMany(hive, 1)
    expect(await hive.journal()).toHaveLength(601)
    const seen = new Set<unknown>()
    const { job } = await hive.call('keys.setRetention', { rule: latest(1) })
    const isDone = async () => {
      seen.add(await hive.oldest())
      return (await hive.call('keys.job', { job })).job?.isDone
    }
    await hive.settles(isDone, true)
    expect(await hive.ended(job)).toMatchObject({ batches: 1 })
    expect(await kept()).toEqual([next])
    expect([...seen].every((oldest) => oldest === next || oldest === (next as number) - 1)).toBe(true)
    // Steps of 256 rows: the first takes the batch, the others what was left of it.
    expect(hive.engine.stream.bounds().last - (next as number)).toBe(1 + 3 + 1)
  })

  test('B1 a batch of 256 rows, and one row more, ends with a step', async () => {
    await hive.call('batch.commit', { commands: many(256) })
    await hive.call('batch.commit', { commands: many(257) })
    const [last] = await putMany(hive, 1)
    expect(await hive.retain(latest(1))).toMatchObject({ batches: 2 })
    expect(await kept()).toEqual([last])
  })

  test('B3 what was left of a batch goes when another leader takes over, also without a further batch', async () => {
    const first = await openPrunedHive({ fence: 'log' })
    await first.call('batch.commit', { commands: many(1_000) })
    await first.put(['x'])
    const before = first.engine.stream.bounds().last
    const { job } = await first.call('keys.setRetention', { rule: latest(1) })
    for (let turn = 0; turn < 1_000 && first.engine.stream.bounds().last < before + 2; turn += 1) await turns(1)
    await first.engine.engine.stepDown()
    const { stream, clock } = first.engine
    const there = prunedHiveOf(await openTestEngine({ stream, clock, fence: 'log', seed: 2 }), first.id)
    await there.ended(job)
    expect(await there.journal()).toHaveLength(1)
    expect(await there.call('keys.job', { job })).toMatchObject({ job: { batches: 1 } })
  })

  test('B3 what was left of a batch goes, also when the rule is cleared meanwhile', async () => {
    await hive.call('batch.commit', { commands: many(1_000) })
    await hive.put(['x'])
    const before = hive.engine.stream.bounds().last
    const { job } = await hive.call('keys.setRetention', { rule: latest(1) })
    for (let turn = 0; turn < 1_000 && hive.engine.stream.bounds().last < before + 2; turn += 1) await turns(1)
    await hive.retain()
    expect(await hive.call('keys.job', { job })).toMatchObject({ job: { isDone: true, batches: 1 } })
    await hive.settles(async () => (await hive.journal()).length, 1)
  })

  test('K5 many batches go in steps of 256 rows', async () => {
    const puts = Array.from({ length: 700 }, (_, n) => hive.put([`k${n}`]))
    await Promise.all(puts)
    const batches = new Set(await kept()).size
    expect(await hive.retain(dropAll)).toMatchObject({ batches })
    expect(await kept()).toEqual([])
  })
})

describe('registered cursors', () => {
  const cursorAt = (address: Address): string =>
    encodeWatchCursor({
      journal: 'keys',
      generation: hive.engine.engine.generation,
      collective: collectiveNumber(hive.id),
      incarnation: hive.scope.incarnation,
      address,
    })
  const save = (name: string, address: Address) => hive.call('cursor.save', { name, cursor: cursorAt(address) })
  const at = (sequence: number | undefined, index: number): Address => ({ sequence: sequence as Sequence, index })

  test('P9 B2 a rule takes nothing that a registered cursor has not seen whole', async () => {
    const sequences = await putMany(hive, 5)
    await save('slow', endOfBatch(sequences[1] as Sequence))
    expect(await hive.retain(latest(1))).toMatchObject({ isDone: true, batches: 2 })
    expect(await kept()).toEqual(sequences.slice(2))
    // Half of a batch is not seen.
    await save('slow', at(sequences[3], 0))
    await hive.settles(kept, sequences.slice(3))
    await save('slow', endOfBatch(sequences[4] as Sequence))
    await hive.settles(kept, sequences.slice(4))
  })

  test('P9 the slowest of several holds all, and when it is dropped the rule goes on', async () => {
    const sequences = await putMany(hive, 4)
    await save('slow', endOfBatch(sequences[0] as Sequence))
    await save('quick', endOfBatch(sequences[2] as Sequence))
    await hive.retain(dropAll)
    expect(await kept()).toEqual(sequences.slice(1))
    await hive.call('cursor.drop', { name: 'slow' })
    await hive.settles(kept, sequences.slice(3))
    await hive.call('cursor.drop', { name: 'quick' })
    await hive.settles(kept, [])
  })

  test('P9 a policy of the journal holds to it too, and ends', async () => {
    const sequences = await putMany(hive, 3)
    await save('slow', endOfBatch(sequences[0] as Sequence))
    expect(await hive.prune([{ sequence: {}, retain: dropAll }])).toMatchObject({ isDone: true, batches: 1 })
    expect(await kept()).toEqual(sequences.slice(1))
  })

  test('what cannot go yet costs no record with each batch', async () => {
    const [first] = await putMany(hive, 1)
    await save('slow', endOfBatch(first as Sequence))
    await hive.retain(latest(1))
    const before = hive.engine.stream.bounds().last
    await putMany(hive, 10, 'more')
    await hive.settles(async () => (await kept()).length, 10)
    // The ten, and one that takes the first.
    expect(hive.engine.stream.bounds().last).toBeLessThanOrEqual(before + 11)
  })
})

test('P8 a rebuild from the log has the same journal, and no mark is left of what went', async () => {
  await putMany(hive, 5, 'a/')
  await hive.prune([{ keys: { selector: { prefix: 'a/' } }, retain: dropAll }])
  const [told] = (await kept()).slice(-1)
  expect(isPruneRow(hive.engine.store, hive.scope, { sequence: told as Sequence, index: 0 })).toBe(true)
  await hive.retain(dropAll)
  expect(isPruneRow(hive.engine.store, hive.scope, { sequence: told as Sequence, index: 0 })).toBe(false)
  await putMany(hive, 3, 'b/')
  await hive.settles(kept, [])
  const digest = await hive.engine.engine.digest()
  await hive.engine.engine.close()
  const rebuilt = await openTestEngine({ stream: hive.engine.stream, clock: hive.engine.clock, seed: 3 })
  expect(await rebuilt.engine.digest()).toEqual(digest)
  expect(await kept(prunedHiveOf(rebuilt, hive.id))).toEqual([])
})

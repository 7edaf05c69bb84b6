/** Subscribers and cursors on a journal that is being pruned. */
import { decodeWatchCursor, type KeyFrame } from '@waggle/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addFrame, createKeys, frameText, openKeys, type KeyedHive } from '../../testing/keys/keyed-hive.ts'
import { prunedHiveOf, type PrunedHive } from '../../testing/prune/pruned-hive.ts'

let hive: KeyedHive
let pruning: PrunedHive

beforeEach(async () => {
  hive = await openKeys()
  pruning = prunedHiveOf(hive.engine, hive.id)
})

afterEach(() => hive.engine.engine.close())

const LATEST = (count: number) => ({ keepLatest: { count } })
const prune = (retain: object) => pruning.prune([{ sequence: {}, retain }])
const putMany = async (count: number): Promise<number[]> => {
  const sequences: number[] = []
  for (let n = 1; n <= count; n++) sequences.push(await hive.put([`key ${n}`, `${n}`]))
  return sequences
}
const names = async () =>
  (await hive.call('cursor.list')).items as readonly { name: string; journal: string; cursor: string }[]

describe('B5 batches that are gone', () => {
  test('E42 E54 since one of them: lost at once, with the oldest that is kept and a place to go on from', async () => {
    const sequences = await putMany(20)
    await prune(LATEST(10))
    const reply = await hive.subscribe({ since: sequences[0] ?? 0, waitMs: 20_000 })
    expect(reply).toMatchObject({ frames: [], lost: true, oldest: sequences[10] })
    const { frames } = await hive.subscribe({ from: reply.next })
    expect(frames.map(({ sequence }) => sequence)).toEqual(sequences.slice(10))
    expect((await hive.subscribe({ since: sequences[9] ?? 0 })).lost).toBe(true)
    expect((await hive.subscribe({ since: sequences[10] ?? 0 })).frames).toHaveLength(10)
  })

  test('E51 a hole that comes while a subscriber replays: the frames before it, then lost', async () => {
    const sequences = await putMany(6)
    const first = await hive.subscribe({ since: sequences[0] ?? 0, max: 2 })
    expect(first.frames.map(({ sequence }) => sequence)).toEqual(sequences.slice(0, 2))
    await prune(LATEST(2))
    expect(await hive.subscribe({ from: first.next })).toMatchObject({ frames: [], lost: true, oldest: sequences[4] })
  })

  test('lost is said exactly: not to whoever has seen the last batch that went', async () => {
    const sequences = await putMany(4)
    const places: string[] = []
    for (const since of sequences) places.push((await hive.subscribe({ since, max: 1 })).next)
    await prune(LATEST(2))
    const after = await Promise.all(places.map(async (from) => (await hive.subscribe({ from })).lost ?? false))
    expect(after).toEqual([true, false, false, false])
  })

  test('E45 E46 after everything is dropped nothing is oldest, and the next batch is told', async () => {
    const sequences = await putMany(3)
    await pruning.retain({ dropAll: {} })
    const reply = await hive.subscribe({ since: sequences[0] ?? 0 })
    expect([reply.lost, reply.oldest]).toEqual([true, undefined])
    for (const sequence of sequences) expect(await hive.batch(sequence)).toMatchObject({ missing: 'pruned' })
    await pruning.retain()
    const next = await hive.put(['a', '1'])
    expect((await hive.subscribe({ from: reply.next })).frames.map(frameText)).toEqual([[next, ['a=1'], []]])
    expect(await hive.batch(sequences[0] ?? 0)).toMatchObject({ missing: 'pruned', oldest: next })
  })

  test('B3 a quiet subscriber that went on has lost nothing, though all that it passed is gone', async () => {
    const selectors = [{ prefix: 'quiet' }]
    const begin = await hive.subscribe({ selectors })
    await putMany(5)
    const { next } = await hive.subscribe({ from: begin.next, selectors })
    await prune({ dropAll: {} })
    expect((await hive.subscribe({ from: begin.next, selectors })).lost).toBe(true)
    const sequence = await hive.put(['quiet', '!'])
    expect((await hive.subscribe({ from: next, selectors })).frames.map(frameText)).toEqual([
      [sequence, ['quiet=!'], []],
    ])
  })

  test('a place inside a batch that goes is lost', async () => {
    const value = Buffer.alloc(2_500_000, 'v')
    const sequence = await hive.put(['a', value], ['b', value])
    const first = await hive.subscribe({ since: sequence })
    expect(first).toMatchObject({ partial: true, sequence: sequence - 1 })
    await hive.put(['c', ''])
    await prune(LATEST(1))
    expect((await hive.subscribe({ from: first.next })).lost).toBe(true)
  })

  test('P6 while a rule keeps the newest ten, who reads along misses nothing and who lags is told', async () => {
    await pruning.retain(LATEST(10))
    let { next: quick } = await hive.subscribe()
    const { next: slow } = await hive.subscribe()
    const seen: number[] = []
    const written: number[] = []
    for (let n = 0; n < 60; n++) {
      written.push(await hive.put([`key ${n % 7}`, `${n}`]))
      if (n % 5 !== 0) continue
      const reply = await hive.subscribe({ from: quick, waitMs: 1_000 })
      expect(reply.lost).toBeUndefined()
      seen.push(...reply.frames.map(({ sequence }) => sequence))
      quick = reply.next
    }
    seen.push(...(await hive.subscribe({ from: quick })).frames.map(({ sequence }) => sequence))
    expect(seen).toEqual(written)
    await pruning.settles(async () => (await hive.subscribe({ from: slow })).lost, true)
  })
})

describe('keys that a prune deletes', () => {
  test('reach subscribers as deletions', async () => {
    await hive.put(['a:1', 'x'], ['a:2', 'x'], ['b:1', 'x'])
    const { next } = await hive.subscribe()
    const waiting = hive.subscribe({ from: next, waitMs: 20_000, selectors: [{ prefix: 'a' }] })
    const scope = { selector: { prefix: 'a:' } }
    await pruning.prune([{ keys: scope, retain: { dropAll: {} } }])
    const frames: KeyFrame[] = []
    for (const frame of (await waiting).frames) addFrame(frames, frame)
    expect(frames.map(frameText).map(([, ...rest]) => rest)).toEqual([[[], ['a:1', 'a:2']]])
  })
})

describe('P9 registered cursors', () => {
  test('of both journals have one space of names, and each holds its own journal', async () => {
    const sequences = await putMany(4)
    const { next } = await hive.subscribe({ since: sequences[1] ?? 0, max: 1 })
    await hive.call('cursor.save', { name: 'keys', cursor: next })
    const { next: ofChanges } = await hive.call('watch.next')
    await hive.call('cursor.save', { name: 'changes', cursor: ofChanges })
    expect((await names()).map(({ name, journal }) => [name, journal])).toEqual([
      ['changes', 'memory'],
      ['keys', 'keys'],
    ])
    for (const [name, cursor] of [
      ['keys', ofChanges],
      ['changes', next],
    ])
      await expect(hive.call('cursor.save', { name, cursor })).rejects.toMatchObject({ code: 'INVALID_CURSOR' })
    await prune({ dropAll: {} })
    expect(await pruning.oldest()).toBe(sequences[2])
    expect((await hive.subscribe({ from: next })).frames.map(({ sequence }) => sequence)).toEqual(sequences.slice(2))
    await hive.call('cursor.drop', { name: 'keys' })
    expect((await names()).map(({ name }) => name)).toEqual(['changes'])
    await prune({ dropAll: {} })
    expect(await pruning.oldest()).toBeUndefined()
  })

  test('R1 R2 move forwards only, and are refused where batches behind them are gone or have not been', async () => {
    const sequences = await putMany(3)
    const places: string[] = []
    for (const since of sequences) places.push((await hive.subscribe({ since, max: 1 })).next)
    const save = (cursor = '') => hive.call('cursor.save', { name: 'mirror', cursor })
    await save(places[1])
    await save(places[0])
    expect(decodeWatchCursor((await names())[0]?.cursor ?? '', '').address.sequence).toBe(sequences[1])
    await prune({ dropAll: {} })
    await expect(hive.call('cursor.save', { name: 'late', cursor: places[0] ?? '' })).rejects.toMatchObject({
      code: 'HISTORY_LOST',
      details: { next: expect.any(String) as string },
    })
    const wasps = await createKeys(hive.engine, 'wasps')
    const { next } = await wasps.subscribe()
    await expect(save(next)).rejects.toMatchObject({ code: 'INVALID_CURSOR', details: { field: 'cursor' } })
  })

  test('inside a batch hold all of it', async () => {
    const value = Buffer.alloc(2_500_000, 'v')
    const sequence = await hive.put(['a', value], ['b', value])
    const { next } = await hive.subscribe({ since: sequence })
    await hive.call('cursor.save', { name: 'mirror', cursor: next })
    await hive.put(['c', ''])
    await prune({ dropAll: {} })
    expect(await pruning.oldest()).toBe(sequence)
    const { frames } = await hive.subscribe({ from: next })
    expect(frames.map(({ entries }) => entries.length)).toEqual([1, 1])
  })
})

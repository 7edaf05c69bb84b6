/** Batches of keys, read back from the journal (Exoware A.7, Stream.Get). */
import { limits, type KeyEntry, type LargeValue } from '@waggle/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createKeys, openKeys, textOf, type KeyedHive } from '../../testing/keys/keyed-hive.ts'

let hive: KeyedHive

beforeEach(async () => {
  hive = await openKeys()
})

afterEach(() => hive.engine.engine.close())

const texts = (entries: readonly KeyEntry[] = []): string[] => entries.map((entry) => entry.map(textOf).join('='))
describe('Q1 a batch', () => {
  test('E43 is answered whole, in the order of writing, repeats kept', async () => {
    const sequence = await hive.put(['b', '1'], ['a', '2'], ['b', '3'])
    await hive.put(['b', 'later'])
    const { entries, deleted, ...rest } = await hive.batch(sequence)
    expect([texts(entries), deleted]).toEqual([['b=1', 'a=2', 'b=3'], []])
    expect(rest).toEqual({ sequence: sequence + 1, token: expect.any(String) as string })
  })

  test('of deletions names the keys that it left deleted', async () => {
    await hive.put(['a', '1'])
    const sequence = await hive.delete('a', 'nowhere', 'a')
    const { entries, deleted } = await hive.batch(sequence)
    expect([entries, deleted?.map(textOf)]).toEqual([[], ['a', 'nowhere']])
  })

  test('E59 is unfiltered unless filters are given, and then keys are judged before values', async () => {
    const sequence = await hive.put(['a:1', 'x'], ['b:1', 'x'], ['a:2', 'y'])
    const selectors = [{ prefix: 'a:' }]
    expect(texts((await hive.batch(sequence)).entries)).toEqual(['a:1=x', 'b:1=x', 'a:2=y'])
    expect(texts((await hive.batch(sequence, { selectors })).entries)).toEqual(['a:1=x', 'a:2=y'])
    const valueFilters = [{ exact: 'x' }]
    expect(texts((await hive.batch(sequence, { valueFilters })).entries)).toEqual(['a:1=x', 'b:1=x'])
    expect(texts((await hive.batch(sequence, { selectors, valueFilters })).entries)).toEqual(['a:1=x'])
    const none = await hive.batch(sequence, { selectors: [{ prefix: 'z' }] })
    expect([none.entries, none.missing]).toEqual([[], undefined])
  })

  test('E44 of a sequence that was never given is missing, and so is 0, of which there is none', async () => {
    const sequence = await hive.put(['a', '1'])
    expect(await hive.batch(sequence + 1)).toMatchObject({ missing: 'notYet', oldest: sequence })
    expect(await hive.batch(Number.MAX_SAFE_INTEGER)).toMatchObject({ missing: 'notYet' })
    expect(await hive.batch(0)).toMatchObject({ missing: 'pruned', oldest: sequence })
  })

  test('of a sequence that was something else is empty', async () => {
    const sequence = await hive.put(['a', '1'])
    const wasps = await createKeys(hive.engine, 'wasps')
    await wasps.put(['w', '1'])
    for (const other of [1, sequence + 1, sequence + 2])
      expect(await hive.batch(other)).toMatchObject({ entries: [], deleted: [] })
    expect(await wasps.batch(sequence)).toMatchObject({ entries: [], deleted: [] })
  })

  test('E35 waits for no sequence: it says that the state has not reached it', async () => {
    const sequence = await hive.put(['a', '1'])
    expect(texts((await hive.batch(sequence, { minSequence: sequence })).entries)).toEqual(['a=1'])
    await expect(hive.batch(sequence, { minSequence: sequence + 1 })).rejects.toMatchObject({
      ...{ code: 'CONSISTENCY_NOT_READY', retryAfterMs: 1_000 },
      details: { required: sequence + 1, current: sequence },
    })
  })
})

describe('Q2 a large batch', () => {
  test('is read in several replies, none larger than a reply', async () => {
    const value = Buffer.alloc(1_500_000, 'v')
    const keys = ['a', 'b', 'c', 'd', 'e']
    const sequence = await hive.put(...keys.map((key) => [key, value] as const))
    const read: string[] = []
    let replies = 0
    for (let from: number | undefined = 0; from !== undefined; replies++) {
      const { entries = [], next } = await hive.batch(sequence, { from })
      expect(entries.reduce((sum, [, it]) => sum + textOf(it).length, 0)).toBeLessThanOrEqual(limits.PAGE_BYTES_MAX)
      read.push(...entries.map(([key]) => textOf(key)))
      from = next
    }
    expect([read, replies]).toEqual([keys, 3])
  })

  test('F3 gives values of 10 MiB in pieces, by the number of their entry, filtered or not', async () => {
    const value = Buffer.alloc(limits.VALUE_BYTES_MAX)
    for (let at = 0; at < value.length; at += 4) value.writeUInt32BE(at, at)
    const sequence = await hive.upload(['small', Buffer.from('s')], ['large', value], ['last', Buffer.from('l')])
    const whole = await hive.batch(sequence)
    expect(texts(whole.entries)).toEqual(['small=s', `large=<${value.length} bytes>`, 'last=l'])
    const filtered = await hive.batch(sequence, { selectors: [{ prefix: 'large' }] })
    const [frame] = await hive.frames({ since: sequence, selectors: [{ prefix: 'large' }] })
    const expected = { size: value.length, entry: 1 }
    expect([filtered.entries?.[0]?.[1], frame?.entries[0]?.[1]]).toEqual([expected, expected])
    const { entry } = filtered.entries?.[0]?.[1] as LargeValue
    const pieces: Uint8Array[] = []
    for (let offset = 0; offset < value.length; offset += pieces.at(-1)?.length ?? 0)
      pieces.push((await hive.batch(sequence, { entry, offset })).piece ?? new Uint8Array())
    expect(pieces.every(({ length }) => length <= limits.VALUE_PIECE_BYTES_MAX)).toBe(true)
    expect(Buffer.concat(pieces).equals(value)).toBe(true)
    expect((await hive.batch(sequence, { entry, offset: value.length })).piece).toHaveLength(0)
  })

  test('E48 a value of 10 MiB is judged to its last byte', async () => {
    const value = Buffer.alloc(limits.VALUE_BYTES_MAX, 'ab')
    value.write('needle', value.length - 6)
    const sequence = await hive.upload(['large', value])
    const passing = async (regex: string) => (await hive.batch(sequence, { valueFilters: [{ regex }] })).entries?.length
    expect([await passing('needle$'), await passing('^needle'), await passing('no such')]).toEqual([1, 0, 0])
  })

  test.each([
    [{ entry: 2 }, 'entry', 2],
    [{ entry: 1, offset: 2 }, 'offset', 1],
    [{ offset: 1 }, 'entry', undefined],
    [{ from: 3 }, 'from', 2],
    [{ selectors: [] }, 'selectors', undefined],
  ])('P10 refuses %j by its field', async (fields, field, limit) => {
    const sequence = await hive.put(['a', 'x'], ['b', 'y'])
    const details = { field, ...(limit === undefined ? {} : { limit }) }
    await expect(hive.batch(sequence, fields)).rejects.toMatchObject({ kind: 'invalid', details })
  })
})

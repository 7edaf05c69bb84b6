/** Exoware's cases of reading and writing keys: its range contract, and what of its services has to do with it. */
import { limits } from '@waggle/protocol'
import { expect } from 'vitest'
import { expectRefusal } from '../samples.ts'
import type { Cases } from './parity-store.ts'
import { all, batchOf, keysOf, putEach, rows, textEntries, textOf, valueOf } from './keys.ts'

/** The one key that Exoware's engine keeps for itself among its users' keys. */
const RESERVED = '__simulator_seq__'

const letters = [
  ['a', '1'],
  ['b', '2'],
  ['c', '3'],
  ['d', '4'],
] as const

export const keyRangeParity = (it: Cases): void => {
  points(it)
  ranges(it)
  reverse(it)
  deletions(it)
  limitsOfPuts(it)
}

const points = (it: Cases): void => {
  it('exoware E1: an unknown key is absent, and no fault', async ({ hive }) => {
    expect(await hive.keys.get('unknown')).toBeUndefined()
    await hive.keys.put([['known', 'x']])
    expect(await hive.keys.get('know')).toBeUndefined()
  })

  it('exoware E2: what was put is what is got, byte by byte', async ({ hive }) => {
    const every = Uint8Array.from({ length: 256 }, (_, n) => n)
    await hive.keys.put([
      ['k', 'value'],
      [every.subarray(0, 254), every],
      ['', 'of the empty key'],
      ['empty', ''],
    ])
    expect(await valueOf(hive, 'k')).toBe('value')
    expect(await hive.keys.get(every.subarray(0, 254))).toEqual(every)
    expect(await valueOf(hive, '')).toBe('of the empty key')
    expect(await hive.keys.get('empty')).toEqual(new Uint8Array())
  })

  it('exoware E3, E10, E16: no key is the store’s own: get, getMany, range show users’ alone', async (given) => {
    const { hive } = given
    await hive.keys.put(letters)
    expect(await hive.keys.get(RESERVED)).toBeUndefined()
    expect(await hive.keys.getMany([RESERVED])).toEqual([[new TextEncoder().encode(RESERVED), undefined]])
    expect(await keysOf(hive)).toEqual(['a', 'b', 'c', 'd'])
    // Theirs overwrites and hides a user's value under it.
    await hive.keys.put([[RESERVED, 'mine']])
    expect(await valueOf(hive, RESERVED)).toBe('mine')
    expect(await keysOf(hive)).toEqual([RESERVED, 'a', 'b', 'c', 'd'])
  })

  it('exoware E15: getMany mixes found and missing in the order asked, repeats kept', async ({ hive }) => {
    await hive.keys.put(letters)
    const found = await hive.keys.getMany(['d', 'x', 'a', 'd', ''])
    expect(found.map(([key, value]) => [textOf(key), value && textOf(value)])).toEqual([
      ['d', '4'],
      ['x', undefined],
      ['a', '1'],
      ['d', '4'],
      ['', undefined],
    ])
  })

  it('exoware E31: put and get go round, a missing key is absent, the newer value overwrites', async ({ hive }) => {
    await putEach(hive, [[['k', 'old']], [['other', 'x']]])
    expect([await valueOf(hive, 'k'), await valueOf(hive, 'missing')]).toEqual(['old', undefined])
    await hive.keys.put([['k', 'new']])
    expect([await valueOf(hive, 'k'), await valueOf(hive, 'other')]).toEqual(['new', 'x'])
  })

  it('exoware derived_duplicate_key_in_one_batch: the last value stands, the log has both', async ({ hive }) => {
    const { sequence } = await hive.keys.put([
      ['k', 'first'],
      ['other', 'x'],
      ['k', 'second'],
    ])
    expect(await rows(hive)).toEqual([
      ['k', 'second'],
      ['other', 'x'],
    ])
    expect(await batchOf(hive, sequence)).toEqual([
      ['k', 'first'],
      ['other', 'x'],
      ['k', 'second'],
    ])
  })
}

const ranges = (it: Cases): void => {
  it('exoware E5: the end is part of a range, and so is the start', async ({ hive }) => {
    await hive.keys.put(letters)
    expect(await keysOf(hive, { start: 'b', end: 'c' })).toEqual(['b', 'c'])
  })

  it('exoware E6: without an end, or with an empty one, a range goes on to the last key', async ({ hive }) => {
    await hive.keys.put([...letters, [new Uint8Array(254).fill(0xff), 'last']])
    expect(await all(hive.keys.range({ start: 'b' }))).toHaveLength(4)
    expect(await all(hive.keys.range({ start: 'b', end: '' }))).toHaveLength(4)
    expect(await all(hive.keys.range())).toHaveLength(5)
  })

  it('exoware E7: forwards, a limit cuts after so many rows', async ({ hive }) => {
    await hive.keys.put(letters)
    expect(await rows(hive, { limit: 2 })).toEqual([
      ['a', '1'],
      ['b', '2'],
    ])
    expect(await keysOf(hive, { start: 'b', limit: 100 })).toEqual(['b', 'c', 'd'])
  })

  it('exoware E8: a range with nothing inside gives no rows, and so does one from behind its end', async ({ hive }) => {
    await hive.keys.put(letters)
    expect(await rows(hive, { start: 'bb', end: 'bz' })).toEqual([])
    expect(await rows(hive, { start: 'c', end: 'b' })).toEqual([])
    expect(await rows(hive, { start: 'c', end: 'b', reverse: true })).toEqual([])
  })

  it('exoware E9: a limit of 0 gives no rows', async ({ hive }) => {
    await hive.keys.put(letters)
    expect(await rows(hive, { limit: 0 })).toEqual([])
    expect(await rows(hive, { limit: 0, reverse: true })).toEqual([])
  })

  it('exoware E14: a range from a key to itself is that key, if it is there', async ({ hive }) => {
    await hive.keys.put(letters)
    expect(await keysOf(hive, { start: 'b', end: 'b' })).toEqual(['b'])
    expect(await keysOf(hive, { start: 'bb', end: 'bb' })).toEqual([])
  })

  it('exoware E32: getMany keeps the order; ranges forwards, backwards, limited and empty', async ({ hive }) => {
    await hive.keys.put(letters)
    const found = await hive.keys.getMany(['c', 'a'])
    expect(found.map(([key, value]) => [textOf(key), textOf(value!)])).toEqual([
      ['c', '3'],
      ['a', '1'],
    ])
    expect(await keysOf(hive, { start: 'a', end: 'c' })).toEqual(['a', 'b', 'c'])
    expect(await keysOf(hive, { start: 'a', end: 'c', reverse: true })).toEqual(['c', 'b', 'a'])
    expect(await keysOf(hive, { start: 'a', end: 'c', limit: 1 })).toEqual(['a'])
    expect(await keysOf(hive, { start: 'x', end: 'z' })).toEqual([])
  })
}

const reverse = (it: Cases): void => {
  it('exoware E11: backwards, keys descend', async ({ hive }) => {
    await hive.keys.put(letters)
    expect(await rows(hive, { start: 'b', end: 'd', reverse: true })).toEqual([
      ['d', '4'],
      ['c', '3'],
      ['b', '2'],
    ])
  })

  it('exoware E12: backwards, a limit gives the last rows of the range, highest first', async ({ hive }) => {
    await hive.keys.put(letters)
    expect(await keysOf(hive, { start: 'a', end: 'c', limit: 2, reverse: true })).toEqual(['c', 'b'])
  })

  it('exoware E13: backwards without an end begins at the highest key', async ({ hive }) => {
    await hive.keys.put(letters)
    expect(await keysOf(hive, { limit: 1, reverse: true })).toEqual(['d'])
    expect(await keysOf(hive, { start: 'c', end: '', reverse: true })).toEqual(['d', 'c'])
  })
}

const deletions = (it: Cases): void => {
  it('exoware E17: a deletion takes the keys it names and no others', async ({ hive }) => {
    await hive.keys.put([...letters, ['ab', 'x']])
    await hive.keys.delete(['a', 'c', 'never there'])
    expect(await keysOf(hive)).toEqual(['ab', 'b', 'd'])
    expect(await valueOf(hive, 'a')).toBeUndefined()
  })

  it('exoware E18: a deletion moves the sequence on, also where there was nothing to delete', async ({ hive }) => {
    const put = await hive.keys.put(letters)
    const first = await hive.keys.delete(['a'])
    const second = await hive.keys.delete(['never there'])
    expect(first.sequence).toBeGreaterThan(put.sequence)
    expect(second.sequence).toBeGreaterThan(first.sequence)
    expect(await hive.keys.currentSequence()).toBe(second.sequence)
    // No entries, and not the answer of what was pruned.
    expect([await batchOf(hive, first.sequence), await batchOf(hive, second.sequence)]).toEqual([[], []])
  })
}

const limitsOfPuts = (it: Cases): void => {
  it('exoware E66, E73: an empty put, a key of 255 bytes and a value over the limit are refused', async ({ hive }) => {
    await expectRefusal(hive.keys.put([]), 'REQUIRED_FIELD', 'entries')
    await expectRefusal(hive.keys.delete([]), 'REQUIRED_FIELD', 'keys')
    const longest = new Uint8Array(254).fill(7)
    const tooLong = new Uint8Array(255)
    const key = await expectRefusal(hive.keys.put([[tooLong, 'v']]), 'CONTENT_TOO_LARGE', 'entries[0][0]')
    expect(key.details.limit).toBe(limits.KEY_BYTES_MAX)
    await expectRefusal(hive.keys.get(tooLong), 'CONTENT_TOO_LARGE', 'key')
    await expectRefusal(all(hive.keys.range({ start: tooLong })), 'CONTENT_TOO_LARGE', 'start')
    const tooLarge = new Uint8Array(limits.VALUE_BYTES_MAX + 1)
    const value = await expectRefusal(hive.keys.put([['k', tooLarge]]), 'CONTENT_TOO_LARGE', 'entries[0][1]')
    expect(value.details.limit).toBe(limits.VALUE_BYTES_MAX)
    // All or nothing: what stands beside what is refused is not put either.
    await expectRefusal(
      hive.keys.put([
        ['good', 'v'],
        [tooLong, 'v'],
      ]),
      'CONTENT_TOO_LARGE',
      'entries[1][0]',
    )
    expect([await rows(hive), await hive.keys.currentSequence()]).toEqual([[], 0])
    const { sequence } = await hive.keys.put([[longest, 'v']])
    expect(textEntries((await hive.keys.batch(sequence))!)).toEqual([[textOf(longest), 'v']])
  })
}

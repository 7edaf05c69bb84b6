/** Subscriptions to keys, as a caller meets them (Exoware A.7). */
import { decodeWatchCursor, limits } from '@waggle/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  createKeys,
  frameText,
  openKeys,
  textOf,
  type KeyedHive,
  type Subscription,
} from '../../testing/keys/keyed-hive.ts'

let hive: KeyedHive

beforeEach(async () => {
  hive = await openKeys()
})

afterEach(() => hive.engine.engine.close())

const texts = async (request: Subscription) => (await hive.frames(request)).map(frameText)
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

describe('where a subscription begins', () => {
  test('E36 E37 from now on it is told each put that matches, and of no other', async () => {
    await hive.put(['user:1', 'before'])
    const selectors = [{ prefix: 'user:' }]
    const begin = await hive.subscribe({ selectors })
    expect(begin).toMatchObject({ frames: [], sequence: begin.sequence })
    await hive.put(['other:1', 'x'])
    const second = await hive.put(['user:2', 'after'])
    const reply = await hive.subscribe({ selectors, from: begin.next })
    expect(reply.frames.map(frameText)).toEqual([[second, ['user:2=after'], []]])
    expect(reply).not.toHaveProperty('more')
  })

  test('E39 two puts are two frames, with the time of each', async () => {
    const { next } = await hive.subscribe()
    const first = await hive.put(['a', '1'])
    hive.engine.clock.advance(7)
    const second = await hive.put(['a', '2'])
    const { frames } = await hive.subscribe({ from: next })
    expect(frames.map(({ sequence }) => sequence)).toEqual([first, second])
    expect((frames[1]?.time ?? 0) - (frames[0]?.time ?? 0)).toBe(7)
  })

  test('E40 E52 since a batch: that one and all after it, replay and live joined', async () => {
    const sequences: number[] = []
    for (let n = 1; n <= 5; n++) sequences.push(await hive.put(['a', `${n}`]))
    const reply = await hive.subscribe({ since: sequences[2] ?? 0 })
    expect(reply.frames.map(({ sequence }) => sequence)).toEqual(sequences.slice(2))
    const live = await hive.put(['a', 'live'])
    const { frames } = await hive.subscribe({ from: reply.next })
    expect(frames.map(frameText)).toEqual([[live, ['a=live'], []]])
  })

  test('E49 since 0 is from now on', async () => {
    await hive.put(['a', '1'])
    expect((await hive.subscribe({ since: 0 })).frames).toEqual([])
  })

  test.each([10, Number.MAX_SAFE_INTEGER - 10])('E41 E50 since a batch %d ahead: live frames', async (by) => {
    const current = await hive.put(['a', '1'])
    const { frames, next } = await hive.subscribe({ since: Math.min(current + by, Number.MAX_SAFE_INTEGER) })
    expect(frames).toEqual([])
    const live = await hive.put(['a', '2'])
    expect((await hive.subscribe({ from: next })).frames.map(frameText)).toEqual([[live, ['a=2'], []]])
  })

  test('since a sequence of something else, before the first batch or between: from the next on', async () => {
    const first = await hive.put(['a', '1'])
    await createKeys(hive.engine, 'wasps')
    const second = await hive.put(['a', '2'])
    expect((await hive.frames({ since: 1 })).map(({ sequence }) => sequence)).toEqual([first, second])
    expect((await hive.frames({ since: first + 1 })).map(({ sequence }) => sequence)).toEqual([second])
  })

  test('B3 E56 a place moves on where nothing matches, over replay and live', async () => {
    const begin = await hive.put(['a', '1'])
    for (let n = 0; n < 5; n++) await hive.put(['quiet', `${n}`])
    const reply = await hive.subscribe({ since: begin, selectors: [{ prefix: 'nothing' }] })
    expect(reply).toMatchObject({ frames: [], sequence: begin + 5 })
    expect(decodeWatchCursor(reply.next, 'next').address.sequence).toBe(begin + 5)
    await createKeys(hive.engine, 'wasps')
    const after = await hive.subscribe({ from: reply.next, selectors: [{ prefix: 'nothing' }] })
    expect(after).toMatchObject({ frames: [], sequence: begin + 6 })
  })
})

describe('S1 what passes', () => {
  test('E38 a batch that two selectors take is one frame, each entry once, in the order of writing', async () => {
    const sequence = await hive.put(['b:1', 'x'], ['a:1', 'y'], ['c:1', 'z'], ['a:1', 'again'])
    const selectors = [{ prefix: 'a:' }, { prefix: 'b' }, { prefix: 'a' }]
    expect(await texts({ since: 1, selectors })).toEqual([[sequence, ['b:1=x', 'a:1=y', 'a:1=again'], []]])
  })

  test('a selector’s expression is looked for behind its prefix', async () => {
    const sequence = await hive.put(['user:42', ''], ['user:x', ''], ['43', ''], ['user:7', ''])
    expect(await texts({ since: 1, selectors: [{ prefix: 'user:', regex: '^[0-9]+$' }] })).toEqual([
      [sequence, ['user:42=', 'user:7='], []],
    ])
    expect(await texts({ since: 1, selectors: [{ prefix: 'user:', regex: 'user' }] })).toEqual([])
  })

  test('E48 value filters narrow what selectors take: exact, beginning, expression; any is enough', async () => {
    const sequence = await hive.put(['a', 'red fox'], ['b', 'red'], ['c', 'a fox'], ['d', 'blue'], ['x', 'red'])
    const selectors = [{ prefix: '', regex: '^[a-d]$' }]
    const passing = (valueFilters: readonly object[]) => texts({ since: 1, selectors, valueFilters })
    expect(await passing([{ exact: 'red' }])).toEqual([[sequence, ['b=red'], []]])
    expect(await passing([{ prefix: 'red' }])).toEqual([[sequence, ['a=red fox', 'b=red'], []]])
    expect(await passing([{ regex: 'fo.$' }])).toEqual([[sequence, ['a=red fox', 'c=a fox'], []]])
    expect(await passing([{ exact: 'blue' }, { regex: '^a' }])).toEqual([[sequence, ['c=a fox', 'd=blue'], []]])
    expect(await passing([{ exact: 'nothing' }])).toEqual([])
  })

  test('values and keys that are no text are judged as the bytes they are', async () => {
    const sequence = await hive.put([Uint8Array.of(0xff, 0, 1), Uint8Array.of(0xfe)], ['é', 'ü'])
    const bytes = { prefix: Uint8Array.of(0xff), regex: '(?s-u)^\\x00.$' }
    const frames = await hive.frames({ since: 1, selectors: [bytes], valueFilters: [{ regex: '(?-u)^\\xfe$' }] })
    expect(frames.map(({ entries }) => entries.map(([key]) => [...key]))).toEqual([[[0xff, 0, 1]]])
    expect(await texts({ since: 1, valueFilters: [{ regex: '^.$' }], selectors: [{ prefix: 'é' }] })).toEqual([
      [sequence, ['é=ü'], []],
    ])
  })

  test('S2 deletions are told by their keys alone, each once, whatever the value filters say', async () => {
    await hive.put(['a:1', 'x'], ['a:2', 'x'], ['b:1', 'x'])
    const sequence = await hive.delete('a:1', 'b:1', 'a:9', 'a:1')
    const request = { since: sequence, selectors: [{ prefix: 'a:' }], valueFilters: [{ exact: 'no' }] }
    expect(await texts(request)).toEqual([[sequence, [], ['a:1', 'a:9']]])
    expect(await texts({ ...request, selectors: [{ prefix: 'c' }] })).toEqual([])
  })

  test('P3 what a batch puts and deletes is one frame that tells how it left its keys', async () => {
    const commands = [
      {
        operation: 'keys.put',
        entries: [
          ['a', '1'],
          ['b', '1'],
        ],
      },
      { operation: 'keys.delete', keys: ['a', 'c'] },
      { operation: 'keys.put', entries: [['c', '2']] },
      { operation: 'keys.delete', keys: ['d'] },
    ]
    const { sequence } = await hive.engine.call('batch.commit', { collective: hive.id, commands })
    expect(await texts({ since: 1 })).toEqual([[sequence, ['a=1', 'b=1', 'c=2'], ['a', 'd']]])
  })
})

describe('P10 refused by name', () => {
  const many = (count: number) => Array.from({ length: count }, (_, n) => ({ prefix: `${n}` }))
  const size = `[a-z]{${limits.REGEX_SIZE_MAX / 4}}`

  test.each([
    [{ selectors: [] }, 'REQUIRED_FIELD', 'selectors'],
    [{ selectors: many(17) }, 'TOO_MANY_ITEMS', 'selectors'],
    [{ valueFilters: many(17) }, 'TOO_MANY_ITEMS', 'valueFilters'],
    [{ valueFilters: [{}] }, 'INVALID_FIELD', 'valueFilters[0]'],
    [{ selectors: [{ prefix: 'x'.repeat(255) }] }, 'CONTENT_TOO_LARGE', 'selectors[0].prefix'],
    [{ selectors: [{ prefix: '', regex: ' ' }] }, 'INVALID_FIELD', 'selectors[0].regex'],
    [{ selectors: [{ prefix: '' }, { prefix: '', regex: '(' }] }, 'INVALID_FIELD', 'selectors[1].regex'],
    [{ valueFilters: [{ regex: '(?=a)' }] }, 'INVALID_FIELD', 'valueFilters[0].regex'],
    [{ valueFilters: Array.from({ length: 5 }, () => ({ regex: size })) }, 'INVALID_FIELD', 'valueFilters'],
    [{ selectors: Array.from({ length: 5 }, () => ({ prefix: '', regex: size })) }, 'INVALID_FIELD', 'selectors'],
    [{ since: -1 }, 'INVALID_FIELD', 'since'],
    [{ from: 'nonsense' }, 'INVALID_CURSOR', 'from'],
    [{ max: 0 }, 'INVALID_FIELD', 'max'],
  ] as const)('%j: %s %s', async (request, code, field) => {
    await expect(hive.call('keys.subscribe', request)).rejects.toMatchObject({ code, details: { field } })
  })

  test('a place beside since, and a place of the other journal or of another collective', async () => {
    const { next } = await hive.subscribe()
    await expect(hive.subscribe({ since: 1, from: next })).rejects.toMatchObject({ code: 'INVALID_FIELD' })
    const { next: ofChanges } = await hive.call('watch.next')
    const from = { code: 'INVALID_CURSOR', details: { field: 'from' } }
    await expect(hive.subscribe({ from: ofChanges as string })).rejects.toMatchObject(from)
    await expect(hive.call('watch.next', { from: next })).rejects.toMatchObject(from)
    const wasps = await createKeys(hive.engine, 'wasps')
    await expect(wasps.subscribe({ from: next })).rejects.toMatchObject(from)
  })
})

describe('B1 B2 replies', () => {
  test('end after so many frames and go on behind them', async () => {
    const sequences: number[] = []
    for (let n = 0; n < 5; n++) sequences.push(await hive.put(['a', `${n}`]))
    const first = await hive.subscribe({ since: 1, max: 2 })
    expect(first.frames.map(({ sequence }) => sequence)).toEqual(sequences.slice(0, 2))
    expect(first).toMatchObject({ more: true, sequence: sequences[1] })
    const second = await hive.subscribe({ from: first.next, max: 3 })
    expect(second.frames.map(({ sequence }) => sequence)).toEqual(sequences.slice(2))
  })

  test('a frame that is larger than a reply comes in parts, deletions last, and they join to it', async () => {
    const value = Buffer.alloc(900_000, 'v')
    const entries = Array.from({ length: 7 }, (_, n) => [`key ${n}`, value] as const)
    const commands = [
      { operation: 'keys.put', entries },
      { operation: 'keys.delete', keys: ['key 3'] },
    ]
    const before = await hive.put(['small', 'before'])
    const { sequence } = await hive.engine.call('batch.commit', { collective: hive.id, commands })
    const after = await hive.put(['small', 'after'])
    const replies = [await hive.subscribe({ since: 1 })]
    while (replies.at(-1)?.more === true) replies.push(await hive.subscribe({ from: replies.at(-1)?.next ?? '' }))
    expect(replies.map(({ frames, partial }) => [frames.map((frame) => frame.sequence), partial ?? false])).toEqual([
      [[before, sequence], true],
      [[sequence, after], false],
    ])
    for (const { frames } of replies) {
      const bytes = frames.flatMap((frame) => frame.entries).reduce((sum, [, it]) => sum + textOf(it).length, 0)
      expect(bytes).toBeLessThanOrEqual(limits.PAGE_BYTES_MAX)
    }
    expect(replies[0]?.sequence).toBe((sequence as number) - 1)
    const joined = await hive.frames({ since: sequence as number })
    expect(joined[0]?.entries.map(([key]) => textOf(key))).toEqual(entries.map(([key]) => key))
    expect(joined[0]?.deleted.map(textOf)).toEqual(['key 3'])
  })

  test('B4 a journal in which nothing passes is looked at in parts', async () => {
    const value = Buffer.alloc(3_000_000, 'v')
    for (let n = 0; n < 4; n++) await hive.put(['a', value], ['b', value])
    const selectors = [{ prefix: 'nothing' }]
    const first = await hive.subscribe({ since: 1, selectors, waitMs: 20_000 })
    expect(first).toMatchObject({ frames: [], more: true })
    expect(first).not.toHaveProperty('partial')
    const second = await hive.subscribe({ from: first.next, selectors })
    expect(second.sequence).toBeGreaterThan(first.sequence)
    expect(second).not.toHaveProperty('more')
  })

  test('E36 a subscriber that waits is answered with the first frame that passes', async () => {
    const waiting = hive.subscribe({ waitMs: 20_000, selectors: [{ prefix: 'a' }] })
    await settle()
    await hive.put(['b', '1'])
    await settle()
    const sequence = await hive.put(['a', '1'])
    expect((await waiting).frames.map(frameText)).toEqual([[sequence, ['a=1'], []]])
  })
})

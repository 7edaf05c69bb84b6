/** Subscribers that wait, are slow, many, or hostile, while others work (Exoware A.7, P6, P11). */
import { systemTimers } from '@waggle/kernel'
import type { CollectiveId, KeyFrame } from '@waggle/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addFrame, createKeys, frameText, openKeys, textOf, type KeyedHive } from '../../testing/keys/keyed-hive.ts'

let hive: KeyedHive

beforeEach(async () => {
  hive = await openKeys()
})

afterEach(() => hive.engine.engine.close())

const WAIT = { waitMs: 20_000 }
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await systemTimers.yield()
}
const stateOf = (promise: Promise<unknown>): { readonly current: string } => {
  const state = { current: 'pending' }
  promise.then(
    () => (state.current = 'resolved'),
    () => (state.current = 'rejected'),
  )
  return state
}
/** A frame by its keys and the sizes of their values. */
const shape = ({ sequence, entries }: KeyFrame) => [
  sequence,
  entries.map(([key, value]) => `${textOf(key)}=${(value as Uint8Array).length}`),
]
/** Follows until `count` entries have come. */
const follow = async (from: string, count: number, max: number): Promise<readonly KeyFrame[]> => {
  const frames: KeyFrame[] = []
  for (let seen = 0; seen < count; seen = frames.flatMap(({ entries }) => entries).length) {
    const reply = await hive.subscribe({ from, max, ...WAIT })
    for (const frame of reply.frames) addFrame(frames, frame)
    from = reply.next
  }
  return frames
}

describe('a subscriber that waits', () => {
  test('E60 is woken by keys alone, not by changes of the memory or by other collectives', async () => {
    const wasps = await createKeys(hive.engine, 'wasps')
    const keys = hive.subscribe(WAIT)
    const changes = hive.call('watch.next', WAIT)
    const [ofKeys, ofChanges] = [stateOf(keys), stateOf(changes)]
    await settle()
    await wasps.put(['a', '1'])
    await settle()
    expect([ofKeys.current, ofChanges.current]).toEqual(['pending', 'pending'])
    await hive.call('experience.record', { content: 'x', embedding: [1, 2] })
    await changes
    expect(ofKeys.current).toBe('pending')
    const sequence = await hive.put(['a', '1'])
    expect((await keys).frames.map(frameText)).toEqual([[sequence, ['a=1'], []]])
  })

  test('E58 whose store is closed, or whose leader goes, is told at once', async () => {
    const waiting = hive.subscribe(WAIT)
    const refused = expect(waiting).rejects.toMatchObject({ code: 'CLOSED' })
    await settle()
    await hive.engine.engine.close()
    await refused
  })

  test('of a collective that is deleted is told its last batches, then that it is not there', async () => {
    const hiveAtRest = await openKeys({ journalRestMs: 600_000 })
    const begin = await hiveAtRest.subscribe()
    const sequence = await hiveAtRest.put(['a', '1'])
    const { next } = await hiveAtRest.subscribe({ from: begin.next })
    const gone = expect(hiveAtRest.subscribe({ from: next, ...WAIT })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await settle()
    await hiveAtRest.call('collective.delete')
    await gone
    const { frames } = await hiveAtRest.subscribe({ from: begin.next, ...WAIT })
    expect(frames.map(frameText)).toEqual([[sequence, ['a=1'], []]])
    const notFound = { code: 'NOT_FOUND' }
    await expect(hiveAtRest.subscribe({ since: sequence })).rejects.toMatchObject(notFound)
    await expect(hiveAtRest.batch(sequence)).rejects.toMatchObject(notFound)
    // Another life of the same id has another journal.
    const id: CollectiveId = hiveAtRest.id
    await hiveAtRest.engine.call('collective.create', { id, name: 'bees', dimension: 2 })
    expect((await hiveAtRest.subscribe({ from: begin.next })).lost).toBe(true)
    await hiveAtRest.engine.engine.close()
  })
})

describe('P6 subscribers while others put', () => {
  test('E47 E53 a slow one stalls nobody, and is told every batch at its own pace', async () => {
    const { next } = await hive.subscribe()
    const sequences = await Promise.all(Array.from({ length: 512 }, async (_, n) => hive.put([`key ${n}`, `${n}`])))
    const frames = await follow(next, 512, 7)
    expect(frames.map(({ sequence }) => sequence)).toEqual([...new Set(sequences)].sort((a, b) => a - b))
    expect(frames.flatMap(({ entries }) => entries).map(([key]) => textOf(key))).toEqual(
      sequences.map((_, n) => `key ${n}`),
    )
  })

  test('E52 E74 many that wait while many write: each is told everything once, in the order of sequences', async () => {
    const { next } = await hive.subscribe()
    const watching = Promise.all([1, 3, 50].map((max) => follow(next, 200, max)))
    await settle()
    const writers = ['a', 'b', 'c', 'd'].map(async (writer) => {
      const sequences: number[] = []
      for (let n = 0; n < 50; n++) sequences.push(await hive.put([`${writer} ${n}`, '']))
      return sequences
    })
    const written = (await Promise.all(writers)).flat()
    const all = await watching
    expect(all.map((frames) => frames.map(frameText))).toEqual([0, 1, 2].map(() => all[0]?.map(frameText)))
    expect(all[0]?.map(({ sequence }) => sequence)).toEqual([...new Set(written)].sort((a, b) => a - b))
  })

  test('one that is cut off in the midst of a batch goes on where it was', async () => {
    const value = Buffer.alloc(1_500_000, 'v')
    const { next } = await hive.subscribe()
    await hive.put(...['a', 'b', 'c', 'd', 'e'].map((key) => [key, value] as const))
    const first = await hive.subscribe({ from: next })
    // Its answer is lost: the same place is asked for again.
    const again = await hive.subscribe({ from: next })
    expect([again.next, again.frames.map(shape)]).toEqual([first.next, first.frames.map(shape)])
    await hive.put(['f', ''])
    const frames: KeyFrame[] = []
    for (const frame of [...first.frames, ...(await hive.frames({ from: first.next }))]) addFrame(frames, frame)
    expect(frames.map(({ entries }) => entries.map(([key]) => textOf(key)).join(''))).toEqual(['abcde', 'f'])
  })
})

describe('P11 hostile subscribers', () => {
  // What may match has 2^200 forms: an engine that remembers each, or backtracks, does not come back.
  const HOSTILE = [{ regex: '(?:a|b)*a[ab]{200}c' }]
  const bits = Buffer.from(Array.from({ length: 20_000 }, (_, n) => 0x61 + ((Math.imul(n, 2_654_435_761) >>> 17) & 1)))

  test('others are answered while many look through a value with the worst expressions', async () => {
    const { next } = await hive.subscribe()
    const waiting = Array.from({ length: 8 }, () => hive.subscribe({ from: next, valueFilters: HOSTILE, ...WAIT }))
    const states = waiting.map(stateOf)
    await settle()
    await hive.put(['large', bits])
    for (let n = 0; n < 5; n++) {
      await hive.put(['small', `${n}`])
      expect(textOf((await hive.call('keys.get', { key: 'small' })).value as Uint8Array)).toBe(`${n}`)
    }
    expect(states.every(({ current }) => current === 'pending')).toBe(true)
    await hive.put(['end', `a${'b'.repeat(200)}c`])
    const replies = await Promise.all(waiting)
    for (const { frames } of replies)
      expect(frames.map(({ entries }) => entries.map(([key]) => textOf(key)))).toEqual([['end']])
  })

  test('a subscriber whose filters nothing passes waits on, however often it is woken', async () => {
    const waiting = hive.subscribe({ selectors: [{ prefix: '', regex: '^(?:x?){100}x{100}$' }], ...WAIT })
    const state = stateOf(waiting)
    for (let n = 0; n < 50; n++) await hive.put(['y'.repeat(254), `${n}`])
    await settle()
    expect(state.current).toBe('pending')
    await hive.put(['x'.repeat(150), 'found'])
    expect((await waiting).frames).toHaveLength(1)
  })
})

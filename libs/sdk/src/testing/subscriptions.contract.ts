/** What batches do to keys, told to whoever subscribes: every frame, in order, once (P6). */
import { describe, expect, it } from 'vitest'
import type { CollectiveHandle } from '../collective-handle.ts'
import type { SubscribeInput } from '../keys/key-inputs.ts'
import type { KeyBatch } from '../keys/key-subscription.ts'
import type { KeysHandle } from '../keys/keys-handle.ts'
import { largeValue, textOf, textsOf } from './key-samples.ts'
import { expectRefusal, refusal } from './samples.ts'
import { DIMENSION, sharedStore, withStore, type OpenStore } from './store-under-test.ts'

/** The next so many frames, of a subscription that ends then. */
const take = async (frames: AsyncIterable<KeyBatch>, count: number): Promise<readonly KeyBatch[]> => {
  const taken: KeyBatch[] = []
  for await (const frame of frames) if (taken.push(frame) === count) break
  return taken
}

const told = ({ sequence, entries, deleted }: KeyBatch): unknown => [sequence, textsOf(entries), deleted.map(textOf)]

/** Puts so many batches of one entry; their sequences. */
const putSome = async (keys: KeysHandle, count: number): Promise<number[]> => {
  const sequences: number[] = []
  for (let n = 0; n < count; n += 1) sequences.push((await keys.put([[`k${n}`, `v${n}`]])).sequence)
  return sequences
}

export const subscriptionsContract = (open: OpenStore): void => {
  describe('subscriptions', () => {
    const store = sharedStore(open)
    const keysOf = async () => (await store.collective()).keys

    it('P6 tell each batch once, with what it put in its order and what it left deleted', async () => {
      const keys = await keysOf()
      const frames = keys.subscribe()
      await frames.ready
      const put = await keys.put([
        ['a', '1'],
        ['b', '2'],
        ['a', '3'],
      ])
      const gone = await keys.delete(['a', 'never there'])
      const taken = await take(frames, 2)
      expect(taken.map(told)).toEqual([
        [
          put.sequence,
          [
            ['a', '1'],
            ['b', '2'],
            ['a', '3'],
          ],
          [],
        ],
        [gone.sequence, [], ['a', 'never there']],
      ])
      expect(taken[0]!.time).toBeGreaterThan(Date.now() - 60_000)
    })

    it('P6 replay from a sequence and what comes are joined without gap or repeat, while many write', async () => {
      const { keys, id } = await store.collective()
      const before = await putSome(keys, 30)
      const writers = Array.from({ length: 4 }, async (_, writer) => {
        const own = (await store.waggle.collective(id)).keys
        for (let n = 0; n < 15; n += 1) await own.put([[`w${writer}`, `${n}`]])
      })
      const entries: string[] = []
      let last = 0
      for await (const frame of keys.subscribe({ since: before[0], max: 7 })) {
        expect(frame.sequence).toBeGreaterThan(last)
        last = frame.sequence
        entries.push(...textsOf(frame.entries).map(([key, value]) => `${key}=${value}`))
        if (entries.length === 90) break
      }
      await Promise.all(writers)
      expect(entries.slice(0, 30)).toEqual(before.map((_, n) => `k${n}=v${n}`))
      for (let writer = 0; writer < 4; writer += 1)
        expect(entries.filter((entry) => entry.startsWith(`w${writer}`))).toEqual(
          Array.from({ length: 15 }, (_, n) => `w${writer}=${n}`),
        )
    })

    it('selectors and value filters show the entries that pass, and frames of which something does', async () => {
      const keys = await keysOf()
      const input: SubscribeInput = {
        selectors: [{ prefix: 'a/', regex: '^[0-9]+$' }, { prefix: 'b' }],
        valueFilters: [{ prefix: 'x' }, { regex: 'yes$' }, { exact: 'z' }],
        since: 1,
      }
      const { sequence } = await keys.put([
        ['a/1', 'x1'],
        ['a/q', 'x2'],
        ['b', 'no'],
        ['b', 'oh yes'],
        ['c', 'z'],
        ['a/22', 'z'],
      ])
      await keys.put([['c', 'x']])
      const deleted = await keys.delete(['a/1', 'a/q', 'c'])
      expect((await take(keys.subscribe(input), 2)).map(told)).toEqual([
        [
          sequence,
          [
            ['a/1', 'x1'],
            ['b', 'oh yes'],
            ['a/22', 'z'],
          ],
          [],
        ],
        [deleted.sequence, [], ['a/1']],
      ])
      const { since: _, ...match } = input
      expect(textsOf((await keys.batch(sequence, match))!).map(([key]) => key)).toEqual(['a/1', 'b', 'a/22'])
      expect(await keys.batch(sequence, { selectors: [{ prefix: 'none' }] })).toEqual([])
    })

    it('under a prefix tell of its keys alone, as they are behind it', async () => {
      const keys = await keysOf()
      const family = keys.prefixed('f/')
      const { sequence } = await keys.put([
        ['f/k', '1'],
        ['k', '2'],
      ])
      const gone = await keys.delete(['f/k', 'k'])
      expect((await take(family.subscribe({ since: sequence }), 2)).map(told)).toEqual([
        [sequence, [['k', '1']], []],
        [gone.sequence, [], ['k']],
      ])
      expect(textsOf((await family.batch(sequence))!)).toEqual([['k', '1']])
      expect((await family.changes(gone.sequence))!.deleted.map(textOf)).toEqual(['k'])
    })

    it('P6 W5 go on behind any frame by its cursor, also after a restart', async () => {
      await withStore(open, async (own) => {
        const hive = await own.waggle.createCollective({ name: 'kept', dimension: DIMENSION })
        const [first, ...others] = await putSome(hive.keys, 5)
        const frames = hive.keys.subscribe({ since: first, max: 3 })
        const cursors: string[] = []
        for (let n = 0; n < 5; n += 1) {
          await frames.next()
          cursors.push(frames.cursor!)
        }
        await frames.return()
        const { keys } = await (await own.reopen()).collective('kept')
        for (const [n, from] of cursors.slice(0, 4).entries())
          expect((await take(keys.subscribe({ from }), 4 - n)).map(({ sequence }) => sequence)).toEqual(others.slice(n))
      })
    })

    it('W5 the cursor of one whom nothing concerns moves on, so that its place is not pruned', async () => {
      const keys = await keysOf()
      const frames = keys.subscribe({ selectors: [{ prefix: 'quiet' }] })
      await frames.ready
      const before = frames.cursor!
      const waiting = frames.next()
      const sequences = await putSome(keys, 5)
      const { sequence } = await keys.put([['quiet', 'x']])
      expect((await waiting).value).toMatchObject({ sequence })
      const from = frames.cursor!
      expect(from).not.toBe(before)
      await keys.pruneBatchLog(sequence + 1)
      const after = take(keys.subscribe({ from, selectors: [{ prefix: 'quiet' }] }), 1)
      const next = await keys.put([['quiet', 'y']])
      expect((await after)[0]!.sequence).toBe(next.sequence)
      const lost = await expectRefusal(take(keys.subscribe({ from: before }), 1), 'BATCH_EVICTED', 'from')
      expect(lost.details.oldest).toBe(next.sequence)
      expect(sequences).toHaveLength(5)
      await frames.return()
    })

    it('a sequence that was pruned is a fault that names the oldest; one to come is from now on', async () => {
      const keys = await keysOf()
      const sequences = await putSome(keys, 5)
      await keys.pruneBatchLog(sequences[3]!)
      const frames = keys.subscribe({ since: sequences[0] })
      const fault = await refusal(frames.ready)
      expect([fault.code, fault.kind, fault.details.oldest]).toEqual(['BATCH_EVICTED', 'lost', sequences[3]])
      expect((await refusal(frames.next())).code).toBe('BATCH_EVICTED')
      expect(await frames.next()).toEqual({ value: undefined, done: true })
      for (const since of [undefined, 0, sequences[4]! + 1_000]) {
        const live = keys.subscribe({ since })
        await live.ready
        const { sequence } = await keys.put([['new', 'x']])
        expect((await take(live, 1))[0]!.sequence).toBe(sequence)
      }
    })

    it('F3 F4 large values and large batches come whole', async () => {
      const keys = await keysOf()
      const large = largeValue(4_500_000)
      const many = Array.from({ length: 520 }, (_, n): [string, Uint8Array] => [`k${n}`, largeValue(9_000, n + 1)])
      const first = await keys.put([['before', 'x']])
      const second = await keys.put([
        ['other', 'x'],
        ['large', large],
      ])
      const third = await keys.put(many)
      const last = await keys.put([['after', 'x']])
      const frames = keys.subscribe({
        since: first.sequence,
        selectors: ['b', 'l', 'k', 'a'].map((prefix) => ({ prefix })),
      })
      const cursors: string[] = []
      const taken: KeyBatch[] = []
      for await (const frame of frames) {
        taken.push(frame)
        cursors.push(frames.cursor!)
        if (taken.length === 4) break
      }
      expect(taken.map(({ sequence }) => sequence)).toEqual(
        [first, second, third, last].map(({ sequence }) => sequence),
      )
      expect(taken.map(({ entries }) => entries.length)).toEqual([1, 1, 520, 1])
      expect(Buffer.compare(taken[1]!.entries[0]![1], large)).toBe(0)
      for (const [n, [key, value]] of many.entries()) {
        expect(textOf(taken[2]!.entries[n]![0])).toBe(key)
        if (n % 100 === 0) expect(Buffer.compare(taken[2]!.entries[n]![1], value)).toBe(0)
      }
      // A cursor never stands inside a batch.
      for (const [n, from] of cursors.slice(0, 3).entries()) {
        const [next] = await take(keys.subscribe({ from }), 1)
        expect([next!.sequence, next!.entries.length]).toEqual([
          taken[n + 1]!.sequence,
          n === 0 ? 2 : n === 1 ? 520 : 1,
        ])
      }
    })

    it('W3 aborting ends one without an error, also while it waits, and before it began', async () => {
      const keys = await keysOf()
      const controller = new AbortController()
      const frames = keys.subscribe({ signal: controller.signal })
      await frames.ready
      const waiting = take(frames, 1)
      controller.abort()
      expect(await waiting).toEqual([])
      expect(await take(keys.subscribe({ signal: controller.signal, since: 1 }), 1)).toEqual([])
    })

    it('P12 nothing of another collective is told, and no cursor of it is taken', async () => {
      const [left, right] = [await keysOf(), await keysOf()]
      const frames = left.subscribe()
      await frames.ready
      await right.put([['k', 'right']])
      const { sequence } = await left.put([['k', 'left']])
      expect((await take(frames, 1)).map(told)).toEqual([[sequence, [['k', 'left']], []]])
      const other = right.subscribe()
      await other.ready
      await expectRefusal(take(left.subscribe({ from: other.cursor }), 1), 'INVALID_CURSOR', 'from')
      await other.return()
    })

    it('P9 a cursor that is saved keeps what comes after it from every rule', async () => {
      const hive: CollectiveHandle = await store.collective()
      const [first, second, third] = await putSome(hive.keys, 3)
      const frames = hive.keys.subscribe({ since: first })
      await frames.next()
      await hive.cursors.save('mirror', frames.cursor!)
      await frames.return()
      await hive.keys.setRetention({ dropAll: {} })
      expect(await hive.keys.oldestRetained()).toBe(second)
      await hive.cursors.drop('mirror')
      expect(await hive.keys.pruneBatchLog(third!)).toMatchObject({ isDone: true })
    })

    it('a store that is closed ends its subscriptions', async () => {
      await withStore(open, async (own) => {
        const { keys } = await own.waggle.createCollective({ name: 'closed', dimension: DIMENSION })
        const frames = keys.subscribe()
        await frames.ready
        const ending = frames.next().catch((error: unknown) => error)
        await own.waggle.close()
        expect(await ending).toMatchObject({ code: 'CLOSED' })
        expect(await frames.next()).toEqual({ value: undefined, done: true })
      })
    })

    it('P10 what is no selector, filter, sequence or option is refused', async () => {
      const keys = await keysOf()
      const refused = async (input: object, code: string, field: string) =>
        expectRefusal(keys.subscribe(input).ready, code, field)
      const many = Array.from({ length: 17 }, () => ({ prefix: 'a' }))
      await refused({ selectors: [] }, 'REQUIRED_FIELD', 'selectors')
      await refused({ selectors: many }, 'TOO_MANY_ITEMS', 'selectors')
      await refused({ selectors: [{ prefix: 'a', regex: '(' }] }, 'INVALID_FIELD', 'selectors[0].regex')
      await refused({ selectors: [{ regex: 'a' }] }, 'REQUIRED_FIELD', 'selectors[0].prefix')
      await refused({ valueFilters: [{}] }, 'INVALID_FIELD', 'valueFilters[0]')
      await refused({ since: -1 }, 'INVALID_FIELD', 'since')
      await refused({ max: 0 }, 'INVALID_FIELD', 'max')
      expect(() => keys.subscribe({ form: 1 } as never)).toThrow(expect.objectContaining({ code: 'UNKNOWN_FIELD' }))
      expect(() => keys.subscribe({ signal: {} } as never)).toThrow(expect.objectContaining({ code: 'INVALID_FIELD' }))
    })
  })
}

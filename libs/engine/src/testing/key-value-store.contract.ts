/**
 * What every `KeyValueStore` must do: run it on each implementation. The titles name the invariants of
 * `store/key-value-store.ts`. What only a real disk can show (kill -9, damage) is in `store/level-*.test.ts`.
 */
import { equalBytes, utf8 } from '@waggle/kernel'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KeyRange, KeyValueStore, StoreChange, StoreReader, StoreRow } from '../store/key-value-store.ts'

/** One store under test. */
export interface StoreUnderTest {
  readonly store: KeyValueStore
  /** Closes nothing; opens what a closed `store` left behind. Absent: the store forgets on `close`. */
  readonly reopen?: () => Promise<KeyValueStore>
  /** Closes whatever is open and removes all traces. */
  readonly dispose: () => Promise<void>
}

const put = (key: string, value: string): StoreChange => ({ key: utf8(key), value: utf8(value) })
const del = (key: string): StoreChange => ({ key: utf8(key), value: undefined })
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
const everything: KeyRange = { gte: new Uint8Array(0) }
const unsynced = { sync: false }

const gather = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
  const gathered: Item[] = []
  for await (const item of items) gathered.push(item)
  return gathered
}

const textRows = async (reader: StoreReader, range: KeyRange = everything): Promise<string[]> =>
  (await gather(reader.scan(range))).map(([key, value]) => `${text(key)}=${text(value)}`)

/** The plain model of a range: sort, cut, turn round, cut again. */
const expectedRows = (model: ReadonlyMap<string, Uint8Array>, range: KeyRange): readonly StoreRow[] => {
  const { gte, lt, reverse = false, limit = Infinity } = range
  const rows = [...model]
    .map(([hex, value]): StoreRow => [new Uint8Array(Buffer.from(hex, 'hex')), value])
    .filter(([key]) => Buffer.compare(key, gte) >= 0 && (lt === undefined || Buffer.compare(key, lt) < 0))
    .sort(([left], [right]) => Buffer.compare(left, right))
  return (reverse ? rows.reverse() : rows).slice(0, limit)
}

const apply = (model: Map<string, Uint8Array>, changes: readonly StoreChange[]): void => {
  for (const { key, value } of changes) {
    const hex = Buffer.from(key).toString('hex')
    if (value === undefined) model.delete(hex)
    else model.set(hex, value)
  }
}

/** Few bytes and short keys, so that random keys meet, are one another's prefix, and sort by unsigned bytes. */
const keyBytes = fc.array(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), { minLength: 1, maxLength: 4 })
const arbitraryKey = keyBytes.map((bytes) => Uint8Array.from(bytes))
const arbitraryValue = fc.uint8Array({ maxLength: 40 })
const arbitraryBatch = fc.array(
  fc.record({ key: arbitraryKey, value: fc.option(arbitraryValue, { nil: undefined, freq: 4 }) }),
  { maxLength: 12 },
)
const arbitraryRange = fc.record(
  {
    gte: fc.oneof(arbitraryKey, fc.constant(new Uint8Array(0))),
    lt: arbitraryKey,
    reverse: fc.boolean(),
    limit: fc.nat({ max: 20 }),
  },
  { requiredKeys: ['gte'] },
) as fc.Arbitrary<KeyRange>

const expectReads = async (
  reader: StoreReader,
  model: ReadonlyMap<string, Uint8Array>,
  range: KeyRange,
): Promise<void> => {
  const expected = expectedRows(model, range)
  expect(await gather(reader.scan(range))).toEqual(expected)
  expect((await gather(reader.scanChunks(range))).flat()).toEqual(expected)
  expect(await gather(reader.scanKeys(range))).toEqual(expected.map(([key]) => key))
  for (const key of [range.gte, range.lt ?? range.gte]) {
    expect(reader.get(key)).toEqual(model.get(Buffer.from(key).toString('hex')))
  }
}

/** Runs the whole contract on the stores that `open` makes, each of them empty. */
export const keyValueStoreContract = (name: string, open: () => Promise<StoreUnderTest>): void => {
  describe(`${name} keeps the contract of KeyValueStore`, () => {
    let test: StoreUnderTest
    let store: KeyValueStore

    beforeEach(async () => {
      test = await open()
      store = test.store
    })
    afterEach(async () => test.dispose())

    it('S1 a batch takes effect as a whole, its later changes over its earlier ones', async () => {
      await store.write([put('a', '1'), put('b', '1')], unsynced)
      await store.write([put('a', '2'), del('b'), put('c', '3'), del('c'), put('c', '4'), del('never')], unsynced)
      expect(await textRows(store)).toEqual(['a=2', 'c=4'])
    })

    it('S1 an empty batch changes nothing, synced or not', async () => {
      await store.write([put('a', '1')], unsynced)
      await store.write([], unsynced)
      await store.write([], { sync: true })
      expect(await textRows(store)).toEqual(['a=1'])
    })

    it('S2 writes take effect and resolve in the order of the calls, without being waited for', async () => {
      const resolved: number[] = []
      const writes = Array.from({ length: 200 }, async (_, index) => {
        const own = put(`own-${String(index).padStart(3, '0')}`, '')
        await store.write([put('last', String(index)), own], { sync: index % 50 === 0 })
        resolved.push(index)
      })
      await Promise.all(writes)
      expect(resolved).toEqual([...resolved].sort((left, right) => left - right))
      expect(text(store.get(utf8('last'))!)).toBe('199')
      expect(await gather(store.scanKeys({ gte: utf8('own-'), lt: utf8('own.') }))).toHaveLength(200)
    })

    it('S2 what was written is there after a close and an opening', async () => {
      await store.write([put('a', '1'), put('b', '2')], { sync: true })
      void store.write([del('a')], unsynced)
      await store.close()
      if (test.reopen === undefined) return
      expect(await textRows(await test.reopen())).toEqual(['b=2'])
    })

    it('S3 keys are ordered by their unsigned bytes, a prefix first', async () => {
      const ordered = [[0], [0, 0], [1], [0x61], [0x61, 0], [0x61, 0xff], [0x7f], [0x80], [0xff], [0xff, 0xff]]
      const keys = ordered.map((bytes) => Uint8Array.from(bytes))
      await store.write(
        keys.toReversed().map((key) => ({ key, value: key })),
        unsynced,
      )
      expect(await gather(store.scanKeys(everything))).toEqual(keys)
      expect(await gather(store.scanKeys({ ...everything, reverse: true }))).toEqual(keys.toReversed())
    })

    it('S3 a range has its first key, not its end, and as many rows as its limit', async () => {
      await store.write(
        ['a', 'b', 'c', 'd'].map((key) => put(key, '')),
        unsynced,
      )
      const range = { gte: utf8('a'), lt: utf8('d') }
      expect(await textRows(store, range)).toEqual(['a=', 'b=', 'c='])
      expect(await textRows(store, { ...range, limit: 2 })).toEqual(['a=', 'b='])
      expect(await textRows(store, { ...range, reverse: true, limit: 2 })).toEqual(['c=', 'b='])
      expect(await textRows(store, { ...range, limit: 0 })).toEqual([])
      expect(await textRows(store, { gte: utf8('d'), lt: utf8('a') })).toEqual([])
      expect(await textRows(store, { gte: utf8('b'), lt: utf8('b') })).toEqual([])
      expect(await textRows(store, { gte: utf8('bb'), reverse: true })).toEqual(['d=', 'c='])
    })

    it('S4 values come out byte for byte: empty, large, and numbers where they can be read in place', async () => {
      const large = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7) & 0xff)
      const floats = Float32Array.from({ length: 384 }, (_, index) => Math.sin(index))
      const floatBytes = new Uint8Array(floats.buffer)
      const values = [new Uint8Array(0), large, floatBytes]
      await store.write(
        values.map((value, index) => ({ key: Uint8Array.of(index + 1), value })),
        unsynced,
      )
      for (const [index, value] of values.entries()) {
        expect(equalBytes(store.get(Uint8Array.of(index + 1))!, value)).toBe(true)
      }
      const rows = await gather(store.scan(everything))
      expect(rows.map(([, value], index) => equalBytes(value, values[index]!))).toEqual([true, true, true])
      for (const { buffer, byteOffset, length } of [store.get(Uint8Array.of(3))!, rows[2]![1]]) {
        expect(new Float32Array(buffer, byteOffset, length / 4)).toEqual(floats)
      }
    })

    it('S4 plain byte arrays come out, whose slices are copies', async () => {
      await store.write([put('a', '1')], unsynced)
      const [[key, value]] = (await gather(store.scan(everything))) as [StoreRow]
      for (const bytes of [key, value, store.get(utf8('a'))!, ...(await gather(store.scanKeys(everything)))]) {
        expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype)
      }
    })

    it('S4 the caller may use its buffers again as soon as write has returned', async () => {
      const key = Buffer.from('key')
      const value = Buffer.from('value')
      const write = store.write([{ key, value }], unsynced)
      key.fill(0)
      value.fill(0)
      await write
      expect(await textRows(store)).toEqual(['key=value'])
    })

    it('S4 a key that is absent or deleted is undefined, also next to its neighbours', async () => {
      await store.write([put('aa', '1'), put('ac', '2')], unsynced)
      await store.write([del('aa')], unsynced)
      expect(['a', 'aa', 'ab', 'acc', 'b'].map((key) => store.get(utf8(key)))).toEqual(Array(5).fill(undefined))
    })

    it('S5 a snapshot sees the writes before it and none after it, until it is closed', async () => {
      await store.write([put('a', '1'), put('b', '1')], unsynced)
      const before = store.snapshot()
      await store.write([put('a', '2'), del('b'), put('c', '2')], unsynced)
      const after = store.snapshot()
      expect(await textRows(before)).toEqual(['a=1', 'b=1'])
      expect(text(before.get(utf8('b'))!)).toBe('1')
      expect(before.get(utf8('c'))).toBeUndefined()
      expect(await gather(before.scanKeys({ ...everything, reverse: true }))).toEqual([utf8('b'), utf8('a')])
      expect(await textRows(after)).toEqual(['a=2', 'c=2'])
      await before.close()
      await before.close()
      expect(() => before.get(utf8('a'))).toThrow()
      expect(await textRows(after)).toEqual(['a=2', 'c=2'])
      await after.close()
    })

    it('S5 a write that is under way is seen as a whole or not at all', async () => {
      for (let round = 0; round < 50; round += 1) {
        const write = store.write([put('a', String(round)), put('b', String(round))], unsynced)
        const snapshot = store.snapshot()
        await write
        expect(snapshot.get(utf8('a'))).toEqual(snapshot.get(utf8('b')))
        await snapshot.close()
      }
    })

    it('S5 a scan sees what was there when it was called, however late it is read', async () => {
      await store.write([put('a', '1'), put('b', '1')], unsynced)
      const scan = store.scan(everything)
      const chunks = store.scanChunks(everything)
      const keys = store.scanKeys(everything)
      await store.write([put('a', '2'), del('b'), put('c', '2')], unsynced)
      const rows = await gather(scan)
      expect(rows.map(([key, value]) => `${text(key)}=${text(value)}`)).toEqual(['a=1', 'b=1'])
      expect((await gather(chunks)).flat()).toEqual(rows)
      expect(await gather(keys)).toHaveLength(2)
    })

    it('ends a scan when its reader breaks off, before the first row too', async () => {
      await store.write([put('a', '1'), put('b', '1')], unsynced)
      for await (const [key] of store.scan(everything)) {
        expect(text(key)).toBe('a')
        break
      }
      for (const scan of [store.scan(everything), store.scanChunks(everything)]) {
        await scan.return?.()
        expect(await scan.next()).toEqual({ done: true, value: undefined })
      }
    })

    it('S3 chunks hold some rows each and none is empty, however many rows there are', async () => {
      const keyOf = (number: number): Uint8Array => Uint8Array.of(1, number >> 8, number & 0xff)
      const rows = Array.from({ length: 5_000 }, (_, number): StoreRow => [keyOf(number), Uint8Array.of(number & 0xff)])
      await store.write(
        rows.map(([key, value]) => ({ key, value })),
        unsynced,
      )
      const chunks = await gather(store.scanChunks(everything))
      expect(chunks.flat()).toEqual(rows)
      expect(chunks.length).toBeGreaterThan(1)
      for (const { length } of chunks) expect(length).toBeGreaterThan(0)
      const broken = store.scanChunks(everything)
      expect((await broken.next()).done).toBe(false)
      await broken.return?.()
      expect(await broken.next()).toEqual({ done: true, value: undefined })
    })

    it('closes once, after the writes under way, and refuses everything after it', async () => {
      const write = store.write([put('a', '1')], unsynced)
      await Promise.all([store.close(), store.close(), write])
      await store.close()
      expect(() => store.get(utf8('a'))).toThrow()
      expect(() => store.snapshot()).toThrow()
      expect(() => store.scan(everything)).toThrow()
      expect(() => store.scanChunks(everything)).toThrow()
      await expect(store.write([put('a', '2')], unsynced)).rejects.toThrow()
    })

    it('refuses an empty key, which belongs to the store', async () => {
      await expect(store.write([{ key: new Uint8Array(0), value: utf8('1') }], unsynced)).rejects.toThrow()
      await store.write([put('a', '1')], unsynced)
      expect(await textRows(store)).toEqual(['a=1'])
    })

    it('S1 S3 S4 S5 answers like a sorted map, through any batches, ranges and snapshots', async () => {
      const step = fc.record({ batch: arbitraryBatch, range: arbitraryRange })
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), arbitraryRange, async (steps, last) => {
          const all = await gather(store.scanKeys(everything))
          await store.write(
            all.map((key) => ({ key, value: undefined })),
            unsynced,
          )
          const model = new Map<string, Uint8Array>()
          const snapshots = []
          for (const { batch, range } of steps) {
            snapshots.push({ snapshot: store.snapshot(), model: new Map(model) })
            await store.write(batch, unsynced)
            apply(model, batch)
            await expectReads(store, model, range)
          }
          for (const { snapshot, model: then } of snapshots) {
            await expectReads(snapshot, then, last)
            await snapshot.close()
          }
        }),
        { numRuns: 100 },
      )
    })
  })
}

/** What a reduction may cost, and whom it lets through meanwhile. */
import { systemTimers, type Fault } from '@waggle/kernel'
import { encodeStoredRow, type Reduction, type StoredColumn } from '@waggle/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { KeyRange, KeyValueStore, StoreReader } from '../../store/key-value-store.ts'
import { MemoryStore } from '../../store/memory-store.ts'
import { openTestEngine, type TestEngine } from '../../testing/test-engine.ts'

const COLLECTIVE = '00000000-0000-4000-8000-000000000001'
const ROWS = 12_000

/** Counts what its readers are given. */
class CountedStore extends MemoryStore {
  rows = 0
  keys = 0

  override snapshot(): ReturnType<KeyValueStore['snapshot']> {
    const snapshot = super.snapshot()
    const counted: StoreReader = {
      get: (key) => snapshot.get(key),
      scan: (range) => this.#counted(snapshot.scan(range), () => (this.rows += 1)),
      scanChunks: (range) => snapshot.scanChunks(range),
      scanKeys: (range: KeyRange) => this.#counted(snapshot.scanKeys(range), () => (this.keys += 1)),
    }
    return { ...counted, close: () => snapshot.close() }
  }

  async *#counted<Item>(items: AsyncIterable<Item>, count: () => void): AsyncGenerator<Item> {
    for await (const item of items) {
      count()
      yield item
    }
  }
}

let engine: TestEngine
let store: CountedStore
let turns = 0

const call = (fields: object): Promise<Reduction> =>
  engine.call('keys.reduce', { collective: COLLECTIVE, ...fields }) as unknown as Promise<Reduction>
const refused = async (fields: object): Promise<Fault> =>
  call(fields).then(
    () => expect.unreachable('it was not refused'),
    (fault: unknown) => fault as Fault,
  )
const numbered = async (count: number, columns: (index: number) => readonly StoredColumn[], inOnePut = count) => {
  const entries = Array.from({ length: count }, (_, index) => [
    String(index).padStart(6, '0'),
    encodeStoredRow(columns(index)),
  ])
  for (let from = 0; from < count; from += inOnePut) {
    const part = entries.slice(from, from + inOnePut)
    await engine.call('keys.put', { collective: COLLECTIVE, entries: part })
  }
}

const number = { field: { value: { index: 0, kind: 'int64' } } }
const text = { field: { value: { index: 0, kind: 'utf8' } } }
const countAll = { op: 'countAll' }

beforeEach(async () => {
  store = new CountedStore()
  turns = 0
  engine = await openTestEngine({
    store,
    timers: {
      ...systemTimers,
      yield() {
        turns += 1
        return systemTimers.yield()
      },
    },
  })
  await engine.call('collective.create', { id: COLLECTIVE, name: 'keys', dimension: 3 })
})

afterEach(() => engine.engine.close())

describe('a reduction', () => {
  test('P10 E63 of too many groups is refused at the first one too many, and reads no further', async () => {
    await numbered(ROWS, (index) => [{ int64: BigInt(index) }])
    const before = store.rows
    expect(await refused({ reducers: [countAll], groupBy: [number] })).toMatchObject({
      code: 'TOO_MANY_ITEMS',
      details: { field: 'groupBy', limit: 10_000 },
    })
    expect(store.rows - before).toBe(10_001)
    expect((await call({ end: '009999', reducers: [countAll], groupBy: [number] })).groups).toHaveLength(10_000)
    // Each group takes so many more maps of the reply.
    const wide = { reducers: new Array<object>(60).fill(countAll), groupBy: [number] }
    expect(await refused(wide)).toMatchObject({ code: 'TOO_MANY_ITEMS', details: { limit: 1_406 } })
  })

  test('P11 keeps no more of texts than a reply can carry', async () => {
    await numbered(150, (index) => [{ utf8: `${index}`.padEnd(60_000, 'x') }], 100)
    expect(await refused({ groupBy: [text] })).toMatchObject({ code: 'RESULT_TOO_LARGE' })
    expect((await call({ end: '000099', groupBy: [text] })).groups).toHaveLength(100)
    // What is replaced gives its room back.
    const longest = { op: 'maxField', expr: text }
    expect((await call({ reducers: new Array<object>(64).fill(longest) })).rows).toBe(150)
  })

  test('R2 P11 lets others have their turn', async () => {
    await numbered(ROWS, (index) => [{ int64: BigInt(index) }])
    const order: string[] = []
    const before = turns
    const reduction = call({ reducers: [{ op: 'sumField', expr: number }] }).then(() => order.push('reduced'))
    const reads = Array.from({ length: 3 }, async () => {
      await systemTimers.yield()
      await engine.call('keys.get', { collective: COLLECTIVE, key: '000001' })
      order.push('read')
    })
    await Promise.all([reduction, ...reads])
    expect(order).toEqual(['read', 'read', 'read', 'reduced'])
    expect(turns - before).toBeGreaterThan(3)
  })

  test('D2 reads keys alone where it asks for nothing else', async () => {
    await numbered(100, (index) => [{ int64: BigInt(index) }])
    const before = { rows: store.rows, keys: store.keys }
    const inKey = { field: { key: { byteOffset: 0, kind: 'fixedSizeBinary', length: 5 } } }
    expect(await call({ reducers: [countAll], groupBy: [inKey] })).toMatchObject({ rows: 100 })
    expect({ rows: store.rows - before.rows, keys: store.keys - before.keys }).toEqual({ rows: 0, keys: 100 })
  })
})

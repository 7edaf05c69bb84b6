/** The calls that are timed, the first of each table being what others are beside, and whether answers are right. */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { BATCH, DIMENSION, entriesFrom, keyOf, KINDS, memoryOf, VALUE_BYTES, type Filled } from './filled.ts'

const K = 10
const RANGE = 1_000

export type ReadName = keyof ReturnType<typeof readWays>
export type SearchName = keyof ReturnType<typeof searchWays>

/** @param folder where a plain file is written for comparison */
export const writeWays = ({ hive, keys, vectors, pages, random }: Filled, folder: string) => {
  const bytes = Buffer.alloc(BATCH * (VALUE_BYTES + keyOf(0).length), 'waggle')
  const file = openSync(join(folder, 'plain-file'), 'a')
  let next = keys
  let page = pages.length
  return {
    close() {
      closeSync(file)
    },
    ways: {
      'plain file, same bytes, synced'() {
        writeSync(file, bytes)
        fdatasyncSync(file)
      },
      async 'put of 64 × 200 B'() {
        await hive.keys.put(entriesFrom(next, BATCH))
        next += BATCH
      },
      'put of 1 × 200 B': async () => hive.keys.put(entriesFrom(random.below(keys), 1)),
      // The newest ones: what is measured afterwards finds as many as before.
      async 'delete of 64'() {
        next -= BATCH
        await hive.keys.delete(entriesFrom(next, BATCH).map(([key]) => key))
      },
      'vectors.store of 64': async () =>
        hive.vectors.storeMany(
          Array.from({ length: BATCH }, (_, at) => ({ id: vectors + at, vector: random.unitVector(DIMENSION) })),
        ),
      'payloads.store of 64': async () =>
        hive.payloads.storeMany(
          Array.from({ length: BATCH }, (_, id) => ({ id, payload: { kind: id % KINDS, text: 'x'.repeat(150) } })),
        ),
      async 'pages.storeMemory'() {
        await hive.pages.storeMemory(memoryOf(page, random))
        page += 1
      },
      'experience.record': async () =>
        hive.record({ content: 'one more thing that was learnt', embedding: random.unitVector(DIMENSION) }),
    },
  }
}

export const readWays = ({ hive, keys, vectors, pages, random }: Filled) => {
  const column = { field: { value: { index: 0, kind: 'int64' } } }
  const kind = { field: { value: { index: 1, kind: 'utf8' } } }
  const from = () => keyOf(random.below(keys - RANGE))
  return {
    get: async () => hive.keys.get(keyOf(random.below(keys))),
    'getMany of 64': async () => hive.keys.getMany(Array.from({ length: BATCH }, () => keyOf(random.below(keys)))),
    'range of 1,000': async () => countOf(hive.keys.range({ start: from(), limit: RANGE })),
    'range of 1,000, reverse': async () => countOf(hive.keys.range({ end: keyOf(keys), limit: RANGE, reverse: true })),
    'count of all keys': async () => hive.keys.reduce({ reducers: [{ op: 'countAll' }] }),
    'sum over all rows': async () => hive.keys.reduce({ reducers: [{ op: 'sumField', expr: column }] }),
    'sum in 8 groups': async () => hive.keys.reduce({ reducers: [{ op: 'sumField', expr: column }], groupBy: [kind] }),
    'vectors.get': async () => hive.vectors.get(random.below(vectors)),
    'pages.loadMemory': async () => hive.pages.loadMemory(pages[random.below(pages.length)] as number),
  }
}

export const searchWays = ({ hive, dotLoop }: Filled) => ({
  'dot loop': (vector: Float32Array) => dotLoop.nearest(vector, K),
  'vectors.search, k = 10': async (vector: Float32Array) => hive.vectors.search({ vector, k: K, metric: 'dot' }),
})

const countOf = async (rows: AsyncIterable<unknown>): Promise<number> => {
  let count = 0
  for await (const _ of rows) count += 1
  return count
}

/** What is wrong with the answers, in words; nothing is as it should be. */
export const wrongAnswers = async (filled: Filled): Promise<readonly string[]> => {
  const { hive, keys, random, dotLoop } = filled
  const wrong: string[] = []
  const column = { field: { value: { index: 0, kind: 'int64' } } }
  const reducers = [{ op: 'countAll' }, { op: 'sumField', expr: column }]
  const { results, skipped } = await hive.keys.reduce({ end: keyOf(keys - 1), reducers })
  const sum = (BigInt(keys) * BigInt(keys - 1)) / 2n
  if (results[0] !== BigInt(keys) || results[1] !== sum || Object.keys(skipped).length > 0) wrong.push('a reduction')
  if ((await countOf(hive.keys.range({ start: keyOf(0), end: keyOf(keys - 1) }))) !== keys) wrong.push('a range')
  for (let query = 0; query < 20; query += 1) {
    const vector = random.unitVector(DIMENSION)
    const found = (await hive.vectors.search({ vector, k: K, metric: 'dot' })).results.map(({ id }) => Number(id))
    // Others were stored meanwhile.
    const known = found.filter((id) => id < filled.vectors)
    if (known.some((id, at) => dotLoop.nearest(vector, K)[at] !== id)) wrong.push(`search ${query}`)
  }
  return wrong
}

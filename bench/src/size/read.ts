/** The process that opens a store and reads it, and whose memory is measured before it makes a reference of its own. */
import { openWaggle } from '@waggle/embedded'
import type { CollectiveHandle, Waggle } from '@waggle/sdk'
import { report } from '../child.ts'
import { DotLoop, ExactSearch } from '../exact-search.ts'
import { peakRssMb } from '../machine.ts'
import { seededRandom } from '../seeded-random.ts'
import type { Distribution } from '../statistics.ts'
import { timeWays, type Timing } from '../timed.ts'
import { COLLECTIVE } from './load.ts'
import { residentBytes } from './resident-memory.ts'
import { DIMENSION, numberOf, syntheticQuery, vectorOf } from './synthetic.ts'

/** What the process is started with, as JSON. */
export interface ReadTask {
  readonly path: string
  readonly seed: number
  /** Only opens, searches once and closes. */
  readonly openOnly: boolean
}

export interface OpenReport {
  readonly openMs: number
  /** Until the first search is answered, opening included. */
  readonly searchableMs: number
  /** Memory that the process holds above what it held before it opened the store, after that first search. */
  readonly memoryBytes: number
}

export type ReadWay = 'search k=10' | 'dot loop' | 'search k=20'

export interface ReadReport extends OpenReport {
  readonly records: number
  readonly getUs: Distribution
  readonly search: Timing<ReadWay>
  /** Queries compared with the reference, and how many lists of ids differed. */
  readonly compared: number
  readonly differing: number
  readonly peakRssMb: number
  readonly closeMs: number
}

const ROUNDS = 3
const QUERIES = 300
const GETS = 2_000
const COMPARED = 100
const WARMING = 100

export const sizeRead = async ([task]: readonly string[]): Promise<void> => {
  const { path, seed, openOnly } = JSON.parse(task ?? '') as ReadTask
  const emptyBytes = residentBytes()
  const start = performance.now()
  const waggle = await openWaggle({ path })
  const openMs = performance.now() - start
  const hive = await waggle.collective(COLLECTIVE)
  await hive.search({ embedding: syntheticQuery(seed, 0), k: 10 })
  const searchableMs = performance.now() - start
  const opened: OpenReport = { openMs, searchableMs, memoryBytes: residentBytes() - emptyBytes }
  await report(openOnly ? opened : await measure(waggle, hive, seed, opened))
  await waggle.close()
  process.disconnect()
}

const measure = async (
  waggle: Waggle,
  hive: CollectiveHandle,
  seed: number,
  opened: OpenReport,
): Promise<ReadReport> => {
  const queries = Array.from({ length: QUERIES }, (_, number) => syntheticQuery(seed, number))
  const listed = await listAll(hive)
  const random = seededRandom(seed)
  const asked = Array.from({ length: GETS }, () => listed[random.below(listed.length)]?.id as string)
  await timeWays(queries.slice(0, WARMING), { search: async (embedding) => hive.search({ embedding, k: 20 }) }, 1)
  const got = await timeWays(asked, { get: async (id) => hive.get(id) }, ROUNDS)
  // What follows makes a reference, which is no memory of the store's.
  const peak = peakRssMb()

  const rows = listed.map(({ id, number }) => ({ id, vector: vectorOf(seed, number) }))
  const dotLoop = new DotLoop(
    rows.map(({ vector }) => vector),
    DIMENSION,
  )
  const search = await timeWays<Float32Array, ReadWay>(
    queries,
    {
      'search k=10': async (embedding) => hive.search({ embedding, k: 10 }),
      'dot loop': (embedding) => dotLoop.nearest(embedding, 10),
      'search k=20': async (embedding) => hive.search({ embedding, k: 20 }),
    },
    ROUNDS,
  )
  const differing = await compare(hive, new ExactSearch(rows, DIMENSION), queries.slice(0, COMPARED))
  const closing = performance.now()
  await waggle.close()
  return {
    ...opened,
    records: listed.length,
    getUs: got.us.get,
    search,
    compared: COMPARED,
    differing,
    peakRssMb: peak,
    closeMs: performance.now() - closing,
  }
}

const listAll = async (hive: CollectiveHandle) => {
  const listed: { readonly id: string; readonly number: number }[] = []
  let cursor: string | undefined
  do {
    const page = await hive.list({ limit: 1_000, cursor })
    listed.push(...page.items.map(({ id, content }) => ({ id, number: numberOf(content) })))
    cursor = page.cursor
  } while (cursor !== undefined)
  return listed
}

const compare = async (
  hive: CollectiveHandle,
  exact: ExactSearch,
  queries: readonly Float32Array[],
): Promise<number> => {
  let differing = 0
  for (const embedding of queries) {
    const { results } = await hive.search({ embedding, k: 10 })
    const got = results.map(({ experience }) => experience.id)
    if (got.join() !== exact.nearest(embedding, 10).join()) differing += 1
  }
  return differing
}

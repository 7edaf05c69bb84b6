/** Fills a store of so many records in one process, opens and reads it in another, whose memory is its own. */
import { openWaggle } from '@waggle/embedded'
import { report, startChild } from '../child.ts'
import { folderBytes } from '../disk.ts'
import { seededRandom } from '../seeded-random.ts'
import type { Distribution } from '../statistics.ts'
import { timeWays } from '../timed.ts'
import { residentBytes } from '../size/resident-memory.ts'
import { DIMENSION, syntheticQuery, syntheticRecord } from '../size/synthetic.ts'
import { timedRecords } from '../write-modes.ts'

export interface StoreTask {
  readonly folder: string
  readonly records: number
  readonly seed: number
}

interface Loaded {
  readonly recordsPerSecond: number
  readonly cpuUsPerRecord: number
}

interface ReadBack {
  readonly searchableMs: number
  /** Above the process before it opened the store. */
  readonly memoryBytes: number
  readonly getUs: Distribution
  readonly searchUs: Distribution
  readonly cpuUsPerSearch: number
}

export interface StoreFigures extends Loaded, ReadBack {
  readonly records: number
  readonly diskBytes: number
}

const NAME = 'scale'
const SLICE = 6_400
const QUERIES = 200
const ROUNDS = 3

export const storeGrowth = async (task: StoreTask): Promise<StoreFigures> => {
  const loaded = await inChild<Loaded>('scale-load', task)
  const read = await inChild<ReadBack>('scale-read', task)
  return { records: task.records, ...loaded, ...read, diskBytes: await folderBytes(task.folder) }
}

const inChild = async <Report>(name: string, task: StoreTask): Promise<Report> => {
  const child = startChild(name, [JSON.stringify(task)])
  const said = await child.report<Report>()
  await child.ended()
  return said
}

export const scaleLoad = async ([given = '']: readonly string[]): Promise<void> => {
  const { folder, records, seed } = JSON.parse(given) as StoreTask
  const waggle = await openWaggle({ path: folder })
  const hive = await waggle.createCollective({ name: NAME, dimension: DIMENSION })
  let [tookMs, cpuUs] = [0, 0]
  for (let first = 0; first < records; first += SLICE) {
    const length = Math.min(SLICE, records - first)
    const slice = Array.from({ length }, (_, index) => syntheticRecord(seed, first + index))
    const written = await timedRecords(hive, slice, '64 at a time')
    tookMs += written.windowsMs.reduce((sum, ms) => sum + ms, 0)
    cpuUs += written.cpuUs
  }
  await waggle.close()
  await report({ recordsPerSecond: (1_000 * records) / tookMs, cpuUsPerRecord: cpuUs / records } satisfies Loaded)
  process.disconnect()
}

export const scaleRead = async ([given = '']: readonly string[]): Promise<void> => {
  const { folder, seed } = JSON.parse(given) as StoreTask
  const emptyBytes = residentBytes()
  const start = performance.now()
  const waggle = await openWaggle({ path: folder })
  const hive = await waggle.collective(NAME)
  const search = async (number: number): Promise<unknown> =>
    hive.search({ embedding: syntheticQuery(seed, number), k: 10 })
  await search(0)
  const searchableMs = performance.now() - start
  const memoryBytes = residentBytes() - emptyBytes
  const { items } = await hive.list({ limit: 1_000 })
  const random = seededRandom(seed)
  const numbers = Array.from({ length: QUERIES }, (_, number) => number)
  const get = async (): Promise<unknown> => hive.get(items[random.below(items.length)]?.id as string)
  const got = await timeWays(numbers, { get }, ROUNDS)
  await timeWays(numbers, { search }, 1)
  const before = process.cpuUsage()
  const searched = await timeWays(numbers, { search }, ROUNDS)
  const { user, system } = process.cpuUsage(before)
  await waggle.close()
  await report({
    ...{ searchableMs, memoryBytes, getUs: got.us.get, searchUs: searched.us.search },
    cpuUsPerSearch: (user + system) / (QUERIES * ROUNDS),
  } satisfies ReadBack)
  process.disconnect()
}

/** The process that opens a store and reads it, and whose memory is measured before it makes a reference of its own. */
import { openWaggle } from '@waggle/embedded'
import type { CollectiveHandle, Waggle } from '@waggle/sdk'
import { report } from '../child.ts'
import { DotLoop, ExactSearch } from '../exact-search.ts'
import { peakRssMb } from '../machine.ts'
import { seededRandom } from '../seeded-random.ts'
import { median, medianDistribution, type Distribution } from '../statistics.ts'
import { timedUs } from '../timed.ts'
import { COLLECTIVE } from './load.ts'
import { DIMENSION, numberOf, syntheticQuery, syntheticRecord } from './synthetic.ts'

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
}

export interface ReadReport extends OpenReport {
  readonly records: number
  readonly getUs: Distribution
  readonly searchUs: Distribution
  readonly search20Us: Distribution
  readonly dotLoopUs: Distribution
  /** Median of the rounds' ratios of medians, k = 10. */
  readonly overDotLoop: number
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

export const sizeRead = async ([task]: readonly string[]): Promise<void> => {
  const { path, seed, openOnly } = JSON.parse(task ?? '') as ReadTask
  const start = performance.now()
  const waggle = await openWaggle({ path })
  const openMs = performance.now() - start
  const hive = await waggle.collective(COLLECTIVE)
  await hive.search({ embedding: syntheticQuery(seed, 0), k: 10 })
  const opened: OpenReport = { openMs, searchableMs: performance.now() - start }
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
  await timedUs(queries.slice(0, 100), async (embedding) => hive.search({ embedding, k: 20 }))
  const getRounds: Distribution[] = []
  for (let round = 0; round < ROUNDS; round += 1) getRounds.push(await timedUs(asked, async (id) => hive.get(id)))
  const peak = peakRssMb()

  const rows = listed.map(({ id, number }) => ({
    id,
    vector: syntheticRecord(seed, number).input.embedding as Float32Array,
  }))
  const dotLoop = new DotLoop(
    rows.map(({ vector }) => vector),
    DIMENSION,
  )
  const rounds: { readonly k10: Distribution; readonly k20: Distribution; readonly base: Distribution }[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const k10 = await timedUs(queries, async (embedding) => hive.search({ embedding, k: 10 }))
    const base = await timedUs(queries, (embedding) => dotLoop.nearest(embedding, 10))
    const k20 = await timedUs(queries, async (embedding) => hive.search({ embedding, k: 20 }))
    rounds.push({ k10, k20, base })
  }
  const differing = await compare(hive, new ExactSearch(rows, DIMENSION), queries.slice(0, COMPARED))
  const closing = performance.now()
  await waggle.close()
  return {
    ...opened,
    records: listed.length,
    getUs: medianDistribution(getRounds),
    searchUs: medianDistribution(rounds.map(({ k10 }) => k10)),
    search20Us: medianDistribution(rounds.map(({ k20 }) => k20)),
    dotLoopUs: medianDistribution(rounds.map(({ base }) => base)),
    overDotLoop: median(rounds.map(({ k10, base }) => k10.p50 / base.p50)),
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

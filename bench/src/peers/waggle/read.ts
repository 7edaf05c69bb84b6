/** Opens a store and reads it. */
import type { CollectiveHandle } from '@waggle/sdk'
import { seededRandom } from '../../seeded-random.ts'
import { residentBytes } from '../../size/resident-memory.ts'
import { tell } from '../program.ts'
import { K, loadWorkload, rowOf, type LoadedWorkload } from '../workload.ts'
import { areas, firstRightSearch, openHive, timeEach, timesOf } from './store.ts'

const PASSES = 3
const GETS = 3_000
const CONTEXTS = 300
/** Queries of each area: those that find little are quick, and noisy. */
const FILTERED = 300

/** Opens, searches, closes. */
export const openPhase = async (path: string, folder: string): Promise<void> => {
  const workload = await loadWorkload(folder)
  const { waggle } = await timedOpening(path, workload, 'after kill -9')
  await waggle.close()
}

export const readPhase = async (path: string, folder: string): Promise<void> => {
  const workload = await loadWorkload(folder)
  const emptyBytes = residentBytes()
  const { waggle, hive } = await timedOpening(path, workload, 'after a close')
  tell({ measure: 'memory a record', bytes: (residentBytes() - emptyBytes) / workload.rows })
  await timeSearches(hive, workload)
  await waggle.close()
}

/** The other calls that agents make. */
export const callsPhase = async (path: string, folder: string): Promise<void> => {
  const workload = await loadWorkload(folder)
  const { waggle, hive } = await openHive(path)
  await timeGets(hive, workload)
  await timeContexts(hive, workload)
  await timeFilters(hive, workload)
  await waggle.close()
}

const timedOpening = async (path: string, workload: LoadedWorkload, setting: string) => {
  const start = performance.now()
  const opened = await openHive(path)
  await firstRightSearch(opened.hive, workload)
  tell({ measure: 'first right search', setting, ms: performance.now() - start })
  return opened
}

const timeSearches = async (hive: CollectiveHandle, workload: LoadedWorkload): Promise<void> => {
  const { queries } = workload
  let found = 0
  const us: number[] = []
  for (let pass = 0; pass <= PASSES; pass += 1) {
    found = 0
    const times = await timeEach([...queries.entries()], async ([query, embedding]) => {
      const { results } = await hive.search({ embedding, k: K })
      found += workload.recall(
        query,
        results.map(({ experience }) => rowOf(experience.content)),
      )
    })
    // The first one compiles what it needs.
    if (pass > 0) us.push(...times)
  }
  tell({ measure: 'search', ...timesOf(us), recall: found / queries.length })
}

const timeGets = async (hive: CollectiveHandle, { rows }: LoadedWorkload): Promise<void> => {
  const { items } = await hive.list({ limit: Math.min(1_000, rows) })
  const random = seededRandom(1)
  const asked = Array.from({ length: GETS }, () => items[random.below(items.length)]?.id as string)
  await timeEach(asked, async (id) => hive.get(id))
  tell({ measure: 'get', ...timesOf(await timeEach(asked, async (id) => hive.get(id))) })
}

/** Everything that a context may hold is asked for. */
const timeContexts = async (hive: CollectiveHandle, { queries }: LoadedWorkload): Promise<void> => {
  const asked = Array.from({ length: CONTEXTS }, (_, index) => queries[index % queries.length] as Float32Array)
  const call = async (embedding: Float32Array): Promise<unknown> => hive.context({ embedding })
  await timeEach(asked.slice(0, CONTEXTS / 3), call)
  tell({ measure: 'context', ...timesOf(await timeEach(asked, call)) })
}

/** Each beside a search without a filter, in turns. Exactly as many results as there are matches, up to k. */
const timeFilters = async (hive: CollectiveHandle, { queries, rows }: LoadedWorkload): Promise<void> => {
  const ways = [undefined, ...areas]
  const us = ways.map((): number[] => [])
  for (let query = 0; query < FILTERED; query += 1)
    for (const [at, area] of ways.entries()) {
      const filter = area === undefined ? {} : { filter: { domains: [area[0]] } }
      const embedding = queries[query % queries.length] as Float32Array
      const start = performance.now()
      const { results } = await hive.search({ embedding, k: K, ...filter })
      us[at]?.push((performance.now() - start) * 1_000)
      const matching = Math.ceil(rows / (area?.[1] ?? 1))
      if (results.length !== Math.min(K, matching)) throw new Error(`${area?.[0] ?? 'all'}: ${results.length} results`)
    }
  for (const [at, area] of ways.entries())
    tell({ measure: 'filtered search', setting: area?.[0] ?? 'all', ...timesOf(us[at] ?? []) })
}

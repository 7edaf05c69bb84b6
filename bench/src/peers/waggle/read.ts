/** Opens a store and reads it. */
import type { Logger } from '@waggle/kernel'
import type { CollectiveHandle, SearchHit } from '@waggle/sdk'
import { seededRandom } from '../../seeded-random.ts'
import { sumOf } from '../../statistics.ts'
import { residentBytes } from '../../size/resident-memory.ts'
import { tell } from '../program.ts'
import { K, loadWorkload, type LoadedWorkload } from '../workload.ts'
import { timeFilters } from './filters.ts'
import { graphDecision } from './graph-decision.ts'
import { firstRightSearch, openHive, rowsOf, timeEach, timesOf } from './store.ts'

const PASSES = 3
const GETS = 10_000
const CONTEXTS = 1_000

/** Opens, searches, closes. */
export const openPhase = async (path: string, folder: string): Promise<void> => {
  const workload = await loadWorkload(folder)
  const { waggle } = await timedOpening(path, workload, 'after kill -9')
  await waggle.close()
}

export const readPhase = async (path: string, folder: string): Promise<void> => {
  const workload = await loadWorkload(folder)
  const emptyBytes = residentBytes()
  const graph = graphDecision()
  const { waggle, hive } = await timedOpening(path, workload, 'after a close', graph.logger)
  tell({ measure: 'memory a record', bytes: (residentBytes() - emptyBytes) / workload.rows })
  await graph.wait(workload.rows)
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

const timedOpening = async (path: string, workload: LoadedWorkload, setting: string, logger?: Logger) => {
  const start = performance.now()
  const opened = await openHive(path, logger)
  await firstRightSearch(opened.hive, workload)
  tell({ measure: 'first right search', setting, ms: performance.now() - start })
  return opened
}

const timeSearches = async (hive: CollectiveHandle, workload: LoadedWorkload): Promise<void> => {
  const { queries } = workload
  const found: (readonly SearchHit[])[] = []
  const us: number[] = []
  for (let pass = 0; pass <= PASSES; pass += 1) {
    const times = await timeEach([...queries.entries()], async ([query, embedding]) => {
      found[query] = (await hive.search({ embedding, k: K })).results
    })
    // The first one compiles what it needs.
    if (pass > 0) us.push(...times)
  }
  const recalls = found.map((hits, query) => workload.recall(query, rowsOf(hits)))
  tell({ measure: 'search', ...timesOf(us), recall: sumOf(recalls) / queries.length })
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
  await timeEach(asked.slice(0, CONTEXTS / 2), call)
  tell({ measure: 'context', ...timesOf(await timeEach(asked, call)) })
}

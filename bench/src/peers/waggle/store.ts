/** What our own phases have in common: how a row of the workload becomes a record, and how calls are timed. */
import { openWaggle } from '@waggle/embedded'
import type { Logger } from '@waggle/kernel'
import type { CollectiveHandle, ExperienceInput, SearchHit, Waggle } from '@waggle/sdk'
import { distributionOf } from '../../statistics.ts'
import { DIMENSION } from '../../vectors/vector-set.ts'
import type { Figure } from '../reading.ts'
import { K, rowOf, type LoadedWorkload } from '../workload.ts'

const COLLECTIVE = 'peers'

/** A record of this area is one of so many. */
export const areas: readonly (readonly [name: string, oneOf: number])[] = [
  ['half', 2],
  ['tenth', 10],
  ['hundredth', 100],
  ['thousandth', 1_000],
]

export const createHive = async (
  path: string,
): Promise<{ readonly waggle: Waggle; readonly hive: CollectiveHandle }> => {
  const waggle = await openWaggle({ path })
  return { waggle, hive: await waggle.createCollective({ name: COLLECTIVE, dimension: DIMENSION }) }
}

export const openHive = async (
  path: string,
  logger?: Logger,
): Promise<{ readonly waggle: Waggle; readonly hive: CollectiveHandle }> => {
  const waggle = await openWaggle({ path, logger })
  return { waggle, hive: await waggle.collective(COLLECTIVE) }
}

export const recordOf = (workload: LoadedWorkload, row: number): ExperienceInput => ({
  content: workload.text(row),
  embedding: workload.vector(row),
  // Which rows share an area says nothing about their vectors: those are drawn row by row.
  domain: areas.filter(([, oneOf]) => row % oneOf === 0).map(([name]) => name),
  sourceAgent: `agent-${row % 10}`,
  importance: (row % 10) / 10,
})

/** Median and 99th percentile of times in microseconds. */
export const timesOf = (us: readonly number[]): Pick<Figure, 'p50Us' | 'p99Us'> => {
  const { p50, p99 } = distributionOf(us)
  return { p50Us: p50, p99Us: p99 }
}

/** One call after the other. */
export const timeEach = async <Item>(
  items: readonly Item[],
  call: (item: Item) => Promise<unknown>,
): Promise<readonly number[]> => {
  const us: number[] = []
  for (const item of items) {
    const start = performance.now()
    await call(item)
    us.push((performance.now() - start) * 1_000)
  }
  return us
}

/** Rows of the workload that were found. */
export const rowsOf = (hits: readonly SearchHit[]): readonly number[] =>
  hits.map(({ experience }) => rowOf(experience.content))

/** The first record is the nearest to its own vector. @throws when the search finds another */
export const firstRightSearch = async (hive: CollectiveHandle, workload: LoadedWorkload): Promise<void> => {
  const { results } = await hive.search({ embedding: workload.vector(0), k: K })
  if (results.length !== K || rowOf(results[0]?.experience.content ?? '#') !== 0)
    throw new Error('a wrong first search')
}

/**
 * Searches of areas that hold a half to a thousandth of the records, in turns with searches without a filter. Each has
 * to bring exactly as many results as there are matches, up to k; recall is by an exact search among the matches.
 */
import type { CollectiveHandle, SearchHit } from '@waggle/sdk'
import { sumOf } from '../../statistics.ts'
import { nearestRows } from '../../vectors/nearest-rows.ts'
import { DIMENSION } from '../../vectors/vector-set.ts'
import { tell } from '../program.ts'
import { K, type LoadedWorkload } from '../workload.ts'
import { areas, rowsOf, timesOf } from './store.ts'

/** The whole collective, and its areas. */
const ways: readonly (readonly [name: string, oneOf: number])[] = [['all', 1], ...areas]
const QUERIES = 300

export const timeFilters = async (hive: CollectiveHandle, workload: LoadedWorkload): Promise<void> => {
  const queries = workload.queries.slice(0, QUERIES)
  const us = ways.map((): number[] => [])
  const found = ways.map((): (readonly SearchHit[])[] => [])
  for (const embedding of queries)
    for (const [at, [name, oneOf]] of ways.entries()) {
      const filter = oneOf === 1 ? {} : { filter: { domains: [name] } }
      const start = performance.now()
      const { results } = await hive.search({ embedding, k: K, ...filter })
      us[at]?.push((performance.now() - start) * 1_000)
      found[at]?.push(results)
    }
  for (const [at, [setting, oneOf]] of ways.entries()) {
    const recall = recallOf(found[at] ?? [], nearestOf(workload, queries, oneOf))
    tell({ measure: 'filtered search', setting, ...timesOf(us[at] ?? []), recall })
  }
}

/** For each query the rows of one area that it has to bring. */
const nearestOf = (
  workload: LoadedWorkload,
  queries: readonly Float32Array[],
  oneOf: number,
): readonly (readonly number[])[] => {
  const matching = Math.ceil(workload.rows / oneOf)
  const base = blockOf(Array.from({ length: matching }, (_, at) => workload.vector(at * oneOf)))
  const k = Math.min(K, matching)
  const nearest = nearestRows(base, blockOf(queries), DIMENSION, k)
  return queries.map((_, query) => [...nearest.subarray(query * k, query * k + k)].map((at) => at * oneOf))
}

const blockOf = (vectors: readonly Float32Array[]): Float32Array => {
  const block = new Float32Array(vectors.length * DIMENSION)
  for (const [row, vector] of vectors.entries()) block.set(vector, row * DIMENSION)
  return block
}

/** @throws when a search brought fewer or more than there are */
const recallOf = (found: readonly (readonly SearchHit[])[], nearest: readonly (readonly number[])[]): number => {
  const shares = nearest.map((wanted, query) => {
    const rows = rowsOf(found[query] ?? [])
    if (rows.length !== wanted.length) throw new Error(`${rows.length} results instead of ${wanted.length}`)
    return rows.filter((row) => wanted.includes(row)).length / wanted.length
  })
  return sumOf(shares) / shares.length
}

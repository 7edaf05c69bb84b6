/** Fills a store, 64 calls alone and 576 by 64 callers in turns, so that both meet a store of the same sizes. */
import type { CollectiveHandle } from '@waggle/sdk'
import { SyncBase } from '../../disk.ts'
import { sumOf } from '../../statistics.ts'
import { askToBeKilled, tell } from '../program.ts'
import { loadWorkload, type LoadedWorkload } from '../workload.ts'
import { createHive, recordOf, timeEach, timesOf } from './store.ts'

const ALONE = 64
const AT_ONCE = 576
const CALLERS = 64
/** Beside the store: what a durable write costs at least. */
const APPENDS = 16
const [RELATIONS, INSIGHTS, AGENTS] = [200, 100, 10]
/** Rates at the beginning and at the end of a load are compared. */
const SHARE = 0.1

export const loadPhase = async (path: string, folder: string, beside: string): Promise<void> => {
  const workload = await loadWorkload(folder)
  const { hive } = await createHive(path)
  const base = new SyncBase(beside)
  const aloneUs: number[] = []
  const slices: { readonly records: number; readonly ms: number }[] = []
  const ids: string[] = []
  const record = async (row: number): Promise<void> => {
    ids[row] = (await hive.record(recordOf(workload, row))).id
  }
  let next = 0
  const take = (count: number): readonly number[] => {
    const first = next
    next = Math.min(workload.rows, first + count)
    return Array.from({ length: next - first }, (_, index) => first + index)
  }
  while (next < workload.rows) {
    base.append(APPENDS)
    aloneUs.push(...(await timeEach(take(ALONE), record)))
    const rows = take(AT_ONCE)
    const start = performance.now()
    await byCallers(rows, record)
    if (rows.length > 0) slices.push({ records: rows.length, ms: performance.now() - start })
  }
  const rate = (some: typeof slices): number =>
    (1_000 * sumOf(some.map(({ records }) => records))) / sumOf(some.map(({ ms }) => ms))
  const part = Math.max(1, Math.round(slices.length * SHARE))
  tell({ measure: 'record, 1 caller', ...timesOf(aloneUs) })
  tell({ measure: 'append and fdatasync', p50Us: base.latencyMs.p50 * 1_000, p99Us: base.latencyMs.p99 * 1_000 })
  tell({ measure: 'record, 64 callers', perSecond: rate(slices) })
  tell({ measure: 'record, 64 callers, first tenth', perSecond: rate(slices.slice(0, part)) })
  tell({ measure: 'record, 64 callers, last tenth', perSecond: rate(slices.slice(-part)) })
  base.close()
  await surround(hive, workload, ids)
  await askToBeKilled()
}

/** What a context has beside experiences. */
const surround = async (hive: CollectiveHandle, workload: LoadedWorkload, ids: readonly string[]): Promise<void> => {
  const id = (row: number): string => ids[row] as string
  for (let row = 0; row < RELATIONS; row += 1)
    await hive.relate({ source: id(row), target: id(row + RELATIONS), type: 'supports', strength: 0.7 })
  for (let row = 0; row < INSIGHTS; row += 1) {
    const insight = { content: workload.text(row), embedding: workload.vector(row), confidence: 0.8 }
    await hive.storeInsight({ ...insight, type: 'pattern', sources: [id(row)], domain: ['bench'] })
  }
  for (let agent = 0; agent < AGENTS; agent += 1)
    await hive.activity.register({ agent: `agent-${agent}`, task: 'bench' })
}

/** Everybody begins the next call when the last one has ended. */
const byCallers = async (rows: readonly number[], record: (row: number) => Promise<unknown>): Promise<void> => {
  let begun = 0
  const caller = async (): Promise<void> => {
    while (begun < rows.length) {
      begun += 1
      await record(rows[begun - 1] as number)
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
}

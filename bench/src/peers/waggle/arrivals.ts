/** Searches at a steady pace, alone and while records arrive at theirs. */
import type { CollectiveHandle } from '@waggle/sdk'
import { tell } from '../program.ts'
import { K, loadWorkload, type LoadedWorkload } from '../workload.ts'
import { firstRightSearch, openHive, recordOf, timesOf } from './store.ts'

const SEARCHES_PER_SECOND = 100
const RECORDS_PER_SECOND = 500
const SECONDS = 10
const TIMER_MS = 1

export const arrivalsPhase = async (path: string, folder: string): Promise<void> => {
  const workload = await loadWorkload(folder)
  const { waggle, hive } = await openHive(path)
  const record = async (number: number): Promise<unknown> => hive.record(recordOf(workload, number % workload.rows))
  // The index is built, and what was recorded before the idle searches has compiled the writes.
  await firstRightSearch(hive, workload)
  await paced(RECORDS_PER_SECOND, 1, record)
  const idle = await search(hive, workload)
  const [busy] = await Promise.all([search(hive, workload), paced(RECORDS_PER_SECOND, SECONDS, record)])
  tell({ measure: 'search at a pace', setting: 'idle', ...timesOf(idle) })
  tell({ measure: 'search at a pace', setting: '500 records/s', ...timesOf(busy) })
  await waggle.close()
}

/** From the moment that a search was due: what it waited for its turn counts. */
const search = async (hive: CollectiveHandle, { queries }: LoadedWorkload): Promise<readonly number[]> => {
  const us: number[] = []
  await paced(SEARCHES_PER_SECOND, SECONDS, async (number, dueMs) => {
    await hive.search({ embedding: queries[number % queries.length], k: K })
    us.push((performance.now() - dueMs) * 1_000)
  })
  return us
}

/** Begins every call when it is due, whether earlier ones have ended or not. */
const paced = async (
  perSecond: number,
  seconds: number,
  call: (number: number, dueMs: number) => Promise<unknown>,
): Promise<void> => {
  const start = performance.now()
  const calls: Promise<unknown>[] = []
  for (let number = 0; number < perSecond * seconds; number += 1) {
    const dueMs = start + (number * 1_000) / perSecond
    await until(dueMs)
    calls.push(call(number, dueMs))
  }
  await Promise.all(calls)
}

/** Timers know whole milliseconds; the rest is waited for in turns of the event loop, which others may have, too. */
const until = async (dueMs: number): Promise<void> => {
  for (let waitMs = dueMs - performance.now(); waitMs > 0; waitMs = dueMs - performance.now())
    await new Promise<void>((resolve) => {
      if (waitMs > TIMER_MS) setTimeout(resolve, waitMs - TIMER_MS)
      else setImmediate(resolve)
    })
}

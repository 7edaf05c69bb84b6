/** The process that finds out what collectives cost of which nothing is asked, and empty ones that are searched. */
import { openWaggle } from '@waggle/embedded'
import type { CollectiveHandle, SearchInput, Waggle } from '@waggle/sdk'
import { report } from '../child.ts'
import { inWindows } from '../write-modes.ts'
import { growthOf, memoryUse, type MemoryUse } from './resident-memory.ts'
import { DIMENSION, syntheticQuery } from './synthetic.ts'

/** What the process is started with, as JSON. */
export interface CollectivesTask {
  readonly path: string
  readonly collectives: number
  /** Makes them; a later process looks at them. */
  readonly make: boolean
}

export interface CollectivesReport {
  readonly openMs: number
  /** What each collective takes of which nothing is asked. */
  readonly opened: MemoryUse
  /** How many were searched, and what each takes after a search by a vector, */
  readonly searched: number
  readonly byVector: MemoryUse
  /** and after one by words too. */
  readonly byWords: MemoryUse
}

const AT_ONCE = 64
/** Of which something is asked. */
const SEARCHED_MAX = 1_000

const nameOf = (number: number): string => `collective ${number}`

export const sizeCollectives = async ([task]: readonly string[]): Promise<void> => {
  const { path, collectives, make } = JSON.parse(task ?? '') as CollectivesTask
  const numbers = Array.from({ length: collectives }, (_, number) => number)
  const before = memoryUse()
  const start = performance.now()
  const waggle = await openWaggle({ path })
  const openMs = performance.now() - start
  const opened = growthOf(memoryUse(), before, collectives)
  await report(make ? await makeAll(waggle, numbers) : { openMs, opened, ...(await search(waggle, numbers)) })
  await waggle.close()
  process.disconnect()
}

const makeAll = async (waggle: Waggle, numbers: readonly number[]): Promise<object> => {
  for (const window of inWindows(numbers, AT_ONCE))
    await Promise.all(
      window.map((number) => {
        const name = nameOf(number)
        return waggle.createCollective({ name, dimension: DIMENSION }, { idempotencyKey: name })
      }),
    )
  return { made: numbers.length }
}

const search = async (waggle: Waggle, numbers: readonly number[]) => {
  const hives: CollectiveHandle[] = []
  for (const number of numbers.slice(0, SEARCHED_MAX)) hives.push(await waggle.collective(nameOf(number)))
  const before = memoryUse()
  const growthBy = async (query: SearchInput): Promise<MemoryUse> => {
    for (const hive of hives) await hive.search({ ...query, k: 10 })
    return growthOf(memoryUse(), before, hives.length)
  }
  const byVector = await growthBy({ embedding: syntheticQuery(1, 1) })
  const byWords = await growthBy({ text: 'cache' })
  return { searched: hives.length, byVector, byWords }
}

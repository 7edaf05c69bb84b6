/** What memory a process takes, without what nobody holds any more: the garbage collector runs before it is looked. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes of a process. */
export interface MemoryUse {
  /** As the system sees it: with what was freed and not given back, and whole pages. */
  readonly resident: number
  /** In objects and in the memory behind them. */
  readonly held: number
}

export const memoryUse = (): MemoryUse => {
  collectGarbage()
  const { rss, heapUsed, external } = process.memoryUsage()
  return { resident: rss, held: heapUsed + external }
}

/** What of it is resident. */
export const residentBytes = (): number => memoryUse().resident

/** How much more that is, for each of `count`. */
export const growthOf = (after: MemoryUse, before: MemoryUse, count: number): MemoryUse => ({
  resident: (after.resident - before.resident) / count,
  held: (after.held - before.held) / count,
})

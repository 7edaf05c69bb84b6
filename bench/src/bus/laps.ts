/** How often one way is gone, and what that took: alone, or many at once. */
import { distributionOf, type Distribution } from '../statistics.ts'

/** One way of doing something through the cluster or beside it. */
export interface Way {
  readonly name: string
  /** Once. Throws when what it did is not what it was to do. */
  readonly call: () => Promise<unknown>
  /** What one call counts for; 1 when absent. */
  readonly records?: number
  /** Messages so far of the stream that it writes to. */
  readonly messages?: () => Promise<number>
}

/** One turn of one way. */
export interface Lap {
  readonly perSecond: number
  /** Of one call. */
  readonly latencyMs: Distribution
  /** Processor time a record (or a reading) by process, microseconds. */
  readonly cpuUs: Readonly<Record<string, number>>
  /** What one message of the stream holds of it on average; absent where none is written. */
  readonly recordsPerMessage?: number
}

export interface LapOptions {
  readonly calls: number
  /** Calls under way at any time. */
  readonly width: number
  /** Processor time so far by process, microseconds. */
  readonly cpuUs: () => Readonly<Record<string, number>>
}

/** Every lane begins its next call as soon as its last one has ended, as independent clients would. */
export const runLap = async (
  { call, records = 1, messages }: Way,
  { calls, width, cpuUs }: LapOptions,
): Promise<Lap> => {
  const latenciesMs: number[] = []
  let begun = 0
  const lane = async (): Promise<void> => {
    while (begun < calls) {
      begun += 1
      const startMs = performance.now()
      await call()
      latenciesMs.push(performance.now() - startMs)
    }
  }
  const messagesBefore = await messages?.()
  const before = cpuUs()
  const startMs = performance.now()
  await Promise.all(Array.from({ length: width }, lane))
  const tookMs = performance.now() - startMs
  const after = cpuUs()
  const done = calls * records
  const written = ((await messages?.()) ?? Number.NaN) - (messagesBefore ?? Number.NaN)
  const spent = Object.entries(after).map(([name, us]) => [name, (us - (before[name] ?? 0)) / done] as const)
  return {
    perSecond: (1_000 * done) / tookMs,
    latencyMs: distributionOf(latenciesMs),
    cpuUs: Object.fromEntries(spent),
    ...(Number.isNaN(written) ? {} : { recordsPerMessage: done / written }),
  }
}

/** A part of the demonstration: what was done, what came out, and whether it is what Waggle promises. */
import type { Clock } from '@waggle/kernel'
import type { Colours } from '../terminal/colours.ts'

/** A promise that was put to the test in this run. */
export interface Check {
  readonly promise: string
  readonly kept: boolean
}

export interface Section {
  /** Its name in the JSON report. */
  readonly name: string
  readonly title: string
  readonly subtitle: string
  readonly lines: readonly string[]
  /** The figures behind the lines. */
  readonly facts: Readonly<Record<string, unknown>>
  readonly checks: readonly Check[]
}

/** What every section needs to measure and to write. */
export interface Stage {
  readonly clock: Clock
  readonly colours: Colours
  /** Columns of a line. */
  readonly width: number
}

/** Milliseconds that `work` took, and what it gave. */
export const timed = async <Result>(
  clock: Clock,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly ms: number }> => {
  const startedMs = clock.monotonicMs()
  const result = await work()
  return { result, ms: clock.monotonicMs() - startedMs }
}

/** The value below which `share` of the sorted times lie. */
export const percentile = (times: readonly number[], share: number): number => {
  const sorted = [...times].sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

/** `✓` or `✗`. */
export const mark = ({ colours }: Stage, kept: boolean): string => (kept ? colours.good('✓') : colours.bad('✗'))

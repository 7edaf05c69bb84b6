import type { OptionValues } from './command-line.ts'
import type { Outcome } from './report.ts'

/** One question, and what it takes to answer it. */
export interface Benchmark {
  /** Behind `npm run bench --`. */
  readonly usage: string
  /** Names of its own options that take a value. */
  readonly options: readonly string[]
  /** Names of those that take none. */
  readonly flags?: readonly string[]
  /** @throws UsageError for values that it cannot take */
  run(values: OptionValues): Promise<Outcome>
}

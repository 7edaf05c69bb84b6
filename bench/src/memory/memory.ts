/**
 * What do the parts of an agent's memory cost beside a plain record and a plain search? Fills one collective, then goes
 * every way in turns: writes beside `record`, reads beside `search`, and how long after its acknowledgement a change
 * reaches a watcher. Fails when a weighted search is not the order that its own parts say.
 */
import { openWaggle } from '@waggle/embedded'
import type { Benchmark } from '../benchmark.ts'
import { wholeNumber } from '../command-line.ts'
import { inTemporaryFolder } from '../disk.ts'
import { figure, table, type Outcome } from '../report.ts'
import { distributionOf, type Distribution } from '../statistics.ts'
import { timeWays, type Timing } from '../timed.ts'
import { DIMENSION, fill, type Filled } from './filled.ts'
import { checkWeighted, readWays, writeWays, type ReadName, type WriteName } from './ways.ts'

const ROUNDS = 3
const CALLS = 60
const CHANGES = 200

export const memory: Benchmark = {
  usage: 'memory [--records N] [--rounds N] [--dir DIR] [--out FILE]',
  options: ['records', 'rounds'],
  async run(values) {
    const records = wholeNumber(values, 'records', { absent: 10_000, min: 100 })
    const rounds = wholeNumber(values, 'rounds', { absent: ROUNDS, min: 1 })
    return inTemporaryFolder(values.dir, async (folder) => {
      const waggle = await openWaggle({ path: folder })
      try {
        const hive = await waggle.createCollective({ name: 'memory', dimension: DIMENSION })
        const filled = await fill(hive, records)
        const calls = Array.from({ length: CALLS }, (_, call) => call)
        const reads = await timeWays(calls, readWays(filled), rounds)
        const writes = await timeWays(calls, writeWays(filled), rounds)
        const deliveryUs = await timeDelivery(filled)
        const passed = await checkWeighted(filled)
        return report({ records, rounds, reads, writes, deliveryUs, passed })
      } finally {
        await waggle.close()
      }
    })
  },
}

/** From the acknowledgement of a write to its change at a watcher that waits for it: microseconds. */
const timeDelivery = async ({ hive, ids }: Filled): Promise<Distribution> => {
  const changes = hive.watch()[Symbol.asyncIterator]()
  const latencies: number[] = []
  for (let change = 0; change < CHANGES; change += 1) {
    const arrival = changes.next().then(() => performance.now())
    await hive.reinforce(ids[change] as string)
    const acknowledged = performance.now()
    latencies.push(Math.max(0, ((await arrival) - acknowledged) * 1_000))
  }
  await changes.return()
  return distributionOf(latencies)
}

interface Figures {
  readonly records: number
  readonly rounds: number
  readonly reads: Timing<ReadName>
  readonly writes: Timing<WriteName>
  readonly deliveryUs: Distribution
  readonly passed: boolean
}

const report = (figures: Figures): Outcome => {
  const { records, reads, writes, deliveryUs, passed } = figures
  const rowsOf = <Name extends string>({ us, firstOver }: Timing<Name>): string[][] =>
    (Object.keys(us) as Name[]).map((name) => [
      name,
      figure(us[name].p50),
      figure(us[name].p99),
      figure(1 / firstOver[name]),
    ])
  const text = [
    `${records} records of ${DIMENSION} dimensions in one collective, embedded; µs a call`,
    '',
    table(['read', 'p50', 'p99', '÷ search'], rowsOf(reads)),
    '',
    table(['write, one at a time', 'p50', 'p99', '÷ record'], rowsOf(writes)),
    '',
    `a change reaches a watcher ${figure(deliveryUs.p50)} µs after its acknowledgement (p99 ${figure(deliveryUs.p99)})`,
    passed ? 'weighted searches are in the order of their scores' : 'A WEIGHTED SEARCH IS OUT OF ORDER',
  ].join('\n')
  return { passed, text, figures: { ...figures } }
}

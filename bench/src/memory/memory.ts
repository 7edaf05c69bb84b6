/**
 * What do the parts of an agent's memory cost beside a plain record and a plain search? Fills one collective, then goes
 * every way in turns: writes beside `record`, reads beside `search`, and how long after its acknowledgement a change
 * reaches a watcher. Fails when a weighted search is not the order that its own parts say.
 */
import { openWaggle } from '@waggle/embedded'
import type { CollectiveHandle } from '@waggle/sdk'
import type { Benchmark } from '../benchmark.ts'
import { wholeNumber } from '../command-line.ts'
import { inTemporaryFolder } from '../disk.ts'
import { figure, table, type Outcome } from '../report.ts'
import { seededRandom, type SeededRandom } from '../seeded-random.ts'
import { distributionOf, type Distribution } from '../statistics.ts'
import { timeWays, type Timing } from '../timed.ts'
import { inWindows } from '../write-modes.ts'
import { checkWeighted, readWays, writeWays, type ReadName, type WriteName } from './ways.ts'

const ROUNDS = 3
const CALLS = 60
const CHANGES = 200
const DIMENSION = 384
const AGENTS = 50
const BATCH = 500
const SEED = 20_261_121

export interface Filled {
  readonly hive: CollectiveHandle
  readonly ids: readonly string[]
  readonly random: SeededRandom
}

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

/** Records, a relation and a reinforcement for every fifth, an insight for every twentieth, and agents at work. */
const fill = async (hive: CollectiveHandle, records: number): Promise<Filled> => {
  const random = seededRandom(SEED)
  const ids: string[] = []
  const numbers = Array.from({ length: records }, (_, number) => number)
  for (const window of inWindows(numbers, BATCH)) {
    const inputs = window.map((number) => ({
      content: `what was learnt in step ${number}, at some length, as agents write it down`,
      embedding: random.unitVector(DIMENSION),
      importance: random.number(),
      domain: [`area ${number % 8}`],
      sourceAgent: `agent ${number % AGENTS}`,
    }))
    ids.push(...(await hive.recordMany(inputs)).ids)
  }
  const any = (): string => ids[random.below(ids.length)] as string
  for (const window of inWindows(numbers.slice(0, records / 5), BATCH)) {
    const commands = window.flatMap((number) => [
      {
        ...({ operation: 'relation.create', type: 'supports' } as const),
        ...{ source: ids[number] as string, target: ids[number + 1] as string },
      },
      { operation: 'experience.reinforce', id: any() } as const,
    ])
    await hive.commit(commands)
  }
  for (const window of inWindows(numbers.slice(0, records / 20), BATCH))
    await hive.commit(
      window.map((number) => ({
        ...({ operation: 'insight.store', type: 'pattern' } as const),
        ...{ content: `insight ${number}`, embedding: random.unitVector(DIMENSION), sources: [any(), any(), any()] },
      })),
    )
  for (let agent = 0; agent < AGENTS; agent += 1)
    await hive.activity.register({ agent: `agent ${agent}`, task: 'something' })
  return { hive, ids, random }
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

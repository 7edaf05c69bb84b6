/**
 * What do the batch, the vector and the page store cost? Fills one collective, then goes every way in turns: writes
 * beside appends of the same bytes to a plain file, reads beside a get, searches beside the plainest loop over the same
 * vectors, and how long after its acknowledgement a batch reaches a subscriber. Fails when an answer is not what was
 * computed beside it, or a batch is missed.
 */
import { openWaggle } from '@waggle/embedded'
import type { Benchmark } from '../benchmark.ts'
import { wholeNumber } from '../command-line.ts'
import { inTemporaryFolder } from '../disk.ts'
import { figure, table, type Outcome } from '../report.ts'
import { distributionOf, type Distribution } from '../statistics.ts'
import { timeWays, type Timing } from '../timed.ts'
import { BATCH, DIMENSION, entriesFrom, fill, type Filled } from './filled.ts'
import { readWays, searchWays, writeWays, wrongAnswers, type ReadName, type SearchName } from './ways.ts'

const ROUNDS = 3
const CALLS = 20
const BATCHES = 200
/** Of each beside the keys. */
const KEYS_PER_VECTOR = 4
const KEYS_PER_PAGE = 20

export const stores: Benchmark = {
  usage: 'stores [--keys N] [--rounds N] [--dir DIR] [--out FILE]',
  options: ['keys', 'rounds'],
  async run(values) {
    const keys = wholeNumber(values, 'keys', { absent: 10_000, min: 2_000 })
    const rounds = wholeNumber(values, 'rounds', { absent: ROUNDS, min: 1 })
    return inTemporaryFolder(values.dir, async (folder) => {
      const waggle = await openWaggle({ path: folder })
      try {
        const hive = await waggle.createCollective({ name: 'stores', dimension: DIMENSION })
        const sizes = {
          keys,
          vectors: Math.ceil(keys / KEYS_PER_VECTOR),
          pages: Math.ceil(keys / KEYS_PER_PAGE),
        }
        const filled = await fill(hive, sizes)
        const { reads, searches, writes } = await timeAll(filled, rounds, folder)
        const delivery = await timeDelivery(filled)
        const wrong = await wrongAnswers(filled)
        return report({ ...sizes, rounds, reads, searches, writes, ...delivery, wrong })
      } finally {
        await waggle.close()
      }
    })
  },
}

const timeAll = async (filled: Filled, rounds: number, folder: string) => {
  const calls = Array.from({ length: CALLS }, (_, call) => call)
  const queries = calls.map(() => filled.random.unitVector(DIMENSION))
  const reads = await timeWays(calls, readWays(filled), rounds)
  const searches = await timeWays(queries, searchWays(filled), rounds)
  const writing = writeWays(filled, folder)
  try {
    return { reads, searches, writes: await timeWays(calls, writing.ways, rounds) }
  } finally {
    writing.close()
  }
}

interface Delivery {
  /** From the acknowledgement of a put to its frame at a subscriber that waits for it: microseconds. */
  readonly deliveryUs: Distribution
  /** Of a put that a subscriber waits for. */
  readonly putUs: Distribution
  readonly missed: number
}

const timeDelivery = async ({ hive, keys }: Filled): Promise<Delivery> => {
  const subscription = hive.keys.subscribe({
    selectors: [{ prefix: 'row/' }],
    since: (await hive.keys.put(entriesFrom(0, 1))).sequence,
  })
  await subscription.next()
  const latencies: number[] = []
  const puts: number[] = []
  let missed = 0
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const arrival = subscription.next().then(({ value }) => ({ frame: value, at: performance.now() }))
    const begun = performance.now()
    const { sequence } = await hive.keys.put(entriesFrom(batch % keys, BATCH))
    const acknowledged = performance.now()
    const { frame, at } = await arrival
    if (frame?.sequence !== sequence || frame.entries.length !== BATCH) missed += 1
    puts.push((acknowledged - begun) * 1_000)
    latencies.push(Math.max(0, (at - acknowledged) * 1_000))
  }
  await subscription.return()
  return { deliveryUs: distributionOf(latencies), putUs: distributionOf(puts), missed }
}

interface Figures extends Delivery {
  readonly keys: number
  readonly vectors: number
  readonly pages: number
  readonly rounds: number
  readonly reads: Timing<ReadName>
  readonly searches: Timing<SearchName>
  readonly writes: Timing<string>
  readonly wrong: readonly string[]
}

const report = (figures: Figures): Outcome => {
  const { keys, vectors, pages, reads, searches, writes, deliveryUs, putUs, missed, wrong } = figures
  const rowsOf = <Name extends string>({ us, firstOver }: Timing<Name>): string[][] =>
    (Object.keys(us) as Name[]).map((name) => [
      name,
      figure(us[name].p50),
      figure(us[name].p99),
      figure(1 / firstOver[name]),
    ])
  const passed = wrong.length === 0 && missed === 0
  const text = [
    `${keys} keys of 200 bytes, ${vectors} vectors of ${DIMENSION} components, ${pages} pages, embedded; µs a call`,
    '',
    table(['write, one at a time', 'p50', 'p99', '÷ plain file'], rowsOf(writes)),
    '',
    table(['read', 'p50', 'p99', '÷ get'], rowsOf(reads)),
    '',
    table(['search', 'p50', 'p99', '÷ dot loop'], rowsOf(searches)),
    '',
    `a batch reaches a subscriber ${figure(deliveryUs.p50)} µs after its acknowledgement ` +
      `(p99 ${figure(deliveryUs.p99)}), ${figure(deliveryUs.p50 / putUs.p50)} of the put itself`,
    passed ? 'every answer is right, no batch was missed' : `WRONG: ${wrong.join(', ')}; MISSED: ${missed}`,
  ].join('\n')
  return { passed, text, figures: { passed, ...figures } }
}

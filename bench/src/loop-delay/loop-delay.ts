/**
 * Does anyone wait while a large index gets its graph? Fills one collective, and watches the event loop and the
 * searches of one caller: before there is a graph, while it is built, by it, and while it is read again after a
 * reopening. Fails when one of a thousand turns of the loop comes 20 ms late during a build or a reading; on a machine
 * that does other things too the first line, where nothing is done but waiting, tells what is not ours.
 */
import { openWaggle } from '@waggle/embedded'
import { silentLogger, type LogFields, type Logger } from '@waggle/kernel'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import type { Benchmark } from '../benchmark.ts'
import { UsageError, wholeNumber } from '../command-line.ts'
import { inTemporaryFolder } from '../disk.ts'
import { ExactSearch } from '../exact-search.ts'
import { figure, table, type Outcome } from '../report.ts'
import { distributionOf, type Distribution } from '../statistics.ts'
import { DIMENSION, makeVectors, vectorKinds, type VectorKind } from '../vectors/vector-set.ts'

type Hive = Awaited<ReturnType<Awaited<ReturnType<typeof openWaggle>>['createCollective']>>

const NAME = 'loop'
const BATCH = 256
const QUERIES = 200
const TRUTHS = 50
const K = 10
/** Between two searches of the caller. */
const PERIOD_MS = 10
const QUIET_MS = 3_000
const LATE_MS_MAX = 20
const GRAPH_MS_MAX = 900_000

/** What the store says when it has decided on an index. */
const DECIDED = ['an index is searched by its graph', 'an index is searched without a graph']

interface Phase {
  readonly loopMs: Distribution & { readonly p999: number }
  readonly searchUs: Distribution | undefined
  readonly tookMs: number
}

export const loopDelay: Benchmark = {
  usage: 'loop-delay [--records N] [--kind clustered|hard] [--seed N] [--dir DIR] [--out FILE]',
  options: ['records', 'kind', 'seed'],
  async run(values) {
    const records = wholeNumber(values, 'records', { absent: 25_000, min: 20_000 })
    const seed = wholeNumber(values, 'seed', { absent: 1, min: 0 })
    const kind = (values.kind ?? 'clustered') as VectorKind
    if (!vectorKinds.includes(kind)) throw new UsageError(`--kind takes ${vectorKinds.join(' or ')}, got ${kind}`)
    return inTemporaryFolder(values.dir, (folder) => measured(folder, { records, kind, seed }))
  },
}

interface Task {
  readonly records: number
  readonly kind: VectorKind
  readonly seed: number
}

const measured = async (folder: string, task: Task): Promise<Outcome> => {
  const { base, queries } = makeVectors(task.kind, { seed: task.seed, rows: task.records, queries: QUERIES })
  const vectorAt = (of: Float32Array, row: number): Float32Array => of.slice(row * DIMENSION, (row + 1) * DIMENSION)
  const asked = Array.from({ length: QUERIES }, (_, row) => vectorAt(queries, row))
  const first = await opened(folder)
  const hive = await first.waggle.createCollective({ name: NAME, dimension: DIMENSION })
  for (let row = 0; row < task.records; row += BATCH)
    await hive.recordMany(
      Array.from({ length: Math.min(BATCH, task.records - row) }, (_, at) => ({
        content: `${row + at}`,
        embedding: vectorAt(base, row + at),
      })),
    )
  const waiting = await phase(() => pause(QUIET_MS).then(() => true))
  const building = await phase(first.decided, hive, asked)
  const searching = await phase(() => pause(QUIET_MS).then(() => true), hive, asked)
  const truth = Array.from({ length: task.records }, (_, row) => ({ id: `${row}`, vector: vectorAt(base, row) }))
  const recall = await recallOf(hive, asked.slice(0, TRUTHS), new ExactSearch(truth, DIMENSION))
  await first.waggle.close()
  const second = await opened(folder)
  const again = await second.waggle.collective(NAME)
  const reading = await phase(second.decided, again, asked)
  await second.waggle.close()
  const phases = { waiting, building, searching, reading }
  return report({ task, phases, recall, decision: await first.decided() })
}

/** A store, and what it says of its graph. */
const opened = async (folder: string) => {
  let say: (fields: LogFields) => void = () => undefined
  const said = new Promise<LogFields>((resolve) => (say = resolve))
  const logger: Logger = {
    ...silentLogger,
    info: (message, fields = {}) => {
      if (DECIDED.includes(message)) say({ message, ...fields })
    },
  }
  const waggle = await openWaggle({ path: folder, logger })
  return {
    waggle,
    decided: async () => Promise.race([said, pause(GRAPH_MS_MAX, { message: 'nothing' }, { ref: false })]),
  }
}

/** Watches the loop until `until`, and searches meanwhile where there is something to search in. */
const phase = async (
  until: () => Promise<unknown>,
  hive?: Hive,
  queries: readonly Float32Array[] = [],
): Promise<Phase> => {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const begun = performance.now()
  const latencies: number[] = []
  const state = { isOver: false }
  const over = until().then(() => (state.isOver = true))
  delay.enable()
  while (hive !== undefined && !state.isOver) {
    const start = performance.now()
    await hive.search({ embedding: queries[latencies.length % queries.length], k: K })
    latencies.push((performance.now() - start) * 1_000)
    await pause(PERIOD_MS)
  }
  await over
  delay.disable()
  const ms = (share: number): number => delay.percentile(share) / 1e6
  return {
    loopMs: { count: delay.count, p50: ms(50), p99: ms(99), p999: ms(99.9), max: delay.max / 1e6 },
    searchUs: latencies.length === 0 ? undefined : distributionOf(latencies),
    tookMs: performance.now() - begun,
  }
}

/** Share of the ten nearest that the store finds. */
const recallOf = async (hive: Hive, queries: readonly Float32Array[], exact: ExactSearch): Promise<number> => {
  let found = 0
  for (const embedding of queries) {
    const truth = new Set(exact.nearest(embedding, K))
    const { results } = await hive.search({ embedding, k: K })
    found += results.filter(({ experience }) => truth.has(experience.content)).length
  }
  return found / (queries.length * K)
}

interface Figures {
  readonly task: Task
  readonly phases: Readonly<Record<'waiting' | 'building' | 'searching' | 'reading', Phase>>
  readonly recall: number
  readonly decision: LogFields
}

const report = ({ task, phases, recall, decision }: Figures): Outcome => {
  const late = Math.max(phases.building.loopMs.p999, phases.reading.loopMs.p999)
  const passed = late < LATE_MS_MAX
  const rows = Object.entries(phases).map(([name, { loopMs, searchUs, tookMs }]) => [
    name,
    ...[tookMs / 1_000, loopMs.p50, loopMs.p99, loopMs.p999, loopMs.max].map(figure),
    ...(searchUs === undefined ? ['', ''] : [figure(searchUs.p50), figure(searchUs.p99)]),
  ])
  const text = [
    `${task.records} ${task.kind} vectors of ${DIMENSION} dimensions in one collective, embedded`,
    '',
    table(['', 's', 'loop ms p50', 'p99', 'p99.9', 'max', 'search µs p50', 'p99'], rows),
    '',
    `${JSON.stringify(decision)}; recall@${K} ${figure(recall)}`,
    `${passed ? 'reached' : 'NOT REACHED'}: one turn of a thousand is ${figure(late)} ms late, of ${LATE_MS_MAX}`,
  ].join('\n')
  return { passed, text, figures: { ...task, phases, recall, decision, lateMs: late, lateMsMax: LATE_MS_MAX } }
}

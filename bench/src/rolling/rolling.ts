/**
 * How long does a process take to leave when it is told to, and what do those who write wait then? A rolling update of
 * everything and a scaling from 3 shard processes to 5 and back, under load. `deploy/k8s` gives processes their time to
 * drain, and their memory, by these figures.
 */
import { Rollout, type Departure } from '@waggle/local-cluster'
import type { Benchmark } from '../benchmark.ts'
import { wholeNumber } from '../command-line.ts'
import { withOwnCluster, type ClusterRole, type OwnCluster } from '../cluster/own-cluster.ts'
import { peakRssMbOf } from '../cluster/usage.ts'
import { figure, table, type Outcome } from '../report.ts'
import { Writers } from './writers.ts'

const NODES = 3
const GROWTH = 2
const ROUNDS = 3
const WRITERS = 16
const STEADY_MS = 5_000
const LOOK_MS = 250
const BYTES_A_MB = 2 ** 20

interface Step {
  readonly what: string
  readonly departures: readonly Departure[]
  readonly tookMs: number
  /** The longest that one write took to be acknowledged. */
  readonly longestWriteMs: number
}

export const rolling: Benchmark = {
  usage: 'rolling [--rounds N] [--dir DIR] [--out FILE]',
  options: ['rounds'],
  run: async (values) =>
    withOwnCluster({ parent: values.dir, nodes: NODES }, async (cluster) =>
      played(cluster, wholeNumber(values, 'rounds', { absent: ROUNDS, min: 1 })),
    ),
}

const played = async (cluster: OwnCluster, rounds: number): Promise<Outcome> => {
  const writers = await Writers.start(cluster.running.url, WRITERS)
  const rollout = await Rollout.open(cluster.running)
  const memory = new PeakMemory(cluster)
  const steps: Step[] = []
  const step = async (what: string, play: () => Promise<readonly Departure[]>): Promise<void> => {
    writers.longestMs = 0
    const begunMs = performance.now()
    const departures = await play()
    steps.push({ what, departures, tookMs: performance.now() - begunMs, longestWriteMs: writers.longestMs })
  }
  const outcome = async (act: Promise<unknown>): Promise<readonly Departure[]> => act.then(() => [])
  for (let round = 0; round < rounds; round += 1) {
    await step('nothing', () => outcome(new Promise((resolve) => setTimeout(resolve, STEADY_MS))))
    await step('restart shard processes', () => rollout.restartShards())
    await step('replace routers', () => rollout.replace('router'))
    await step('replace compactors', () => rollout.replace('compactor'))
    await step('scale out', () => outcome(rollout.scaleOut(GROWTH)))
    await step('drain and scale in', () => rollout.scaleIn(GROWTH))
  }
  const peakRssBytes = memory.end()
  await rollout.close()
  return report(steps, { peakRssBytes, ...(await writers.end()) })
}

/** The most that any one process of a role had resident. */
class PeakMemory {
  readonly #timer: NodeJS.Timeout
  readonly #peaks = new Map<ClusterRole, number>()

  constructor({ running }: OwnCluster) {
    this.#timer = setInterval(() => {
      for (const { role, pid } of running.children()) {
        const peakMb = peakRssMbOf(pid)
        // One that has just ended tells nothing.
        if (peakMb > (this.#peaks.get(role) ?? 0)) this.#peaks.set(role, peakMb)
      }
    }, LOOK_MS)
  }

  end(): Readonly<Record<string, number>> {
    clearInterval(this.#timer)
    return Object.fromEntries([...this.#peaks].map(([role, peakMb]) => [role, Math.round(peakMb * BYTES_A_MB)]))
  }
}

interface Seen {
  readonly peakRssBytes: Readonly<Record<string, number>>
  readonly acknowledged: number
  readonly missing: number
}

const report = (steps: readonly Step[], { peakRssBytes, acknowledged, missing }: Seen): Outcome => {
  const kinds = [...new Set(steps.map(({ what }) => what))]
  const rows = kinds.map((kind) => {
    const all = steps.filter(({ what }) => what === kind)
    const departures = all.flatMap((step) => step.departures)
    const longest = (of: (departure: Departure) => number | undefined): string => {
      const times = departures.flatMap((departure) => of(departure) ?? [])
      return times.length === 0 ? '' : figure(Math.max(...times))
    }
    return [
      kind,
      String(departures.length),
      longest(({ drainMs }) => drainMs),
      longest(({ returnMs }) => returnMs),
      figure(Math.max(...all.map(({ tookMs }) => tookMs))),
      figure(Math.max(...all.map(({ longestWriteMs }) => longestWriteMs))),
    ]
  })
  const heads = ['what', 'processes', 'drain ms, longest', 'return ms, longest', 'took ms, longest', 'longest write ms']
  const departures = steps.flatMap((step) => step.departures)
  const drainMsMax = Object.fromEntries(
    (['router', 'shard', 'compactor'] as const).map((role) => [
      role,
      Math.max(0, ...departures.filter((each) => each.role === role).map(({ drainMs }) => drainMs)),
    ]),
  )
  const memory = Object.entries(peakRssBytes).map(([role, bytes]) => `${role} ${figure(bytes / BYTES_A_MB)} MB`)
  const text = [
    table(heads, rows),
    `${acknowledged} records acknowledged, ${missing} missing; most memory of one process: ${memory.join(', ')}`,
  ].join('\n\n')
  return {
    passed: missing === 0 && acknowledged > 0,
    text,
    figures: { drainMsMax, peakRssBytes, acknowledged, missing, steps, tables: [{ heads, rows }] },
  }
}

/** What `bus` found, for people and for programs. */
import { clusterRoles } from '../cluster/own-cluster.ts'
import { figure, table, type Outcome } from '../report.ts'
import { median, medianDistribution, sumOf, type Distribution } from '../statistics.ts'
import type { Lap } from './laps.ts'
import { FORWARD, PUBLISH } from './ways.ts'

/** The laps of each way, one a round: laps of one number met the same neighbours. */
export type Comparison = readonly { readonly way: string; readonly laps: readonly Lap[] }[]

export interface BusFigures {
  readonly rounds: number
  /** Calls under way where they are many at once. */
  readonly width: number
  readonly nodes: number
  readonly requestBytes: number
  readonly replyBytes: number
  readonly readReplyBytes: number
  /** Processor time while nobody asks, microseconds a second by process. */
  readonly idle: Readonly<Record<string, number>>
  readonly writesAlone: Comparison
  readonly writesAtOnce: Comparison
  readonly readsAlone: Comparison
  readonly readsAtOnce: Comparison
  /** Records that were acknowledged, and that are there. */
  readonly recorded: number
  readonly found: number
}

interface Row {
  readonly way: string
  readonly perSecond: number
  readonly latencyMs: Distribution
  /**
   * How many times as long it takes as the other way of the same round: by medians of single calls, and where many are
   * under way by rates.
   */
  readonly times: Readonly<Record<string, number>>
  readonly recordsPerMessage?: number
  readonly cpuUs: Readonly<Record<string, number>>
}

/** Both bases one after the other: what a record does that costs nothing beside. */
const BOTH = 'both'

type Cost = (lap: Lap) => number

const callMs: Cost = ({ latencyMs }) => latencyMs.p50
const recordMs: Cost = ({ perSecond }) => 1_000 / perSecond

const comparisons = ['writesAlone', 'writesAtOnce', 'readsAlone', 'readsAtOnce'] as const
const costs = { writesAlone: callMs, writesAtOnce: recordMs, readsAlone: callMs, readsAtOnce: recordMs } as const

export const reportBus = (figures: BusFigures): Outcome => {
  const rows = Object.fromEntries(comparisons.map((name) => [name, rowsOf(figures[name], costs[name])])) as Record<
    (typeof comparisons)[number],
    readonly Row[]
  >
  const { width, rounds, requestBytes, replyBytes, readReplyBytes, nodes, recorded, found } = figures
  const isComplete = recorded === found
  const sections = [
    `bus: ${rounds} rounds, request of a record ${requestBytes} bytes, its reply ${replyBytes}, reply of a get ` +
      `${readReplyBytes}; shard processes: ${nodes}`,
    rowTable('record, one at a time', rows.writesAlone, [PUBLISH, FORWARD, BOTH]),
    rowTable(`record, ${width} at once`, rows.writesAtOnce, [PUBLISH, FORWARD]),
    rowTable('get, one at a time', rows.readsAlone, [FORWARD]),
    rowTable(`get, ${width} at once`, rows.readsAtOnce, [FORWARD]),
    idleLine(figures.idle),
    isComplete ? `all ${recorded} acknowledged records are there` : `FAILED: ${recorded} acknowledged, ${found} there`,
  ]
  return { passed: isComplete, text: sections.join('\n\n'), figures: { ...figures, ...rows } }
}

/** Medians over the rounds; of the ratios, too, each of which is of one round. */
const rowsOf = (comparison: Comparison, cost: Cost): readonly Row[] =>
  comparison.map(({ way, laps }) => {
    const of = (value: (lap: Lap) => number): number => median(laps.map(value))
    const names = Object.keys(laps[0]?.cpuUs ?? {})
    const bases = comparison.filter((other) => [PUBLISH, FORWARD].includes(other.way))
    const timesOf = (...others: Comparison): number =>
      median(laps.map((lap, round) => cost(lap) / sumOf(others.map((other) => cost(other.laps[round] as Lap)))))
    return {
      way,
      perSecond: of(({ perSecond }) => perSecond),
      latencyMs: medianDistribution(laps.map(({ latencyMs }) => latencyMs)),
      times: { ...Object.fromEntries(bases.map((base) => [base.way, timesOf(base)])), [BOTH]: timesOf(...bases) },
      ...(laps[0]?.recordsPerMessage === undefined
        ? {}
        : { recordsPerMessage: of(({ recordsPerMessage = Number.NaN }) => recordsPerMessage) }),
      cpuUs: Object.fromEntries(names.map((name) => [name, of(({ cpuUs }) => cpuUs[name] ?? Number.NaN)])),
    }
  })

/** Processes that have a column; a bare request has two others in the place of router and shard. */
const roles = clusterRoles.filter((role) => role !== 'compactor')
const standIns: Readonly<Record<string, string>> = { router: 'forwarder', shard: 'responder' }

const rowTable = (title: string, rows: readonly Row[], bases: readonly string[]): string =>
  table(
    [
      title,
      'per s',
      'p50 ms',
      'p99 ms',
      ...bases.map((base) => `× ${base}`),
      'CPU µs: client',
      ...roles,
      'per message',
    ],
    rows.map(({ way, perSecond, latencyMs, times, cpuUs, recordsPerMessage }) => [
      way,
      figure(perSecond),
      figure(latencyMs.p50),
      figure(latencyMs.p99),
      ...bases.map((base) => (base === way ? '' : figure(times[base] ?? Number.NaN))),
      figure(cpuUs.client ?? Number.NaN),
      ...roles.map((role) => figure(cpuUs[(way === FORWARD ? standIns[role] : undefined) ?? role] ?? Number.NaN)),
      recordsPerMessage === undefined ? '' : figure(recordsPerMessage),
    ]),
  )

const idleLine = (idle: Readonly<Record<string, number>>): string => {
  const shares = clusterRoles.map((role) => `${role} ${figure((idle[role] ?? Number.NaN) / 10_000)} %`)
  return `of a core while nobody asks: ${shares.join(', ')}`
}

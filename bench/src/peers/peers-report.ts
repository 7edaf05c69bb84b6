/** What `peers` found, for people and for programs. */
import { figure, table, type Outcome } from '../report.ts'
import { median } from '../statistics.ts'
import type { Verdict } from './goal.ts'
import type { NumberField, Reading } from './reading.ts'
import type { Workload } from './workload.ts'

export interface PeersFigures {
  readonly records: number
  readonly seed: number
  readonly rounds: number
  readonly verdicts: readonly Verdict[]
  readonly readings: readonly Reading[]
  /** Why a peer was not there, by its name. */
  readonly absent: Readonly<Record<string, string>>
  readonly workloads: readonly Pick<Workload, 'kind' | 'hashes'>[]
}

/** A figure that is not reached is no failure of the run: what it takes to judge it was measured. */
export const reportPeers = (figures: PeersFigures): Outcome => {
  const { records, rounds, verdicts, readings, absent } = figures
  const reached = verdicts.filter((verdict) => verdict.reached).length
  const tables = [
    { heads: VERDICT_HEADS, rows: verdicts.map(verdictRow) },
    { heads: READING_HEADS, rows: readingRows(readings) },
  ]
  const missing = Object.entries(absent).map(([name, why]) => `${name} is not there: ${why}`)
  const text = [
    `${records} records, medians of ${rounds} rounds; ratios are made within a round`,
    ...tables.map(({ heads, rows }) => table(heads, rows)),
    ...missing,
    `${reached} of ${verdicts.length} figures reached`,
  ].join('\n\n')
  return { passed: true, text, figures: { ...figures, tables } }
}

const VERDICT_HEADS = ['work', 'figure', 'to reach', 'measured', 'verdict']
const READING_HEADS = ['contestant', 'measure', 'setting', 'p50 µs', 'p99 µs', 'per second', 'recall', 'ms', 'bytes']
const REASON_CHARACTERS = 80
const READING_FIELDS: readonly NumberField[] = ['p50Us', 'p99Us', 'perSecond', 'recall', 'ms', 'bytes']

const verdictRow = ({ work, figure: name, limit, value, reached, reason }: Verdict): string[] => [
  work,
  name,
  limit,
  value === undefined ? '' : figure(value),
  reached ? 'reached' : `not reached${reason === undefined ? '' : ` (${briefly(reason)})`}`,
]

/** What a program says last is what it failed of. */
const briefly = (reason: string): string => reason.trimEnd().split('\n').at(-1)?.slice(0, REASON_CHARACTERS) ?? ''

/** Medians over the rounds. */
const readingRows = (readings: readonly Reading[]): string[][] => {
  const groups = new Map<string, Reading[]>()
  for (const reading of readings) {
    const name = [reading.contestant, reading.measure, reading.setting ?? ''].join('\n')
    groups.set(name, [...(groups.get(name) ?? []), reading])
  }
  return [...groups].map(([name, group]) => [
    ...name.split('\n'),
    ...READING_FIELDS.map((field) => {
      const values = group.map((reading) => reading[field]).filter((value) => value !== undefined)
      return values.length === 0 ? '' : field === 'recall' ? median(values).toFixed(4) : figure(median(values))
    }),
  ])
}

/** What a store in the same process has to reach with 10,000 records. */
import { OURSELVES } from '../contest.ts'
import type { Goal } from '../goal.ts'
import { over, type NumberField, type Round } from '../reading.ts'

export const [PULSEDB, VELESDB, HNSWLIB] = ['PulseDB', 'VelesDB', 'hnswlib'] as const

const ours = (measure: string, field: NumberField) => (round: Round) => round.value(OURSELVES, measure, field)

/** Ours over a peer's, of the same round. */
const beside =
  (peer: string, measure: string, field: NumberField) =>
  (round: Round): number | undefined =>
    over(ours(measure, field)(round), round.value(peer, measure, field))

/** Of readings with that setting. */
const settled = (round: Round, contestant: string, measure: string, setting: string, field: NumberField) =>
  round.all(contestant, measure).find((reading) => reading.setting === setting)?.[field]

const recordAlone: readonly Goal[] = [
  { peer: PULSEDB, most: 0.2 },
  { peer: VELESDB, most: 0.35 },
].map(({ peer, most }) => ({
  ...{ work: 'record one, 1 caller', figure: `p50 ÷ ${peer}`, most, peer },
  value: beside(peer, 'record, 1 caller', 'p50Us'),
}))

const opening = (setting: string): readonly Goal[] => [
  {
    ...{ work: `open to first right search, ${setting}`, figure: `÷ ${PULSEDB}`, most: 0.02, peer: PULSEDB },
    value: (round) =>
      over(
        settled(round, OURSELVES, 'first right search', setting, 'ms'),
        settled(round, PULSEDB, 'first right search', setting, 'ms'),
      ),
  },
]

const AREAS = ['half', 'tenth', 'hundredth', 'thousandth']

const filteredRecall: Goal = {
  ...{ work: 'search filtered, the worst area', figure: 'recall@10 ÷ unfiltered', least: 1 },
  value(round) {
    const recalls = AREAS.map((area) => settled(round, OURSELVES, 'filtered search', area, 'recall') ?? Number.NaN)
    return over(Math.min(...recalls), settled(round, OURSELVES, 'filtered search', 'all', 'recall'))
  },
}

const filtered: readonly Goal[] = AREAS.map((area) => ({
  ...{ work: `search filtered to a ${area}`, figure: 'p50 ÷ unfiltered', most: 1.5 },
  value: (round: Round) =>
    over(
      settled(round, OURSELVES, 'filtered search', area, 'p50Us'),
      settled(round, OURSELVES, 'filtered search', 'all', 'p50Us'),
    ),
}))

const searches: readonly Goal[] = [
  { ...{ work: 'search k=10', figure: 'recall@10', least: 0.999 }, value: ours('search', 'recall') },
  {
    ...{ work: 'search k=10', figure: `p50 ÷ ${PULSEDB}`, most: 0.2, peer: PULSEDB },
    value: beside(PULSEDB, 'search', 'p50Us'),
  },
  {
    ...{ work: 'search k=10', figure: `p50 ÷ ${VELESDB}`, most: 1, peer: VELESDB },
    value: (round) => over(ours('search', 'p50Us')(round), settled(round, VELESDB, 'search', 'default', 'p50Us')),
  },
  {
    ...{ work: 'search k=10', figure: `p50 ÷ ${HNSWLIB} ef 100 (stretch)`, most: 3, peer: HNSWLIB },
    value: (round) => over(ours('search', 'p50Us')(round), settled(round, HNSWLIB, 'search', 'ef 100', 'p50Us')),
  },
]

/** Bytes a record; the rows of a run are in its workload. */
const KILOBYTE = 1_000

export const embeddedGoals: readonly Goal[] = [
  ...recordAlone,
  {
    ...{ work: 'record one, 1 caller', figure: 'p50 ÷ append and fdatasync', most: 2.5 },
    value: (round) => over(ours('record, 1 caller', 'p50Us')(round), ours('append and fdatasync', 'p50Us')(round)),
  },
  {
    ...{ work: 'record, 64 callers', figure: `rate ÷ ${PULSEDB}`, least: 30, peer: PULSEDB },
    value: beside(PULSEDB, 'record, 64 callers', 'perSecond'),
  },
  { ...{ work: 'get by id', figure: 'p50 µs', most: 10 }, value: ours('get', 'p50Us') },
  ...searches,
  ...filtered,
  filteredRecall,
  {
    ...{ work: 'context, everything included', figure: `p50 ÷ ${PULSEDB}`, most: 0.25, peer: PULSEDB },
    value: beside(PULSEDB, 'context', 'p50Us'),
  },
  ...opening('after a close'),
  ...opening('after kill -9'),
  {
    ...{ work: 'search while 500 records/s arrive', figure: 'p99 ÷ idle', most: 3 },
    value: (round) =>
      over(
        settled(round, OURSELVES, 'search at a pace', '500 records/s', 'p99Us'),
        settled(round, OURSELVES, 'search at a pace', 'idle', 'p99Us'),
      ),
  },
  {
    ...{ work: 'memory', figure: 'KB a record above an empty process', most: 4 },
    value: (round) => over(ours('memory a record', 'bytes')(round), KILOBYTE),
  },
  {
    ...{ work: 'disk', figure: 'KB a record of state', most: 2.6 },
    value: (round) => over(ours('state a record', 'bytes')(round), KILOBYTE),
  },
  {
    ...{ work: 'empty collective', figure: 'KB', most: 20 },
    value: (round) => over(ours('empty collective', 'bytes')(round), KILOBYTE),
  },
]

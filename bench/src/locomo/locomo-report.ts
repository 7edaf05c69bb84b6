/** What `locomo` found, for people and for programs. */
import { figure, table, type Outcome } from '../report.ts'
import { median } from '../statistics.ts'
import type { Timing } from '../timed.ts'
import type { WriteMode } from '../write-modes.ts'
import { DEPTHS, type EvidenceFigures, type EvidenceWay } from './evidence.ts'
import type { ImportFigures } from './import.ts'
import { K, type Reopening } from './opened.ts'
import type { PassFigures } from './passes.ts'
import type { Recall } from './recall.ts'
import type { Site } from './site.ts'
import type { TakeOver } from './take-over.ts'
import type { SearchWay } from './timing.ts'
import { clusterRoles, type ByRole } from '../cluster/own-cluster.ts'

/** One store, filled in one mode. */
export interface StoreFigures {
  readonly mode: WriteMode
  /** The first one also makes tables of what the log held. None of a cluster, which stays open. */
  readonly openings: readonly Reopening[]
  /** Of a cluster of the benchmark's own, before it was asked. */
  readonly takeOver?: TakeOver
  readonly conversations: readonly (PassFigures & {
    readonly id: string
    readonly store: Recall
    readonly reference: Recall
  })[]
  readonly pooled: { readonly store: Recall; readonly reference: Recall }
  readonly passes: {
    readonly unrestricted: PassFigures
    readonly speaker: PassFigures
    readonly speakerAndTime: PassFigures
  }
}

export interface LocomoFigures {
  readonly site: Site['kind']
  /** Shard processes of a cluster of the benchmark's own. */
  readonly nodes?: number
  readonly data: {
    readonly name: string
    readonly dimension: number
    readonly conversations: number
    readonly turns: number
    readonly questions: number
  }
  readonly imports: readonly ImportFigures[]
  readonly stores: readonly StoreFigures[]
  /** Of the first store. */
  readonly evidence: readonly EvidenceFigures[]
  readonly timing: Timing<SearchWay>
  readonly memory: {
    readonly rssBeforeMb: number
    readonly peakRssMb: number
    readonly clusterPeakRssMb?: ByRole
  }
}

/** What the publisher of a data set measured by exact search: percent of headline questions, all evidence in ten. */
const PUBLISHED_ALL: Readonly<Record<string, number>> = { 'locomo/dev': 44.6 }

export const reportLocomo = (figures: LocomoFigures): Outcome => {
  const { data, stores } = figures
  const differing = stores.flatMap(({ passes }) => Object.values(passes)).reduce((sum, pass) => sum + pass.differing, 0)
  const sections = [
    `${data.name}: ${data.conversations} conversations, ${data.turns} turns, ${data.questions} questions, ` +
      `dimension ${data.dimension}, ${placeOf(figures)}`,
    recallTable(figures),
    evidenceTable(figures),
    equalityTable(stores),
    searchTable(figures.timing),
    importTable(figures),
    ...(figures.site === 'embedded' ? [openingTable(stores)] : []),
    ...(figures.site === 'cluster' ? [takeOverTable(stores)] : []),
    memoryLine(figures),
    differing === 0 ? 'all lists of ids are equal' : `FAILED: ${differing} lists of ids differ`,
  ]
  return { passed: differing === 0, text: sections.join('\n\n'), figures: { ...figures } }
}

const recallTable = ({ data, stores }: LocomoFigures): string => {
  const [first] = stores
  if (first === undefined) return ''
  const row = (name: string, store: Recall, reference: Recall): string[] => [
    name,
    store.questions.toString(),
    ...[store.all, reference.all, store.part, reference.part].map((percent) => percent.toFixed(1)),
  ]
  const rows = first.conversations.map(({ id, store, reference }) => row(id, store, reference))
  rows.push(row('pooled', first.pooled.store, first.pooled.reference))
  const published = PUBLISHED_ALL[data.name]
  if (published !== undefined) rows.push(['published', '', '', published.toFixed(1)])
  const heads = ['evidence recall@10, %', 'headline', 'all', 'float64 all', 'part', 'float64 part']
  return table(heads, rows)
}

/** Percent of headline questions, all evidence in ten: what a search should reach that is not told how to weigh. */
const TO_REACH: Readonly<Partial<Record<EvidenceWay, number>>> = { both: 62, 'both, neighbours': 66 }

const evidenceTable = ({ evidence }: LocomoFigures): string => {
  const heads = (name: string) => DEPTHS.map((depth) => `${name}@${depth}`)
  return table(
    ['evidence found, %', ...heads('all'), ...heads('part'), 'CPU µs', 'all@10 to reach'],
    evidence.map(({ way, recalls, cpuUs }) => [
      way,
      ...recalls.map(({ all }) => all.toFixed(1)),
      ...recalls.map(({ part }) => part.toFixed(1)),
      figure(cpuUs),
      verdict(TO_REACH[way], recalls[DEPTHS.indexOf(K)]?.all ?? Number.NaN),
    ]),
  )
}

const verdict = (toReach: number | undefined, reached: number): string =>
  toReach === undefined ? '' : `${toReach}: ${reached >= toReach ? 'reached' : 'not reached'}`

const equalityTable = (stores: readonly StoreFigures[]): string =>
  table(
    ['lists that differ from the reference', 'no filter', 'one speaker', 'one speaker, half the time', 'asked'],
    stores.map(({ mode, passes }) => [
      `recorded ${mode}`,
      ...Object.values(passes).map((pass: PassFigures) => pass.differing.toString()),
      Object.values(passes)
        .reduce((sum, pass: PassFigures) => sum + pass.questions, 0)
        .toString(),
    ]),
  )

const searchTable = ({ us, firstOver }: Timing<SearchWay>): string =>
  table(
    ['search k=10', 'p50 µs', 'p99 µs', 'store is × of it'],
    Object.entries(us).map(([name, { p50, p99 }]) => [
      name,
      figure(p50),
      figure(p99),
      name === 'store' ? '' : figure(firstOver[name as SearchWay]),
    ]),
  )

type Column = readonly [head: string, of: (one: ImportFigures) => number]

/** What cannot be told has no column. */
const importTable = ({ imports, site }: LocomoFigures): string => {
  const isEmbedded = site === 'embedded'
  const client: readonly Column[] = [['client’s', ({ ownCpuUsPerRecord }) => ownCpuUsPerRecord]]
  const close: readonly Column[] = [['close ms', ({ closeMs }) => closeMs]]
  const columns: readonly Column[] = [
    ['records/s', ({ recordsPerSecond }) => recordsPerSecond],
    ['÷ syncs/s', ({ ratio }) => ratio],
    ['syncs/s', ({ syncsPerSecond }) => syncsPerSecond],
    ['CPU µs/record', ({ cpuUsPerRecord }) => cpuUsPerRecord],
    ...(isEmbedded ? [] : client),
    ['call p50 ms', ({ windowMs }) => windowMs.p50],
    ['p99 ms', ({ windowMs }) => windowMs.p99],
    ...(isEmbedded ? close : []),
    ['bytes/record', ({ bytesPerRecord }) => bytesPerRecord],
  ]
  const told = columns.filter(([, of]) => imports.every((one) => !Number.isNaN(of(one))))
  return table(
    ['recorded', ...told.map(([head]) => head)],
    imports.map((one) => [one.mode, ...told.map(([, of]) => figure(of(one)))]),
  )
}

const openingTable = (stores: readonly StoreFigures[]): string =>
  table(
    ['reopen, ms', 'open, first time', 'first search of all', 'open, later', 'first search of all'],
    stores.map(({ mode, openings: [first, ...later] }) => [
      `recorded ${mode}`,
      figure(first?.openMs ?? Number.NaN),
      figure(first?.searchableMs ?? Number.NaN),
      figure(median(later.map(({ openMs }) => openMs))),
      figure(median(later.map(({ searchableMs }) => searchableMs))),
    ]),
  )

const takeOverTable = (stores: readonly StoreFigures[]): string =>
  table(
    ['kill -9 of the shard process that leads', 'first acknowledged write, ms', 'first search of all, ms'],
    stores.map(({ mode, takeOver }) => [
      `recorded ${mode}`,
      figure(takeOver?.firstWriteMs ?? Number.NaN),
      figure(takeOver?.searchableMs ?? Number.NaN),
    ]),
  )

const placeOf = ({ site, nodes }: LocomoFigures): string => {
  if (site === 'embedded') return 'embedded'
  return site === 'server' ? 'a cluster that was there' : `a cluster with shard processes: ${nodes ?? 1}`
}

const memoryLine = ({ memory }: LocomoFigures): string => {
  const { peakRssMb, rssBeforeMb, clusterPeakRssMb: others } = memory
  const own =
    `peak RSS ${figure(peakRssMb)} MB, of which ${figure(rssBeforeMb)} MB before the first store was opened ` +
    '(vectors of the benchmark); its references are in the rest'
  if (others === undefined) return own
  return `${own}\nof the cluster, MB: ${clusterRoles.map((role) => `${role} ${figure(others[role])}`).join(', ')}`
}

/** What `size` found, for people and for programs. */
import { figure, table, type Outcome } from '../report.ts'
import { median, type Distribution } from '../statistics.ts'
import { writeModes, type WriteMode } from '../write-modes.ts'
import type { CollectivesReport } from './collectives.ts'
import type { DiskParts } from './disk-parts.ts'
import type { LoadReport } from './load.ts'
import type { MemoryUse } from './resident-memory.ts'
import type { OpenReport, ReadReport } from './read.ts'

/** One round of one mode. */
export interface LoadFigures extends LoadReport {
  readonly mode: WriteMode
  /** After everything was closed. */
  readonly closedBytes: number
}

export interface SizeFigures {
  readonly records: number
  readonly seed: number
  readonly rounds: number
  readonly loads: readonly LoadFigures[]
  readonly afterKill: readonly OpenReport[]
  readonly afterClose: readonly OpenReport[]
  readonly read: ReadReport
  readonly disk: DiskParts
  readonly collectives: CollectivesReport & { readonly made: number }
}

export const reportSize = (figures: SizeFigures): Outcome => {
  const { records, rounds, read } = figures
  const passed = read.differing === 0 && read.records === records
  const sections = [
    `${records} records of 384 dimensions and 200 bytes of text, medians of ${rounds} rounds`,
    loadTable(figures),
    openTable(figures),
    readTable(read),
    diskTable(figures),
    collectivesTable(figures),
    passed
      ? `${read.compared} searches compared with exact ones: all lists of ids are equal`
      : `FAILED: ${read.differing} of ${read.compared} searches differ, ${read.records} of ${records} records listed`,
  ]
  return { passed, text: sections.join('\n\n'), figures: { ...figures } }
}

const loadTable = ({ loads, records }: SizeFigures): string => {
  const heads = ['recorded', 'records/s', '÷ syncs/s', 'syncs/s', 'CPU µs/record', 'call p50 ms', 'p99 ms', 'close ms']
  return table(
    [...heads, 'bytes/record loaded', 'closed', 'peak RSS MB'],
    writeModes.map((mode) => {
      const of = (value: (load: LoadFigures) => number): string =>
        figure(median(loads.filter((load) => load.mode === mode).map(value)))
      return [
        mode,
        of(({ recordsPerSecond }) => recordsPerSecond),
        of(({ ratio }) => ratio),
        of(({ syncsPerSecond }) => syncsPerSecond),
        of(({ cpuUsPerRecord }) => cpuUsPerRecord),
        of(({ windowMs }) => windowMs.p50),
        of(({ windowMs }) => windowMs.p99),
        mode === 'one by one' ? 'killed' : of(({ closeMs }) => closeMs ?? Number.NaN),
        of(({ loadedBytes }) => loadedBytes / records),
        of(({ closedBytes }) => closedBytes / records),
        of(({ peakRssMb }) => peakRssMb),
      ]
    }),
  )
}

const openTable = ({ afterKill, afterClose, records }: SizeFigures): string => {
  const row = (name: string, openings: readonly OpenReport[]): string[] => [
    name,
    figure(median(openings.map(({ openMs }) => openMs))),
    figure(median(openings.map(({ searchableMs }) => searchableMs))),
    figure(median(openings.map(({ memoryBytes }) => memoryBytes)) / records),
  ]
  const rows = [row('after kill -9', afterKill), row('after a clean close', afterClose)]
  return table(['reopen, ms', 'open', 'first search', 'memory bytes/record'], rows)
}

const readTable = ({ getUs, search: { us, firstOver }, peakRssMb }: ReadReport): string => {
  const row = (name: string, { p50, p99 }: Distribution, ratio = ''): string[] => [
    name,
    figure(p50),
    figure(p99),
    ratio,
  ]
  const rows = [
    row('get', getUs),
    row('search k=10', us['search k=10'], figure(firstOver['dot loop'])),
    row('search k=20', us['search k=20']),
    row('dot loop', us['dot loop']),
  ]
  const read = table(['read', 'p50 µs', 'p99 µs', '× dot loop'], rows)
  return `${read}\npeak RSS of the reading process ${figure(peakRssMb)} MB`
}

const diskTable = ({ disk, records }: SizeFigures): string => {
  const { embeddings, otherState, outcomes, log, journal, files } = disk
  const state = disk.records + embeddings + otherState + outcomes
  const parts = { records: disk.records, embeddings, 'other state': otherState, outcomes, state, log, journal, files }
  const names = Object.keys(parts)
  return table(
    ['on the disk', ...names],
    [['bytes/record', ...Object.values(parts).map((bytes) => figure(bytes / records))]],
  )
}

const collectivesTable = ({ collectives }: SizeFigures): string => {
  const { made, openMs, opened, searched, byVector, byWords } = collectives
  const row = (name: string, count: number, { held, resident }: MemoryUse): string[] => [
    ...[name, figure(count), figure(held), figure(resident)],
  ]
  const rows = [
    row('opened', made, opened),
    row('searched by a vector', searched, byVector),
    row('and by words', searched, byWords),
  ]
  const heads = ['empty collectives', 'how many', 'bytes held by each', 'resident']
  return `${table(heads, rows)}\nopened in ${figure(openMs)} ms`
}

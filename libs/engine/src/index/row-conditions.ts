/**
 * The conditions of a query as tests over columns, one for each that can fail: `matchesFilter`, `isExpired` and
 * `includeArchived` without a record.
 */
import { experienceKinds } from '@waggle/protocol'
import type { ExperienceColumns } from './experience-columns.ts'
import type { ScanSink } from './scan/row-blocks.ts'
import type { Conditions } from './vector-index.ts'

const SAMPLE = 64

export interface RowTest {
  passes(row: number): boolean
  /** Writes those of the first `count` rows of `from` that pass to `to`, in their order; returns how many. */
  narrow(from: Uint32Array, count: number, to: Uint32Array): number
}

/**
 * The tests that some of the rows may fail, cheap ones first; none when all pass.
 * @param size how many rows there are, free ones left out: those may pass or fail
 */
export const testsOf = ({ filter, atMs }: Conditions, columns: ExperienceColumns, size: number): readonly RowTest[] => {
  const tests: RowTest[] = []
  const wantsAll = filter.includeArchived === true
  if (columns.live + (wantsAll ? columns.archived : 0) < size)
    tests.push(marked(columns.standing, standingMarks[wantsAll ? 'all' : 'live']))
  if (columns.expiring > 0) tests.push(above(columns.expiresAt, atMs))
  if (filter.types !== undefined) tests.push(marked(columns.kind, kindMarks(filter.types)))
  if (filter.minImportance !== undefined) tests.push(atLeast(columns.importance, filter.minImportance))
  if (filter.minConfidence !== undefined) tests.push(atLeast(columns.confidence, filter.minConfidence))
  if (filter.since !== undefined) tests.push(atLeast(columns.createdAt, filter.since))
  if (filter.until !== undefined) tests.push(atMost(columns.createdAt, filter.until))
  for (const [labels, wanted] of [
    [columns.agents, filter.agents],
    [columns.tasks, filter.tasks],
    [columns.domains, filter.domains],
    [columns.files, filter.files],
  ] as const)
    if (wanted !== undefined) tests.push(marked(labels.sets, labels.marks(wanted)))
  return tests
}

/** By standing: none, live, archived. */
const standingMarks = {
  live: Uint8Array.of(0, 1, 0),
  all: Uint8Array.of(0, 1, 1),
} as const

const kindMarks = (kinds: readonly string[]): Uint8Array =>
  Uint8Array.from(experienceKinds, (kind) => Number(kinds.includes(kind)))

// Without a branch, which half of all filters would mispredict half of the time.

const marked = (codes: Uint8Array | Uint32Array, marks: Uint8Array): RowTest => ({
  passes: (row) => marks[codes[row] as number] === 1,
  narrow: (from, count, to) => {
    let kept = 0
    for (let index = 0; index < count; index += 1) {
      const row = from[index] as number
      to[kept] = row
      kept += marks[codes[row] as number] as number
    }
    return kept
  },
})

const atLeast = (column: Float64Array, bound: number): RowTest => ({
  passes: (row) => (column[row] as number) >= bound,
  narrow: (from, count, to) => {
    let kept = 0
    for (let index = 0; index < count; index += 1) {
      const row = from[index] as number
      to[kept] = row
      kept += Number((column[row] as number) >= bound)
    }
    return kept
  },
})

const atMost = (column: Float64Array, bound: number): RowTest => ({
  passes: (row) => (column[row] as number) <= bound,
  narrow: (from, count, to) => {
    let kept = 0
    for (let index = 0; index < count; index += 1) {
      const row = from[index] as number
      to[kept] = row
      kept += Number((column[row] as number) <= bound)
    }
    return kept
  },
})

const above = (column: Float64Array, bound: number): RowTest => ({
  passes: (row) => (column[row] as number) > bound,
  narrow: (from, count, to) => {
    let kept = 0
    for (let index = 0; index < count; index += 1) {
      const row = from[index] as number
      to[kept] = row
      kept += Number((column[row] as number) > bound)
    }
    return kept
  },
})

/** Only rows that pass the tests are candidates. */
export class TestedRows implements ScanSink {
  readonly #sink: ScanSink
  readonly #tests: readonly RowTest[]

  constructor(sink: ScanSink, tests: readonly RowTest[]) {
    this.#sink = sink
    this.#tests = tests
  }

  get threshold(): number {
    return this.#sink.threshold
  }

  offer(row: number, least: number, most: number): void {
    for (const test of this.#tests) if (!test.passes(row)) return
    this.#sink.offer(row, least, most)
  }
}

/** The share of the first `rows` rows that pass the tests, 0..1, by an even sample. */
export const shareOf = (tests: readonly RowTest[], rows: number): number => {
  const sample = Math.min(rows, SAMPLE)
  let passing = 0
  for (let place = 0; place < sample; place += 1) {
    const row = Math.floor((place * rows) / sample)
    if (tests.every((test) => test.passes(row))) passing += 1
  }
  return passing / sample
}

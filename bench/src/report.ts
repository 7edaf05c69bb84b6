/** Tables that a person reads, and the file that a program reads. */
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { commit, load, machine } from './machine.ts'

/** What a benchmark found. */
export interface Outcome {
  /** False ends the process with 1. */
  readonly passed: boolean
  /** For stdout. */
  readonly text: string
  /** For `--out`; plain data. */
  readonly figures: Readonly<Record<string, unknown>>
}

/** Columns under their heads, the first to the left, all others to the right. */
export const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string => {
  const lines = [heads, ...rows]
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  const text = lines.map((line) =>
    widths
      .map((width, column) => {
        const cell = line[column] ?? ''
        return column === 0 ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  ')
      .trimEnd(),
  )
  text.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '))
  return text.join('\n')
}

/** A number with as many digits as it deserves: three, or all before the point. */
export const figure = (value: number): string => {
  const size = Math.abs(value)
  if (size >= 100 || Number.isInteger(value)) return Math.round(value).toString()
  return value.toFixed(size >= 10 ? 1 : size >= 1 ? 2 : 3)
}

/** Facts about a run that its figures need beside them. */
export const runFacts = (args: readonly string[], loadAtStart: readonly number[]) => ({
  date: new Date().toISOString(),
  commit: commit(),
  command: ['npm run bench --', ...args.map(withoutFolder)].join(' '),
  machine: machine(),
  loadAverage: { start: loadAtStart, end: load() },
})

/** Where things lie on one machine is nobody's business on another. */
const withoutFolder = (arg: string): string => {
  const [, option, path] = /^(--\w+=)?(.*\/.*)$/.exec(arg) ?? []
  return path === undefined ? arg : `${option ?? ''}…/${basename(path)}`
}

export const writeResult = async (file: string, result: unknown): Promise<void> => {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${JSON.stringify(result, rounded, 2)}\n`)
}

/** No digits that were not measured. */
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value

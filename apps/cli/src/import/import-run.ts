/** An import from its start to its summary. */
import type { CollectiveHandle } from '@waggle/sdk'
import type { ExitCode } from '../host.ts'
import { VectorFile } from '../matrix/vector-file.ts'
import type { Task } from '../task.ts'
import { count, counted } from '../terminal/layout.ts'
import { openLines, type Input } from './input.ts'
import { Ledger } from './ledger.ts'
import { LineFields, type FieldMap } from './line-fields.ts'
import { otherDimension, rowsLeft } from './matrix-check.ts'
import { recordLines } from './record-lines.ts'
import { restoreLines } from './restore-lines.ts'

export interface ImportPlan {
  readonly hive: CollectiveHandle
  /** `-` is stdin. */
  readonly path: string
  readonly embeddings?: string
  readonly concurrency: number
  readonly map?: FieldMap
  readonly keepGoing: boolean
  readonly restore: boolean
}

/** 0 when every line is in the store. @throws Fault when the input cannot be read, or the store cannot be written */
export const runImport = async (task: Task, plan: ImportPlan): Promise<ExitCode> => {
  const { hive, embeddings } = plan
  const matrix = embeddings === undefined ? undefined : await VectorFile.open(embeddings, hive.dimension)
  try {
    const input = await openLines(plan.path, task.host)
    try {
      await refuseOtherDimension(task, input, matrix)
      return await importLines(task, plan, input, matrix)
    } finally {
      input.close()
    }
  } finally {
    await matrix?.close()
  }
}

const importLines = async (
  task: Task,
  { hive, concurrency, map, keepGoing, restore }: ImportPlan,
  { lines, totalBytes }: Input,
  matrix: VectorFile | undefined,
): Promise<ExitCode> => {
  const { host, output } = task
  const { clock, interrupted } = host
  const reporter = output.reporter('import', 'lines')
  const ledger = new Ledger({ output, reporter, keepGoing, totalBytes })
  const fields = new LineFields({ withMatrix: matrix !== undefined, restore, ...(map === undefined ? {} : { map }) })
  const source = { lines, fields, matrix, hive, ledger }
  const countBefore = await recordCount(hive)
  const startedMs = clock.monotonicMs()
  const rows = restore ? await restoreLines(source) : await recordLines({ ...source, concurrency, timers: host.timers })
  const seconds = (clock.monotonicMs() - startedMs) / 1_000
  reporter.end()
  const excess = matrix === undefined || ledger.isStopped() || interrupted.aborted ? undefined : rowsLeft(matrix, rows)
  if (excess !== undefined) ledger.refuse({ number: rows + 1 }, excess)
  warnOfIgnored(task, fields.ignored, restore)
  if (ledger.broken !== undefined) throw ledger.broken
  // On a cluster others may write, or delete, at the same time: then the figure is near the truth, and not beyond it.
  const recorded = Math.min(ledger.done, Math.max(0, (await recordCount(hive)) - countBefore))
  await summarise(task, { done: ledger.done, failed: ledger.failed, recorded, seconds })
  if (interrupted.aborted) return 130
  return ledger.failed === 0 ? 0 : 1
}

const refuseOtherDimension = async (
  { host }: Task,
  { countRows }: Input,
  matrix: VectorFile | undefined,
): Promise<void> => {
  if (matrix === undefined || countRows === undefined) return
  const refusal = otherDimension(matrix, await countRows())
  // Rows that were counted up to an interrupt are not all of them.
  if (refusal !== undefined && !host.interrupted.aborted) throw refusal
}

const recordCount = async (hive: CollectiveHandle): Promise<number> => {
  const { experienceCount, relationCount, insightCount } = await hive.stats()
  return experienceCount + relationCount + insightCount
}

const warnOfIgnored = ({ output }: Task, names: readonly string[], restore: boolean): void => {
  if (names.length === 0) return
  const isExport = !restore && names.includes('createdAt') && names.includes('lastReinforced')
  const hint = isExport ? ' (lines of an export keep them with --restore)' : ''
  output.warn(`fields that were ignored: ${names.map((name) => JSON.stringify(name)).join(', ')}${hint}`)
}

interface Summary {
  readonly done: number
  readonly failed: number
  /** Those of `done` that were not there before. */
  readonly recorded: number
  readonly seconds: number
}

const summarise = async ({ output, host }: Task, { done, failed, recorded, seconds }: Summary): Promise<void> => {
  const recordsPerSecond = seconds > 0 ? Math.round(done / seconds) : 0
  const existing = done - recorded
  const interrupted = host.interrupted.aborted
  if (output.json) {
    const figures = { lines: done + failed, recorded, existing, failed, seconds: Number(seconds.toFixed(3)) }
    await output.data({ ...figures, recordsPerSecond, ...(interrupted ? { interrupted } : {}) }, () => [])
    return
  }
  const speed = `${seconds.toFixed(2)} s, ${count(recordsPerSecond)} records/s`
  output.note(
    `${counted(done + failed, 'line')}: ${count(recorded)} recorded, ${count(existing)} already there, ` +
      `${count(failed)} failed (${speed})`,
  )
  if (interrupted) output.note('interrupted: the same command goes on where it stopped')
}

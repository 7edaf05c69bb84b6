/** Many seeds, one after the other, each twice: what differs between two runs of one seed is a finding too. */
import type { Cells } from '../composition/cells.ts'
import type { PortWrapping } from '../cluster/simulated-cluster.ts'
import { FaultCounts } from '../faults/fault-counts.ts'
import { failureLines } from './report.ts'
import { runSeed, type SeedRun } from './run-seed.ts'
import { exitCodes, type Finding } from './verdict.ts'

export interface SimulateOptions {
  readonly seeds: readonly number[]
  /** Whether each seed runs once more, to compare. */
  readonly twice: boolean
  readonly untilFailure: boolean
  readonly mutant?: string | undefined
  readonly wrapping?: PortWrapping | undefined
  readonly settle: () => Promise<void>
  readonly print: (line: string) => void
}

export interface Simulated {
  readonly seeds: number
  readonly events: number
  readonly commands: number
  readonly failures: number
  readonly faults: FaultCounts
  readonly exitCode: number
}

/** What went wrong outside of any promise that the simulation awaits. */
const strays: string[] = []

/** To be called with what nobody caught. */
export const strayed = (error: unknown): void => {
  strays.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
}

export const simulate = async (options: SimulateOptions): Promise<Simulated> => {
  const { seeds, untilFailure, print, mutant } = options
  const faults = new FaultCounts()
  const totals = { seeds: 0, events: 0, commands: 0, failures: 0, exitCode: 0 }
  for (const seed of seeds) {
    const run = await judgedSeed(options, seed)
    totals.seeds += 1
    totals.events += run.events
    totals.commands += run.commands
    faults.add(run.faults)
    if (run.findings.length === 0) continue
    totals.failures += 1
    totals.exitCode ||= exitCodes[run.findings[0]?.verdict ?? 'crash']
    for (const line of failureLines(run, mutant)) print(line)
    if (untilFailure) break
  }
  return { ...totals, faults }
}

const judgedSeed = async ({ twice, wrapping, settle }: SimulateOptions, seed: number): Promise<SeedRun> => {
  const once = async (): Promise<SeedRun> => {
    strays.length = 0
    const run = await runSeed({ seed, settle, ...(wrapping === undefined ? {} : { wrapping }) })
    const stray = strays.map((what) => ({ verdict: 'crash', what }) as const)
    return { ...run, findings: [...stray, ...run.findings] }
  }
  const run = await once()
  if (!twice || run.findings.length > 0) return run
  const again = await once()
  const isSame =
    run.trace === again.trace && run.nextRandom === again.nextRandom && run.simulatedMs === again.simulatedMs
  const differs: Finding = { verdict: 'crash', what: `two runs differ: traces ${run.trace} and ${again.trace}` }
  return { ...run, findings: [...again.findings, ...(isSame ? [] : [differs])] }
}

/** How often everything was hit that can be counted. */
export const printCounts = ({ faults }: Simulated, cells: Cells, print: (line: string) => void): void => {
  print('faults:')
  for (const [kind, count] of faults.entries()) print(`  ${kind.padEnd(40)} ${count}`)
  for (const line of cells.lines()) print(line)
}

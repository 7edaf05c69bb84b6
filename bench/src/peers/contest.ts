/** What a question of the peers' bench has to work with, and how a contestant's phases are run. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Found, PeerFolder } from './peer-folder.ts'
import { runProgram, type Program } from './program.ts'
import type { Figure, Reading } from './reading.ts'
import type { Workload } from './workload.ts'
import type { Goal } from './goal.ts'

export type Size = 'small' | 'large'

/** A run of 100,000 records has other goals than one of 10,000, and fewer peers have the patience for it. */
const LARGE_FROM = 50_000

export const sizeOf = (records: number): Size => (records < LARGE_FROM ? 'small' : 'large')

/** One of the questions that `--only` chooses from. */
export interface Question {
  readonly name: string
  readonly goals: readonly Goal[]
  /** Runs that it has goals for. */
  readonly sizes: readonly Size[]
  /** One round. */
  measure(contest: Contest): Promise<void>
}

export interface ContestParts {
  /** Counted from 1. */
  readonly round: number
  readonly size: Size
  readonly clustered: Workload
  readonly hard: Workload
  readonly peers: PeerFolder
  /** Source of the extension for PostgreSQL, where it is given. */
  readonly pgvector: string | undefined
  /** Of real conversations, where it is given. */
  readonly data: string | undefined
  /** For stores, on the disk that is measured. */
  readonly folder: string
}

export const OURSELVES = 'Waggle'
const PHASE_MS_MAX = 1_800_000

export class Contest {
  readonly parts: ContestParts
  readonly readings: Reading[] = []
  /** Why a peer is not there, or what it failed with. */
  readonly absent: Map<string, string>

  constructor(parts: ContestParts, absent: Map<string, string>) {
    this.parts = parts
    this.absent = absent
  }

  note(contestant: string, figures: readonly Figure[]): void {
    const { round } = this.parts
    this.readings.push(...figures.map((figure) => ({ ...figure, contestant, round })))
  }

  /** One contestant after the other, another one first in each round; who comes first meets another disk. */
  async inTurns(contestants: readonly (() => Promise<void>)[]): Promise<void> {
    const shift = (this.parts.round - 1) % contestants.length
    for (const contestant of [...contestants.slice(shift), ...contestants.slice(0, shift)]) await contestant()
  }

  /** Ours is a program like the others'. */
  ourselves(): Found {
    return { program: { file: process.execPath, args: [process.argv[1] ?? '', 'peers-waggle'] } }
  }

  /**
   * Gives a new store the phases in their order, and notes what they report. A peer that fails is absent from there
   * on; where we fail, the run does.
   */
  async store(contestant: string, found: Found, workload: Workload, phases: readonly Phase[]): Promise<void> {
    if (this.absent.has(contestant)) return
    if ('absent' in found) {
      this.absent.set(contestant, found.absent)
      return
    }
    const store = join(this.parts.folder, 'store')
    try {
      for (const phase of phases) {
        const program = withArguments(found.program, [phase.name, store, workload.folder, ...(phase.more ?? [])])
        this.note(contestant, await runProgram(program, PHASE_MS_MAX))
      }
    } catch (error) {
      if (contestant === OURSELVES) throw error
      this.absent.set(contestant, error instanceof Error ? error.message : String(error))
    } finally {
      await rm(store, { recursive: true, force: true })
    }
  }
}

export interface Phase {
  readonly name: string
  /** Arguments behind the store and the workload. */
  readonly more?: readonly string[]
}

export const withArguments = (program: Program, more: readonly string[]): Program => ({
  ...program,
  args: [...program.args, ...more],
})

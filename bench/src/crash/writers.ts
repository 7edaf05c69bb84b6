/** Starts writers, kills them, and tells what they had begun and what they were told. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startChild } from '../child.ts'
import type { SeededRandom } from '../seeded-random.ts'
import { readLedger, type LedgerContents } from './ledger.ts'
import { plan, type Operation, type PlanStart } from './plan.ts'
import type { WriterTask } from './writer.ts'

/** When a writer is killed: so many milliseconds after it started, or after it began to write. */
export type Kill = { readonly from: 'start' | 'first operation'; readonly afterMs: number }

/** Most rounds kill one writer at work; every fourth then kills another soon after its start: in recovery, say. */
export const killsOf = (round: number, random: SeededRandom, seconds: number): readonly Kill[] => {
  const atWork: Kill = { from: 'first operation', afterMs: random.number() * seconds * 1_000 }
  return round % 4 === 0 ? [atWork, { from: 'start', afterMs: random.number() * 400 }] : [atWork]
}

export interface Written {
  /** Handed to the store, whatever became of it. */
  readonly begun: readonly Operation[]
  /** Ids by number of the record. */
  readonly acknowledged: ReadonlyMap<number, string>
  /** Where the plan goes on. */
  readonly next: PlanStart
}

/** Runs a writer into each kill, one after the other. */
export const writeAndKill = async (folder: string, start: PlanStart, kills: readonly Kill[]): Promise<Written> => {
  const begun: Operation[] = []
  const acknowledged = new Map<number, string>()
  let next = start
  for (const [index, kill] of kills.entries()) {
    const ledger = join(folder, `ledger-${start.operation}-${index}`)
    await runInto(kill, { ...next, path: join(folder, 'store'), ledger })
    const noted = readNotes(ledger)
    const operations = operationsFrom(next, noted.begun.length)
    begun.push(...operations)
    for (const [number, id] of noted.acknowledged) acknowledged.set(number, id)
    next = startAfter(next, operations)
  }
  return { begun, acknowledged, next }
}

const runInto = async ({ from, afterMs }: Kill, task: WriterTask): Promise<void> => {
  const writer = startChild('crash-writer', [JSON.stringify(task)])
  if (from === 'first operation') await writer.report()
  await new Promise((resolve) => setTimeout(resolve, afterMs))
  await writer.kill()
}

/** A writer that was killed before its first operation has left no notes. */
const readNotes = (ledger: string): LedgerContents => {
  try {
    return readLedger(readFileSync(ledger, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return readLedger('')
    throw error
  }
}

const operationsFrom = (start: PlanStart, count: number): readonly Operation[] => {
  const operations: Operation[] = []
  const source = plan(start)
  while (operations.length < count) operations.push(source.next().value)
  return operations
}

const startAfter = (start: PlanStart, operations: readonly Operation[]): PlanStart => {
  const last = operations.at(-1)
  if (last === undefined) return start
  return { ...start, operation: last.number + 1 }
}

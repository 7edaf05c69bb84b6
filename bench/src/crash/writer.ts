/** The process that is killed: writes what is planned, one operation after the other, and notes what it was told. */
import { openWaggle } from '@waggle/embedded'
import type { CollectiveHandle, Waggle } from '@waggle/sdk'
import { report } from '../child.ts'
import { recordAll } from '../write-modes.ts'
import { openLedger, type Ledger } from './ledger.ts'
import { collectiveOf, COLLECTIVES, DIMENSION, plan, plannedRecord, type Operation, type PlanStart } from './plan.ts'

/** What a writer is started with, as JSON. */
export interface WriterTask extends PlanStart {
  readonly path: string
  readonly ledger: string
}

/** The collectives of the plan, made where they are not there yet. */
export const openCollectives = async (waggle: Waggle): Promise<readonly CollectiveHandle[]> => {
  const hives: CollectiveHandle[] = []
  for (let index = 0; index < COLLECTIVES; index += 1)
    hives.push(await waggle.getOrCreateCollective({ name: `crash ${index}`, dimension: DIMENSION }))
  return hives
}

export const hiveOf = (hives: readonly CollectiveHandle[], record: number): CollectiveHandle =>
  hives[collectiveOf(record)] as CollectiveHandle

/** Reports once, when it begins to write; never ends by itself. */
export const crashWriter = async ([task]: readonly string[]): Promise<void> => {
  const { path, ledger: ledgerPath, ...start } = JSON.parse(task ?? '') as WriterTask
  const hives = await openCollectives(await openWaggle({ path }))
  const ledger = openLedger(ledgerPath)
  await report({ writing: true })
  for (const operation of plan(start)) await write(hives, ledger, operation, start.seed)
}

const write = async (
  hives: readonly CollectiveHandle[],
  ledger: Ledger,
  { number, mode, records }: Operation,
  seed: number,
): Promise<void> => {
  const hive = hiveOf(hives, records[0] as number)
  ledger.begin(number)
  const inputs = records.map((record) => plannedRecord(seed, record))
  if (mode !== '64 at a time') {
    const ids = await recordAll[mode](hive, inputs)
    ledger.have(records.map((record, index) => [record, ids[index] as string]))
    return
  }
  // Each is acknowledged on its own, and counts from then on.
  await Promise.all(
    inputs.map(async ({ input, key }, index) => {
      const { id } = await hive.record(input, { idempotencyKey: key })
      ledger.have([[records[index] as number, id]])
    }),
  )
}

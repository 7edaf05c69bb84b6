/** The process that is killed: writes what is planned, one operation after the other, and notes what it was told. */
import { openWaggle } from '@waggle/embedded'
import type { CollectiveHandle } from '@waggle/sdk'
import { report } from '../child.ts'
import { recordAll } from '../write-modes.ts'
import { openLedger, type Ledger } from './ledger.ts'
import { DIMENSION, plan, plannedRecord, type Operation, type PlanStart } from './plan.ts'

/** What a writer is started with, as JSON. */
export interface WriterTask extends PlanStart {
  readonly path: string
  readonly ledger: string
}

const COLLECTIVE = 'crash'

export const openCollective = async (path: string) => {
  const waggle = await openWaggle({ path })
  const hive = await waggle.getOrCreateCollective({ name: COLLECTIVE, dimension: DIMENSION })
  return { waggle, hive }
}

/** Reports once, when it begins to write; never ends by itself. */
export const crashWriter = async ([task]: readonly string[]): Promise<void> => {
  const { path, ledger: ledgerPath, ...start } = JSON.parse(task ?? '') as WriterTask
  const { hive } = await openCollective(path)
  const ledger = openLedger(ledgerPath)
  await report({ writing: true })
  for (const operation of plan(start)) await write(hive, ledger, operation, start.seed)
}

const write = async (
  hive: CollectiveHandle,
  ledger: Ledger,
  { number, mode, records }: Operation,
  seed: number,
): Promise<void> => {
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

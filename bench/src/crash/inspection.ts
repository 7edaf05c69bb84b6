/** Judges what a store holds after a crash, and completes what was in doubt. */
import type { CollectiveHandle } from '@waggle/sdk'
import { recordAll } from '../write-modes.ts'
import { judge, type Findings } from './judge.ts'
import { listAll, readAll, searchFor } from './look.ts'
import { plannedRecord, type Operation } from './plan.ts'
import { hiveOf } from './writer.ts'

export interface Expectation {
  readonly seed: number
  /** Ids of the records that must be there, by number. */
  readonly known: ReadonlyMap<number, string>
  /** Those in doubt: there whole, or not at all. */
  readonly inDoubt: readonly number[]
  /** Which of them to search for: searches cost more than everything else. */
  readonly searched: Iterable<number>
}

/** Where a fault belongs that is no single record's. */
const THE_STORE = -1

/** Sees every record by list and by id, and those named by search; returns the ids that the list shows. */
export const inspect = async (
  hives: readonly CollectiveHandle[],
  { seed, known, inDoubt, searched }: Expectation,
  findings: Findings,
): Promise<ReadonlyMap<number, readonly string[]>> => {
  const listed = await listAll(hives)
  const all = new Set([...known.keys(), ...inDoubt, ...listed.keys()])
  const ids = new Map<number, string>()
  for (const number of all) {
    const id = known.get(number) ?? listed.get(number)?.[0]
    if (id !== undefined) ids.set(number, id)
  }
  const byId = await readAll(hives, seed, ids)
  const found = new Map<number, number>()
  for (const number of searched) found.set(number, await searchFor(hiveOf(hives, number), seed, number))
  for (const number of all) {
    const times = found.get(number)
    const sighting = {
      acknowledged: known.has(number),
      listed: listed.get(number)?.length ?? 0,
      byId: byId.get(number) ?? 'absent',
      ...(times === undefined ? {} : { found: times }),
    }
    findings.note(number, judge(sighting))
  }
  let counted = 0
  for (const hive of hives) counted += (await hive.stats()).experienceCount
  if (counted !== [...listed.values()].flat().length) findings.note(THE_STORE, 'half')
  return listed
}

/** `recordMany` is all or nothing: notes a batch of which a part is there. */
export const noteTorn = (
  operations: readonly Operation[],
  listed: ReadonlyMap<number, unknown>,
  findings: Findings,
): void => {
  for (const { mode, records } of operations) {
    const absent = records.filter((record) => !listed.has(record))
    const torn = mode === 'recordMany of 64' && absent.length > 0 && absent.length < records.length
    if (torn) findings.note(absent[0] as number, 'half')
  }
}

/** Repeats operations with the keys that they had; what was there must be answered with the id that it has. */
export const repeat = async (
  hives: readonly CollectiveHandle[],
  { seed, operations }: { readonly seed: number; readonly operations: readonly Operation[] },
  listed: ReadonlyMap<number, readonly string[]>,
  findings: Findings,
): Promise<ReadonlyMap<number, string>> => {
  const ids = new Map<number, string>()
  for (const { mode, records } of operations) {
    const hive = hiveOf(hives, records[0] as number)
    const inputs = records.map((number) => plannedRecord(seed, number))
    for (const [index, id] of (await recordAll[mode](hive, inputs)).entries()) {
      const number = records[index] as number
      const [present] = listed.get(number) ?? []
      if (present !== undefined && present !== id) findings.note(number, 'doubled')
      ids.set(number, id)
    }
  }
  return ids
}

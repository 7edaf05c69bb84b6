/** The three ways in which records arrive. */
import type { CollectiveHandle, ExperienceInput } from '@waggle/sdk'

export const writeModes = ['one by one', '64 at a time', 'recordMany of 64'] as const
export type WriteMode = (typeof writeModes)[number]

/** Records that one call, or as many calls at once, write. */
export const widthOf: Readonly<Record<WriteMode, number>> = {
  'one by one': 1,
  '64 at a time': 64,
  'recordMany of 64': 64,
}

/** One record, and the key that makes repeating it harmless. */
export interface KeyedInput {
  readonly key: string
  readonly input: ExperienceInput
}

/** Writes records in one mode; resolves with their ids, in their order, when all are durable. */
export const recordAll: Readonly<
  Record<WriteMode, (hive: CollectiveHandle, records: readonly KeyedInput[]) => Promise<readonly string[]>>
> = {
  async 'one by one'(hive, records) {
    const ids: string[] = []
    for (const { key, input } of records) ids.push((await hive.record(input, { idempotencyKey: key })).id)
    return ids
  },

  '64 at a time': async (hive, records) =>
    Promise.all(records.map(async ({ key, input }) => (await hive.record(input, { idempotencyKey: key })).id)),

  async 'recordMany of 64'(hive, records) {
    const [first] = records
    if (first === undefined) return []
    const inputs = records.map(({ input }) => input)
    return (await hive.recordMany(inputs, { idempotencyKey: `${first.key} and ${inputs.length - 1} more` })).ids
  },
}

/** Runs of `width`; the last may be shorter. */
export const inWindows = <Item>(items: readonly Item[], width: number): readonly (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / width) }, (_, index) => items.slice(index * width, (index + 1) * width))

export interface TimedRecords {
  readonly ids: readonly string[]
  /** How long each window took. */
  readonly windowsMs: readonly number[]
  /** Processor time of the whole process meanwhile, the database's threads included. */
  readonly cpuUs: number
}

/** Writes records window by window. */
export const timedRecords = async (
  hive: CollectiveHandle,
  records: readonly KeyedInput[],
  mode: WriteMode,
): Promise<TimedRecords> => {
  const before = process.cpuUsage()
  const ids: string[] = []
  const windowsMs: number[] = []
  for (const window of inWindows(records, widthOf[mode])) {
    const start = performance.now()
    const written = await recordAll[mode](hive, window)
    windowsMs.push(performance.now() - start)
    ids.push(...written)
  }
  const { user, system } = process.cpuUsage(before)
  return { ids, windowsMs, cpuUs: user + system }
}

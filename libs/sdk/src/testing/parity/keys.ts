/** What the cases of the batch store write, and how they read it back: keys and values as text. */
import { systemClock, systemTimers, poll } from '@waggle/kernel'
import type { CollectiveHandle } from '../../collective-handle.ts'

export type TextEntry = readonly [key: string, value: string]

export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
export const textsOf = (list: readonly Uint8Array[]): readonly string[] => list.map(textOf)

/** One entry of a list of entries, as text. */
const textEntry = ([key, value]: readonly [Uint8Array, Uint8Array]): TextEntry => [textOf(key), textOf(value)]
export const textEntries = (entries: readonly (readonly [Uint8Array, Uint8Array])[]): readonly TextEntry[] =>
  entries.map(textEntry)

/** All that an iteration gives. */
export const all = async <Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> => {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}

export type RangeInput = Parameters<CollectiveHandle['keys']['range']>[0]

/** The rows of a range. */
export const rows = async ({ keys }: CollectiveHandle, range: RangeInput = {}): Promise<readonly TextEntry[]> =>
  textEntries(await all(keys.range(range)))

export const keysOf = async (hive: CollectiveHandle, range: RangeInput = {}): Promise<readonly string[]> =>
  (await rows(hive, range)).map(([key]) => key)

/** The value of a key. */
export const valueOf = async ({ keys }: CollectiveHandle, key: string): Promise<string | undefined> => {
  const value = await keys.get(key)
  return value === undefined ? undefined : textOf(value)
}

/** Puts each of the lists as a batch of its own; their sequences. */
export const putEach = async (
  { keys }: CollectiveHandle,
  batches: readonly (readonly TextEntry[])[],
): Promise<readonly number[]> => {
  const sequences: number[] = []
  for (const batch of batches) sequences.push((await keys.put(batch)).sequence)
  return sequences
}

/** So many batches of one entry each, `k01 = v01` and so on; their sequences. */
export const putMany = async (hive: CollectiveHandle, count: number, prefix = 'k'): Promise<readonly number[]> =>
  putEach(
    hive,
    Array.from({ length: count }, (_, n) => [[`${prefix}${numbered(n + 1)}`, `v${numbered(n + 1)}`]]),
  )

export const numbered = (n: number): string => String(n).padStart(3, '0')

/** The entries of a batch, as text. */
export const batchOf = async (
  { keys }: CollectiveHandle,
  sequence: number,
): Promise<readonly TextEntry[] | undefined> => {
  const entries = await keys.batch(sequence)
  return entries === undefined ? undefined : textEntries(entries)
}

/** Upkeep goes on in the background of a shard. */
const UPKEEP_MS_MAX = 30_000

/** Asks until `ask` gives what was wanted; fails with what was seen last. */
const eventually = async <Seen>(what: string, ask: () => Promise<Seen>, isIt: (seen: Seen) => boolean) => {
  let last: Seen | undefined
  const waiting = { clock: systemClock, timers: systemTimers }
  const found = await poll(waiting, { everyMs: 20, durationMsMax: UPKEEP_MS_MAX }, async () => {
    last = await ask()
    return isIt(last) ? { last } : undefined
  })
  if (found === undefined) throw new Error(`never: ${what}; seen last: ${JSON.stringify(last)}`)
}

/** Waits until the oldest batch that is kept is that one; `undefined`: none is. */
export const untilOldest = async ({ keys }: CollectiveHandle, oldest: number | undefined): Promise<void> =>
  eventually(
    `the oldest batch is ${oldest}`,
    () => keys.oldestRetained(),
    (seen) => seen === oldest,
  )

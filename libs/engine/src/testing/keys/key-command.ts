/** Random writes and reads of one collective's keys, as data: a model and a store do the same with them. */
import type { Chance } from '../memory/memory-command.ts'

/** Bytes, one character each: they can be compared, and be keys of a map. */
export type Latin = string
export type LatinEntry = readonly [key: Latin, value: Latin]

export type SingleKeyCommand =
  | { readonly operation: 'keys.put'; readonly entries: readonly LatinEntry[] }
  | { readonly operation: 'keys.delete'; readonly keys: readonly Latin[] }

export type KeyCommand =
  | SingleKeyCommand
  | { readonly operation: 'batch.commit'; readonly commands: readonly SingleKeyCommand[] }
  /** A put in parts, which are staged in this order, some of them twice. */
  | { readonly operation: 'upload'; readonly entries: readonly LatinEntry[]; readonly order: readonly number[] }
  /** A part of something that is never put. */
  | { readonly operation: 'keys.stage'; readonly index: number; readonly bytes: Latin }

export interface RangeRead {
  readonly start?: Latin
  readonly end?: Latin
  readonly limit?: number
  readonly reverse: boolean
  readonly batchSize: number
}

/** Few, so that writes meet: the empty one, prefixes of one another, the longest, and every kind of last byte. */
const KEYS: readonly Latin[] = [
  ...['', '\x00', '\x00\x00', 'a', 'a\x00', 'a\xff', 'a\xff\xff', 'aa', 'ab', 'b', 'b/1', 'b/2', 'b/10'],
  ...['\x7f', '\x80', '\xfe\xff', '\xff', '\xff\xff', '\xff'.repeat(254), '\x00'.repeat(254), 'm'.repeat(253)],
]
const PARTS_MAX = 5

const pick = <Item>(items: readonly Item[], chance: Chance): Item => items[chance(items.length)] as Item
const some = <Made>(most: number, make: () => Made, chance: Chance): Made[] =>
  Array.from({ length: 1 + chance(most) }, make)

const key = (chance: Chance): Latin => pick(KEYS, chance)
const value = (chance: Chance): Latin => {
  const size = pick([0, 1, 11, 12, 13, 300, 5_000], chance)
  return String.fromCharCode(chance(256)).repeat(size)
}
const entries = (most: number, chance: Chance): LatinEntry[] =>
  some(most, () => [key(chance), value(chance)] as const, chance)

const single = (chance: Chance): SingleKeyCommand =>
  chance(3) === 0
    ? { operation: 'keys.delete', keys: some(4, () => key(chance), chance) }
    : { operation: 'keys.put', entries: entries(6, chance) }

const upload = (chance: Chance): KeyCommand => {
  const count = 1 + chance(PARTS_MAX)
  const order = Array.from({ length: count }, (_, index) => index)
  for (let index = count - 1; index > 0; index -= 1) {
    const other = chance(index + 1)
    ;[order[index], order[other]] = [order[other] as number, order[index] as number]
  }
  return { operation: 'upload', entries: entries(12, chance), order: [...order, ...order.slice(0, chance(2))] }
}

export const randomKeyCommand = (chance: Chance): KeyCommand => {
  const dice = chance(12)
  if (dice < 8) return single(chance)
  if (dice < 10) return { operation: 'batch.commit', commands: some(4, () => single(chance), chance) }
  return dice < 11 ? upload(chance) : { operation: 'keys.stage', index: chance(PARTS_MAX), bytes: `x${value(chance)}` }
}

export const randomRange = (chance: Chance): RangeRead => ({
  ...(chance(3) === 0 ? {} : { start: key(chance) }),
  ...(chance(3) === 0 ? {} : { end: key(chance) }),
  ...(chance(2) === 0 ? {} : { limit: chance(6) }),
  reverse: chance(2) === 0,
  batchSize: 1 + chance(5),
})

export const randomKeys = (chance: Chance): Latin[] => some(9, () => key(chance), chance)

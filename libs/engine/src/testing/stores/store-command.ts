/** Random writes of the batch, vector and page stores of one collective, as data: a model and a store do the same. */
import type { Chance } from '../memory/memory-command.ts'

export type Entry = readonly [key: string, value: string]

export interface Memory {
  readonly id: string
  readonly content: string
}

export type SingleStoreCommand =
  | { readonly operation: 'keys.put'; readonly entries: readonly Entry[] }
  | { readonly operation: 'keys.delete'; readonly keys: readonly string[] }
  | {
      readonly operation: 'vectors.store'
      readonly items: readonly { readonly id: string; readonly vector: readonly number[] }[]
    }
  | { readonly operation: 'vectors.delete' | 'payloads.delete'; readonly ids: readonly string[] }
  | {
      readonly operation: 'payloads.store'
      readonly items: readonly { readonly id: string; readonly payload: unknown }[]
    }

export type StoreCommand =
  | SingleStoreCommand
  | { readonly operation: 'batch.commit'; readonly commands: readonly SingleStoreCommand[] }
  /** Of all keys that begin so, those that were there when it was asked for. */
  | { readonly operation: 'keys.prune'; readonly prefix: string }
  | { readonly operation: 'pages.store'; readonly memories: readonly Memory[] }
  | { readonly operation: 'pages.delete'; readonly id: string }

export const STORE_DIMENSION = 3

/** Few of each, so that commands meet; the empty key, and keys that are prefixes of others, among them. */
const KEYS = ['', 'a', 'a\u0000', 'a/1', 'a/2', 'b', 'b/1', 'b/2', 'b/3', '\u00ff', 'zz'] as const
const PREFIXES = ['', 'a/', 'b/', 'b'] as const
const IDS = ['0', '1', '7', '9007199254740993', '18446744073709551615'] as const
const MEMORIES = 5
/** Larger than a page of the page store. */
const LARGE = 90_000

const pick = <Item>(items: readonly Item[], chance: Chance): Item => items[chance(items.length)] as Item
const some = <Made>(most: number, chance: Chance, make: () => Made): Made[] =>
  Array.from({ length: 1 + chance(most) }, make)

const content = (chance: Chance): string => `${chance(1_000)} `.repeat(chance(4) === 0 ? LARGE / 4 : 1 + chance(5))
const memoryId = (chance: Chance): string => `00000000-0000-4000-8000-0000000000a${chance(MEMORIES)}`
const vector = (chance: Chance): number[] => [chance(5), chance(5) - 2, chance(5)]
const payload = (chance: Chance): unknown =>
  pick([null, chance(9), 'text', [1, [chance(3)]], { kind: chance(3), deep: { list: [true, null] } }], chance)

const singles: readonly ((chance: Chance) => SingleStoreCommand)[] = [
  (chance) => ({
    operation: 'keys.put',
    entries: some(5, chance, () => [pick(KEYS, chance), content(chance)] as const),
  }),
  (chance) => ({ operation: 'keys.delete', keys: some(2, chance, () => pick(KEYS, chance)) }),
  (chance) => ({
    operation: 'vectors.store',
    items: some(3, chance, () => ({ id: pick(IDS, chance), vector: vector(chance) })),
  }),
  (chance) => ({ operation: 'vectors.delete', ids: some(2, chance, () => pick(IDS, chance)) }),
  (chance) => ({
    operation: 'payloads.store',
    items: some(3, chance, () => ({ id: pick(IDS, chance), payload: payload(chance) })),
  }),
  (chance) => ({ operation: 'payloads.delete', ids: some(2, chance, () => pick(IDS, chance)) }),
]

const others: readonly ((chance: Chance) => StoreCommand)[] = [
  (chance) => ({ operation: 'batch.commit', commands: some(4, chance, () => pick(singles, chance)(chance)) }),
  (chance) => ({ operation: 'keys.prune', prefix: pick(PREFIXES, chance) }),
  (chance) => ({
    operation: 'pages.store',
    memories: some(3, chance, () => ({ id: memoryId(chance), content: content(chance) })),
  }),
  (chance) => ({ operation: 'pages.delete', id: memoryId(chance) }),
]

export const randomStoreCommand = (chance: Chance): StoreCommand =>
  pick<(chance: Chance) => StoreCommand>([...singles, ...singles, ...others], chance)(chance)

/** Random writes of one collective's page store, as data: a model and a store do the same with them. */
import type { Chance } from '../memory/memory-command.ts'

export interface CommandMemory {
  readonly id: string
  readonly content: string
}

export type PageCommand =
  | { readonly operation: 'pages.allocate' | 'pages.checkpoint' }
  | { readonly operation: 'pages.write'; readonly page: number; readonly text: string }
  | { readonly operation: 'pages.store'; readonly memories: readonly CommandMemory[] }
  | { readonly operation: 'pages.update'; readonly page: number; readonly memory: CommandMemory }
  | { readonly operation: 'pages.delete'; readonly page?: number; readonly id?: string }

/** Few of each, so that commands meet. */
const MEMORIES = 6
const PAGES = 12
/** Beyond what a memory may be. */
const TOO_LARGE = 4_100_000
/** Around a page's 65,504 bytes, and around two of them. */
const SIZES = [0, 9, 500, 65_000, 65_504, 70_000, 131_000, 200_000] as const

const pick = <Item>(items: readonly Item[], chance: Chance): Item => items[chance(items.length)] as Item
const textOf = (chance: Chance, size: number): string => String.fromCharCode(97 + chance(26)).repeat(size)
const idOf = (chance: Chance): string => `00000000-0000-4000-8000-0000000000a${chance(MEMORIES)}`
const pageOf = (chance: Chance): number => 1 + chance(PAGES)

const memoryOf = (chance: Chance): CommandMemory => ({
  id: idOf(chance),
  content: textOf(chance, chance(60) === 0 ? TOO_LARGE : pick(SIZES, chance)),
})
const store = (chance: Chance): PageCommand => ({
  operation: 'pages.store',
  memories: Array.from({ length: 1 + chance(3) }, () => memoryOf(chance)),
})
const forget = (chance: Chance): PageCommand => ({ operation: 'pages.delete', id: idOf(chance) })

const commands: readonly ((chance: Chance) => PageCommand)[] = [
  store,
  store,
  store,
  forget,
  forget,
  (chance) => ({ operation: 'pages.delete', page: pageOf(chance) }),
  (chance) => ({ operation: 'pages.delete', page: pageOf(chance), id: idOf(chance) }),
  () => ({ operation: 'pages.allocate' }),
  (chance) => ({ operation: 'pages.write', page: pageOf(chance), text: textOf(chance, pick([0, 5, 65_504], chance)) }),
  (chance) => ({ operation: 'pages.update', page: pageOf(chance), memory: memoryOf(chance) }),
  () => ({ operation: 'pages.checkpoint' }),
]

export const randomPageCommand = (chance: Chance): PageCommand => pick(commands, chance)(chance)

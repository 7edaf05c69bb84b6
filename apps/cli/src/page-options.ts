/** Options of commands that list page by page, and how they go through the pages. */
import type { Page, PageInput } from '@waggle/sdk'
import type { Command } from 'commander'
import { decodeNumber } from './option-values.ts'
import { stopIfInterrupted, type Task } from './task.ts'

export interface PageOptions {
  readonly limit?: number
  readonly cursor?: string
  readonly offset?: number
  readonly all?: boolean
}

export const addPageOptions = (command: Command): Command =>
  command
    .option('--limit <n>', 'of one page, 1..1000 (default: 100)', decodeNumber)
    .option('--cursor <text>', 'where the page before ended')
    .option('--offset <n>', 'how many to skip, instead of a cursor', decodeNumber)
    .option('--all', 'all pages')

/** Prints one page, or all of them; says on stderr how to go on. */
export const printPages = async <Item>(
  task: Task,
  { limit, cursor: from, offset, all = false }: PageOptions,
  list: (page: PageInput) => Promise<Page<Item>>,
  print: (item: Item) => Promise<void>,
): Promise<void> => {
  const { output } = task
  let page: PageInput = { limit, offset, cursor: from }
  let cursor: string | undefined
  do {
    stopIfInterrupted(task)
    const found = await list(page)
    for (const item of found.items) await print(item)
    cursor = found.cursor
    page = { limit, cursor }
  } while (all && cursor !== undefined)
  if (cursor !== undefined) output.note(output.json ? JSON.stringify({ cursor }) : `more: --cursor ${cursor}`)
}

/** The experiences of a collective, oldest first, as the lines of an export. */
import type { CollectiveHandle } from '@waggle/sdk'
import { exportLine } from '../experience-form.ts'

/** Records of one page: a page ends earlier by its bytes, so this only bounds small ones. */
const PAGE_RECORDS = 500

/** Page by page; each line ends in a line feed. */
export async function* exportPages(hive: CollectiveHandle): AsyncGenerator<readonly string[]> {
  let cursor: string | undefined
  do {
    const page = await hive.list({ limit: PAGE_RECORDS, include: ['embedding'], cursor })
    yield page.items.map((item) => `${exportLine(item)}\n`)
    cursor = page.cursor
  } while (cursor !== undefined)
}

/** Everything that a collective holds, page by page, oldest first, with embeddings. */
import type { CollectiveHandle, Experience, Insight, Page, Relation } from '@waggle/sdk'

/** Records of one page: a page ends earlier by its bytes, so this only bounds small ones. */
const PAGE_RECORDS = 500

/** Records of one entity. */
export type RecordPage =
  | { readonly entity: 'experience'; readonly items: readonly Experience[] }
  | { readonly entity: 'relation'; readonly items: readonly Relation[] }
  | { readonly entity: 'insight'; readonly items: readonly Insight[] }

/** Experiences, then relations, then insights, so that nothing comes before what it hangs on. */
export async function* wholeCollective(hive: CollectiveHandle): AsyncGenerator<RecordPage> {
  const [limit, include] = [PAGE_RECORDS, ['embedding'] as const]
  for await (const items of pagesOf(async (cursor) => hive.list({ limit, include, cursor })))
    yield { entity: 'experience', items }
  for await (const items of pagesOf(async (cursor) => hive.relations({ limit, cursor })))
    yield { entity: 'relation', items }
  for await (const items of pagesOf(async (cursor) => hive.listInsights({ limit, include, cursor })))
    yield { entity: 'insight', items }
}

async function* pagesOf<Item>(
  list: (cursor: string | undefined) => Promise<Page<Item>>,
): AsyncGenerator<readonly Item[]> {
  let cursor: string | undefined
  do {
    const page = await list(cursor)
    yield page.items
    cursor = page.cursor
  } while (cursor !== undefined)
}

import { limits, type CollectiveId, type Experience } from '@waggle/protocol'
import { expect, test } from 'vitest'
import { openTestEngine } from '../../testing/test-engine.ts'

test.each([
  ['characters that JSON escapes', { content: '\u0001'.repeat(100_000) }, {}, 14],
  ['many files', { content: 'x', relatedFiles: Array.from({ length: 100 }, () => 'f'.repeat(500)) }, {}, 200],
  ['embeddings', { content: 'x' }, { include: ['embedding'] }, 100],
])('K8 a page of records with %s ends before a reply does, in either encoding', async (_, fields, options, count) => {
  const engine = await openTestEngine()
  const created = await engine.call('collective.create', { name: 'bees', dimension: 4_096 })
  const { id: collective } = created.collective as { id: CollectiveId }
  const embedding = Array.from({ length: 4_096 }, (_, n) => 1 / (n + 3))
  for (let n = 0; n < count; n += 1) await engine.call('experience.record', { collective, ...fields, embedding })
  const found = new Set<string>()
  let cursor: unknown
  let pages = 0
  do {
    const page = await engine.call('experience.list', { collective, limit: 1_000, cursor, ...options })
    const items = page.items as Experience[]
    const asJson = JSON.stringify(items.map((item) => ({ ...item, embedding: Array.from(item.embedding ?? []) })))
    expect(Buffer.byteLength(asJson)).toBeLessThan(limits.REPLY_BYTES_MAX)
    for (const { id } of items) found.add(id)
    ;({ cursor } = page)
    pages += 1
  } while (cursor !== undefined)
  expect(found.size).toBe(count)
  expect(pages).toBeGreaterThan(1)
})

/** MenteDB's cases of its page store, and of what hangs on memories, over crashes. */
import { limits } from '@waggle/protocol'
import { expect } from 'vitest'
import type { CollectiveHandle } from '../../collective-handle.ts'
import { experience, expectRefusal, givenId, refusal } from '../samples.ts'
import type { Cases } from './parity-store.ts'

type MemoryInput = Parameters<CollectiveHandle['pages']['storeMemory']>[0]

const AGENT = givenId(0xa0)

const memory = (n: number, fields: Partial<MemoryInput> = {}): MemoryInput => ({
  id: givenId(n),
  agentId: AGENT,
  memoryType: 'semantic',
  content: `memory ${n}`,
  embedding: [n, 0.5],
  createdAt: 1_700_000_000_000_000 + n,
  accessedAt: 1_700_000_000_000_000,
  tags: ['a tag'],
  ...fields,
})

/** Larger than a page, so that it goes on in others. */
const large = (n: number): MemoryInput => memory(n, { content: 'x'.repeat(3 * limits.PAGE_DATA_BYTES) })

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1)

/** Ids of the memories that a scan finds, without order. */
const scanned = async ({ pages }: CollectiveHandle): Promise<readonly string[]> => {
  const { items, damaged } = await pages.scan()
  expect(damaged).toEqual([])
  return items.map(({ id }) => id).sort()
}

const idsOf = (numbers: readonly number[]): readonly string[] => numbers.map(givenId).sort()

export const pageParity = (it: Cases): void => {
  pages(it)
  crashes(it)
  forgetting(it)
  graph(it)
}

const pages = (it: Cases): void => {
  it('mentedb test_out_of_range: a page that was never given out is refused, and none is made of it', async (given) => {
    const { pages } = given.hive
    const { page } = await pages.allocate()
    expect(page).toBeGreaterThan(0)
    await pages.write(page, 'mine')
    for (const wrong of [page + 1, page + 1_000_000]) {
      expect((await refusal(pages.read(wrong))).details.page ?? wrong).toBe(wrong)
      expect(['notFound', 'invalid']).toContain((await refusal(pages.read(wrong))).kind)
      expect(['notFound', 'invalid']).toContain((await refusal(pages.write(wrong, 'not mine'))).kind)
    }
    for (const wrong of [0, -1, 1.5]) await expectRefusal(pages.read(wrong), 'INVALID_FIELD', 'page')
    await expectRefusal(pages.write(page, new Uint8Array(limits.PAGE_DATA_BYTES + 1)), 'CONTENT_TOO_LARGE', 'bytes')
    expect(new TextDecoder().decode((await pages.read(page)).bytes)).toMatch(/^mine/)
  })

  it('mentedb test_concurrent_writes_from_threads: of many writers at once nothing is lost', async ({ hive }) => {
    const stored = await Promise.all(
      upTo(60).map(async (n) => hive.pages.storeMemory(n % 20 === 0 ? large(n) : memory(n))),
    )
    expect(new Set(stored.map(({ page }) => page)).size).toBe(60)
    expect(await scanned(hive)).toEqual(idsOf(upTo(60)))
    for (const [index, { page }] of stored.entries())
      expect((await hive.pages.loadMemory(page))?.id).toBe(givenId(index + 1))
    // An id that is stored again keeps its page (a deviation: theirs takes a second one).
    const again = await hive.pages.storeMemory(memory(7, { content: 'anew' }))
    expect(again.page).toBe(stored[6]!.page)
    expect((await hive.pages.loadMemory(again.page))?.content).toBe('anew')
    expect(await scanned(hive)).toHaveLength(60)
  })
}

const crashes = (it: Cases): void => {
  it.restarted(
    'mentedb test_append_then_sync_is_durable: what was stored before a checkpoint',
    async ({ hive }) => {
      const { pages } = await hive.pages.storeMemories([memory(1), large(2)])
      await hive.pages.checkpoint()
      return pages
    },
    async ({ hive }, pages) => {
      expect((await hive.pages.loadMemory(pages[0]!))?.content).toBe('memory 1')
      expect((await hive.pages.loadMemory(pages[1]!))?.content).toBe(large(2).content)
    },
  )

  it.restarted(
    'mentedb test_crash_recovery: what no checkpoint followed, with every field',
    async ({ hive }) => {
      const full = memory(1, {
        userId: givenId(2),
        spaceId: givenId(3),
        memoryType: 'antiPattern',
        context: 'where',
        accessCount: 7,
        salience: 0.25,
        confidence: 0.75,
        attributes: { text: 'a', number: 1.5, yes: true },
        validFrom: 1,
        validUntil: 2,
      })
      const { page } = await hive.pages.storeMemory(full)
      await hive.pages.updateMemory(page, { ...full, content: 'as it was last' })
      return { page, full }
    },
    async ({ hive }, { page, full }) => {
      const found = await hive.pages.loadMemory(page)
      expect(found).toEqual({ ...full, content: 'as it was last', embedding: Float32Array.of(1, 0.5) })
    },
  )

  it.restarted(
    'mentedb test_delete_survives_crash: a memory that was deleted is not there, the others are',
    async ({ hive }) => {
      const { pages } = await hive.pages.storeMemories([memory(1), large(2), memory(3)])
      await hive.pages.deleteMemory(pages[1]!)
      return pages
    },
    async ({ hive }, pages) => {
      expect(await scanned(hive)).toEqual(idsOf([1, 3]))
      expect(await hive.pages.loadMemory(givenId(2))).toBeUndefined()
      expect((await hive.pages.loadMemory(pages[0]!))?.content).toBe('memory 1')
    },
  )

  it.restarted(
    'mentedb test_delete_reuse_crash_recovery: a page that was freed and given out again has the new memory',
    async ({ hive }) => {
      const { pages } = await hive.pages.storeMemories([memory(1), memory(2)])
      await hive.pages.deleteMemory(pages[0]!)
      const { page } = await hive.pages.storeMemory(memory(3))
      expect(page).toBe(pages[0])
      return page
    },
    async ({ hive }, page) => {
      expect((await hive.pages.loadMemory(page))?.id).toBe(givenId(3))
      expect(await scanned(hive)).toEqual(idsOf([2, 3]))
      // And the next one has a page of its own.
      const next = await hive.pages.storeMemory(memory(4))
      expect(await scanned(hive)).toEqual(idsOf([2, 3, 4]))
      expect(next.page).not.toBe(page)
    },
  )
}

const forgetting = (it: Cases): void => {
  it.restarted(
    'mentedb forget_durability: forgotten at once, after a checkpoint, and large ones: none comes back',
    async ({ hive }) => {
      await hive.pages.storeMemories([memory(1), memory(2), large(3), memory(4)])
      await hive.pages.deleteMemory(givenId(1))
      await hive.pages.checkpoint()
      await hive.pages.deleteMemory(givenId(2))
      await hive.pages.deleteMemory(givenId(3))
      const { freePages } = await hive.pages.status()
      expect(freePages).toBeGreaterThanOrEqual(5)
      return freePages
    },
    async ({ hive }, freePages) => {
      expect(await scanned(hive)).toEqual(idsOf([4]))
      for (const n of [1, 2, 3]) expect(await hive.pages.loadMemory(givenId(n))).toBeUndefined()
      expect(await hive.pages.status()).toMatchObject({ freePages, memoryCount: 1 })
    },
  )

  it.restarted(
    'mentedb snapshot_amortization: recall finds after a crash what it found, and nothing that was forgotten',
    async ({ hive }) => {
      const { ids } = await hive.recordMany(upTo(5).map((n) => experience({ embedding: [1, n, 0, 0] })))
      await hive.search({ embedding: [1, 0, 0, 0] })
      await hive.delete(ids[0]!)
      return ids
    },
    async ({ hive }, ids) => {
      const { results } = await hive.search({ embedding: [1, 0, 0, 0], k: 10 })
      expect(results.map((hit) => hit.experience.id)).toEqual(ids.slice(1))
    },
  )
}

const graph = (it: Cases): void => {
  it.restarted(
    'mentedb test_edges_survive_crash: relations of memories',
    async ({ hive }) => {
      const { ids } = await hive.recordMany([experience(), experience()])
      const { id } = await hive.relate({ source: ids[0]!, target: ids[1]!, type: 'supersedes', strength: 0.5 })
      return { ids, id }
    },
    async ({ hive }, { ids, id }) => {
      const related = await hive.related(ids[0]!, { direction: 'outgoing' })
      expect(related.map(({ relation, experience: end }) => [relation.id, end.id])).toEqual([[id, ids[1]]])
    },
  )

  it.restarted(
    'mentedb test_forgotten_memory_edges_do_not_resurrect: relations go with either end, and stay gone',
    async ({ hive }) => {
      const { ids } = await hive.recordMany([experience(), experience(), experience()])
      await hive.relate({ source: ids[0]!, target: ids[1]!, type: 'supports' })
      await hive.relate({ source: ids[1]!, target: ids[2]!, type: 'supports' })
      await hive.delete(ids[1]!)
      return ids
    },
    async ({ hive }, ids) => {
      expect(await hive.related(ids[0]!, { direction: 'both' })).toEqual([])
      expect(await hive.related(ids[2]!, { direction: 'both' })).toEqual([])
      expect((await hive.stats()).relationCount).toBe(0)
    },
  )
}

/** Pages with checksums, and memories in them. */
import { limits, memoryTypes } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import type { MemoryInput } from '../pages/page-inputs.ts'
import { expectRefusal, float32, givenId, refusal } from './samples.ts'
import { DIMENSION, sharedStore, withStore, type OpenStore } from './store-under-test.ts'

const memory = (fields: Partial<MemoryInput> = {}): MemoryInput => ({
  id: givenId(1),
  agentId: givenId(100),
  memoryType: 'semantic',
  content: 'settlements are retried with the same key',
  createdAt: 1_700_000_000_000_000,
  accessedAt: 1_700_000_000_000_001,
  ...fields,
})

const NIL = '00000000-0000-0000-0000-000000000000'

export const pagesContract = (open: OpenStore): void => {
  describe('pages', () => {
    const store = sharedStore(open)
    const pagesOf = async () => (await store.collective()).pages

    it('are allocated, written and read; bytes come back as they were', async () => {
      const pages = await pagesOf()
      const [first, second] = [await pages.allocate(), await pages.allocate()]
      expect(first.page).not.toBe(second.page)
      expect(first.page).toBeGreaterThan(0)
      const full = new Uint8Array(limits.PAGE_DATA_BYTES).map((_, at) => at * 31)
      await pages.write(first.page, full)
      await pages.write(second.page, 'text')
      const read = await pages.read(first.page)
      expect([read.kind, Buffer.compare(read.bytes, full)]).toEqual(['data', 0])
      expect(Buffer.from((await pages.read(second.page)).bytes).toString()).toBe('text')
      await pages.write(first.page, '')
      expect((await pages.read(first.page)).bytes).toHaveLength(0)
    })

    it('a memory comes back with all its fields; what is absent has its default', async () => {
      const pages = await pagesOf()
      const whole: MemoryInput = memory({
        ...{ userId: givenId(101), spaceId: givenId(102), context: 'why', embedding: [0.5, -1, 3e30] },
        ...{ accessCount: 7, salience: 0.25, confidence: 0.75, tags: ['a', 'ü'], validFrom: 5, validUntil: 9 },
        attributes: { text: 'x', number: -1.5, flag: true, bytes: Uint8Array.of(1, 2) },
      })
      for (const memoryType of memoryTypes) {
        const { page } = await pages.storeMemory({ ...whole, memoryType })
        expect(await pages.loadMemory(page)).toEqual({ ...whole, memoryType, embedding: float32([0.5, -1, 3e30]) })
      }
      const { page } = await pages.storeMemory(memory({ id: givenId(2) }))
      expect(await pages.loadMemory(page)).toEqual({
        ...memory({ id: givenId(2) }),
        ...{ userId: NIL, spaceId: NIL, embedding: float32([]), accessCount: 0, salience: 1, confidence: 1 },
        ...{ tags: [], attributes: {} },
      })
      expect(await pages.status()).toMatchObject({ memoryCount: 2 })
    })

    it('an id keeps its page, however large its memory becomes, and is forgotten with all of its pages', async () => {
      const pages = await pagesOf()
      const { page } = await pages.storeMemory(memory())
      const large = 'x'.repeat(300_000)
      expect((await pages.storeMemory(memory({ content: large }))).page).toBe(page)
      expect((await pages.loadMemory(givenId(1)))!.content.length).toBe(large.length)
      await pages.updateMemory(page, memory({ content: 'short again' }))
      expect((await pages.loadMemory(page))!.content).toBe('short again')
      expect(await pages.scan()).toEqual({ items: [{ id: givenId(1), page }], damaged: [] })
      await pages.deleteMemory(givenId(1))
      expect(await pages.loadMemory(givenId(1))).toBeUndefined()
      const { pageCount, freePages, memoryCount } = await pages.status()
      expect([pageCount, memoryCount]).toEqual([0, 0])
      // What was freed is used again.
      await pages.storeMemory(memory({ content: large }))
      const after = await pages.status()
      expect([after.pageCount + after.freePages, after.memoryCount]).toEqual([freePages, 1])
    })

    it('P3 many go all or none, and pages come in their order', async () => {
      const pages = await pagesOf()
      const memories = Array.from({ length: 30 }, (_, n) => memory({ id: givenId(n + 1), content: `number ${n}` }))
      const numbers = (await pages.storeMemories(memories)).pages
      for (const [n, page] of numbers.entries()) expect((await pages.loadMemory(page))!.content).toBe(`number ${n}`)
      await expectRefusal(
        pages.storeMemories([memory({ id: givenId(90) }), memory({ id: givenId(91), salience: 2 })]),
        ...(['INVALID_FIELD', 'memories[1].salience'] as const),
      )
      const { items } = await pages.scan()
      expect([items.length, items.map(({ page }) => page)]).toEqual([30, [...numbers].sort((a, b) => a - b)])
      expect(await pages.recover()).toEqual({ recovered: 30, damaged: [] })
      expect(await pages.recover()).toEqual({ recovered: 30, damaged: [] })
    })

    it('P10 pages that were never given out, and what does not fit, are refused by name', async () => {
      const pages = await pagesOf()
      const { page } = await pages.allocate()
      for (const call of [pages.read(page + 50), pages.write(page + 50, 'x'), pages.deleteMemory(page + 50)])
        expect(['notFound', 'invalid']).toContain((await refusal(call)).kind)
      await expectRefusal(pages.read(0), 'INVALID_FIELD', 'page')
      await expectRefusal(pages.write(page, new Uint8Array(limits.PAGE_DATA_BYTES + 1)), 'CONTENT_TOO_LARGE', 'bytes')
      expect(await pages.loadMemory(givenId(77))).toBeUndefined()
      await expectRefusal(pages.loadMemory('no id'), 'INVALID_FIELD', 'id')
      const store = (fields: object) => pages.storeMemory(memory(fields))
      await expectRefusal(store({ memoryType: 'dream' }), 'INVALID_FIELD', 'memories[0].memoryType')
      await expectRefusal(store({ embedding: [1, NaN] }), 'INVALID_FIELD', 'memories[0].embedding[1]')
      await expectRefusal(store({ id: undefined }), 'REQUIRED_FIELD', 'memories[0].id')
      await expectRefusal(store({ unknown: 1 }), 'UNKNOWN_FIELD', 'memories[0].unknown')
      await expectRefusal(pages.storeMemories([]), 'REQUIRED_FIELD', 'memories')
    })

    it('P1 P2 are there after a restart, and what was forgotten stays so', async () => {
      await withStore(open, async (own) => {
        const hive = await own.waggle.createCollective({ name: 'kept', dimension: DIMENSION })
        const options = { idempotencyKey: 'once' }
        const first = await hive.pages.storeMemory(memory({ content: 'x'.repeat(100_000) }), options)
        await hive.pages.storeMemory(memory({ id: givenId(2) }))
        await hive.pages.deleteMemory(givenId(2))
        await hive.pages.checkpoint()
        expect(await hive.pages.storeMemory(memory({ content: 'x'.repeat(100_000) }), options)).toEqual(first)
        const { pages } = await (await own.reopen()).collective('kept')
        expect((await pages.loadMemory(first.page))!.content.length).toBe(100_000)
        expect(await pages.loadMemory(givenId(2))).toBeUndefined()
        expect((await pages.scan()).items).toEqual([{ id: givenId(1), page: first.page }])
      })
    })

    it('P12 pages of another collective are not there', async () => {
      const [left, right] = [await pagesOf(), await pagesOf()]
      const { page } = await left.storeMemory(memory())
      expect(await right.loadMemory(givenId(1))).toBeUndefined()
      expect(['notFound', 'invalid']).toContain((await refusal(right.read(page))).kind)
      expect(await right.scan()).toEqual({ items: [], damaged: [] })
    })
  })
}

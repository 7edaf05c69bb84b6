/** The page store as MenteDB's engine is used: pages, memories in them, and what becomes of both. */
import { limits, type MemoryNode, type TenantId } from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { largeContent, memory, memoryId, PageRig } from '../testing/pages/page-rig.ts'

let rig: PageRig
beforeEach(async () => {
  rig = await PageRig.open()
})

const text = ({ bytes }: { readonly bytes: Uint8Array }): string => Buffer.from(bytes).toString()

describe('pages', () => {
  test('U2 test_allocate_and_read_write: page 1 comes first, page 0 never', async () => {
    expect(await rig.ask('pages.allocate')).toEqual({ page: 1 })
    expect(await rig.ask('pages.read', { page: 1 })).toEqual({ kind: 'data', bytes: new Uint8Array(0) })
    await rig.ask('pages.write', { page: 1, bytes: 'hello' })
    expect(text(await rig.ask('pages.read', { page: 1 }))).toBe('hello')
    expect(await rig.refusal('pages.read', { page: 0 })).toMatchObject({ code: 'INVALID_FIELD' })
  })

  test('U2 test_free_and_reuse, test_multiple_free_reuse: what was freed last is given out first', async () => {
    for (let page = 1; page <= 3; page += 1) await rig.ask('pages.allocate')
    for (const page of [1, 2]) await rig.ask('pages.delete', { page })
    expect(await rig.ask('pages.read', { page: 2 })).toEqual({ kind: 'free', bytes: new Uint8Array(0) })
    const given = []
    for (let n = 0; n < 3; n += 1) given.push((await rig.ask('pages.allocate')).page)
    expect(given).toEqual([2, 1, 4])
    expect(await rig.ask('pages.status')).toEqual({ pageCount: 4, freePages: 0, memoryCount: 0 })
  })

  test('P10 test_out_of_range: a page that was never allocated is refused, and named', async () => {
    await rig.store(memory(1))
    const unknown = { code: 'NOT_FOUND', details: { entity: 'page', page: 2 } }
    expect(await rig.refusal('pages.read', { page: 2 })).toMatchObject(unknown)
    expect(await rig.refusal('pages.load', { page: 2 })).toMatchObject(unknown)
    expect(await rig.refusal('pages.write', { page: 2, bytes: 'x' })).toMatchObject(unknown)
    expect(await rig.refusal('pages.delete', { page: 2 })).toMatchObject(unknown)
    expect(await rig.refusal('pages.update', { page: 2, memory: memory(9) })).toMatchObject(unknown)
  })

  test('a freed page is not written any more, nor freed again', async () => {
    await rig.ask('pages.allocate')
    await rig.ask('pages.delete', { page: 1 })
    expect(await rig.refusal('pages.write', { page: 1, bytes: 'x' })).toMatchObject({ code: 'NOT_FOUND' })
    expect(await rig.refusal('pages.delete', { page: 1 })).toMatchObject({ code: 'NOT_FOUND' })
    expect(await rig.ask('pages.status')).toEqual({ pageCount: 0, freePages: 1, memoryCount: 0 })
  })

  test('a whole page is written, and not a byte more', async () => {
    await rig.ask('pages.allocate')
    const whole = new Uint8Array(limits.PAGE_DATA_BYTES).fill(7)
    await rig.ask('pages.write', { page: 1, bytes: whole })
    expect((await rig.ask('pages.read', { page: 1 })).bytes).toEqual(whole)
    const larger = new Uint8Array(limits.PAGE_DATA_BYTES + 1)
    expect(await rig.refusal('pages.write', { page: 1, bytes: larger })).toMatchObject({
      code: 'CONTENT_TOO_LARGE',
      details: { field: 'bytes', limit: limits.PAGE_DATA_BYTES },
    })
  })

  test('what a caller does to bytes that he got changes nothing', async () => {
    await rig.ask('pages.allocate')
    await rig.ask('pages.write', { page: 1, bytes: 'hello' })
    ;(await rig.ask('pages.read', { page: 1 })).bytes.fill(0)
    expect(text(await rig.ask('pages.read', { page: 1 }))).toBe('hello')
  })

  test('a page of a memory is read as it is, and written by its memory alone', async () => {
    expect(await rig.store(memory(1, { content: largeContent(2) }))).toEqual([1])
    expect((await rig.ask('pages.read', { page: 1 })).kind).toBe('data')
    expect((await rig.ask('pages.read', { page: 2 })).kind).toBe('overflow')
    for (const page of [1, 2])
      expect(await rig.refusal('pages.write', { page, bytes: 'x' })).toMatchObject({
        code: 'ALREADY_EXISTS',
        details: { entity: 'memory', page },
      })
  })

  test('P12 each collective has pages of its own, and another tenant has none of them', async () => {
    await rig.store(memory(1))
    const other = memoryId(0xdd)
    await rig.engine.call('collective.create', { id: other, name: 'other', dimension: 3 })
    expect(await rig.engine.call('pages.store', { collective: other, memories: [memory(1)] })).toMatchObject({
      pages: [1],
    })
    const foreign = rig.engine.engine.execute('other' as TenantId, 'pages.read', {
      ...{ collective: rig.collective, page: 1 },
    })
    await expect(foreign).rejects.toMatchObject({ code: 'NOT_FOUND', details: { entity: 'collective' } })
  })
})

describe('memories', () => {
  const whole: Omit<MemoryNode, 'id'> = {
    ...{ agentId: memoryId(1), userId: memoryId(2), spaceId: memoryId(3), memoryType: 'correction' },
    ...{ content: 'was X, actually Y ⚘', context: '', embedding: Float32Array.of(0.1, -2.5, 0) },
    ...{ createdAt: 1_700_000_000_000_001, accessedAt: Number.MAX_SAFE_INTEGER, accessCount: 0xffff_ffff },
    ...{ salience: Math.fround(0.3), confidence: 0, tags: ['b', 'a', 'b', ''] },
    attributes: { text: '', number: 0.1, large: 2 ** 60, flag: false, raw: Uint8Array.of(255, 0), constructor: 'x' },
    ...{ validFrom: 0, validUntil: 5 },
  }

  test('every field of a memory comes back, by page and by id', async () => {
    const [page] = await rig.store(memory(7, whole))
    const expected = { memory: { ...whole, id: memoryId(7) }, page }
    expect(await rig.ask('pages.load', { page })).toEqual(expected)
    expect(await rig.ask('pages.load', { id: memoryId(7) })).toEqual(expected)
  })

  test('what may be left out has MenteDB’s defaults', async () => {
    await rig.store(memory(7))
    const nil = '00000000-0000-0000-0000-000000000000'
    expect(await rig.load(7)).toEqual({
      ...memory(7),
      ...{ userId: nil, spaceId: nil, embedding: new Float32Array(0), accessCount: 0, salience: 1, confidence: 1 },
      ...{ tags: [], attributes: {} },
    })
  })

  test('an embedding of 4,096 components and one without any', async () => {
    const embedding = Float32Array.from({ length: 4_096 }, (_, index) => index / 7)
    await rig.store(memory(1, { embedding }), memory(2, { embedding: new Float32Array(0) }))
    expect((await rig.load(1))?.embedding).toEqual(embedding)
    expect((await rig.load(2))?.embedding).toEqual(new Float32Array(0))
  })

  test('a memory is as large as it likes, up to the limit, which is told', async () => {
    for (const [n, size] of [0, 65_000, 65_504, 131_008, 3_999_000].entries()) {
      const content = `${n}`.repeat(size)
      await rig.store(memory(n, { content }))
      expect((await rig.load(n))?.content === content).toBe(true)
    }
    const status = await rig.ask('pages.status')
    expect(status.memoryCount).toBe(5)
    const content = 'x'.repeat(limits.MEMORY_BYTES_MAX)
    expect(await rig.refusal('pages.store', { memories: [memory(8), memory(9, { content })] })).toMatchObject({
      code: 'CONTENT_TOO_LARGE',
      details: { field: 'memories[1]', limit: limits.MEMORY_BYTES_MAX },
    })
    expect(await rig.ask('pages.status')).toEqual(status)
  })

  test('U3 an id that is stored again keeps its one page, also when it grows and shrinks', async () => {
    expect(await rig.store(memory(1), memory(2), memory(1, { content: 'again' }))).toEqual([1, 2, 1])
    expect(await rig.store(memory(1, { content: largeContent(3) }))).toEqual([1])
    expect(await rig.ask('pages.status')).toEqual({ pageCount: 4, freePages: 0, memoryCount: 2 })
    expect(await rig.store(memory(1, { content: 'small' }))).toEqual([1])
    expect(await rig.ask('pages.status')).toEqual({ pageCount: 2, freePages: 2, memoryCount: 2 })
    expect(await rig.ask('pages.scan')).toMatchObject({
      items: [1, 2].map((page) => ({ id: memoryId(page), page })),
      damaged: [],
    })
    expect((await rig.load(1))?.content).toBe('small')
    await rig.ask('pages.delete', { id: memoryId(1) })
    expect(await rig.load(1), 'no older copy of it surfaces').toBeUndefined()
  })

  test('P3 a batch is stored whole or not at all, and in one record', async () => {
    const bad = memory(3, { salience: 2 })
    expect(await rig.refusal('pages.store', { memories: [memory(1), memory(2), bad] })).toMatchObject({
      code: 'INVALID_FIELD',
      details: { field: 'memories[2].salience' },
    })
    expect(await rig.ask('pages.scan')).toEqual({ items: [], damaged: [] })
    expect(await rig.refusal('pages.store', { memories: [] })).toMatchObject({ code: 'REQUIRED_FIELD' })
    const before = rig.engine.engine.position.applied
    const pages = await rig.store(...Array.from({ length: 100 }, (_, n) => memory(n)))
    expect(pages).toEqual(Array.from({ length: 100 }, (_, n) => n + 1))
    expect(rig.engine.engine.position.applied - before).toBe(1)
  })

  test('test_concurrent_writes_from_threads: many writers at once lose nothing and share no page', async () => {
    const contents = Array.from({ length: 150 }, (_, n) => (n % 10 === 0 ? largeContent(2) : `memory ${n}`))
    const pages = await Promise.all(
      contents.map(async (content, n) => (await rig.store(memory(n, { content })))[0] as number),
    )
    expect(new Set(pages).size).toBe(150)
    for (const [n, content] of contents.entries()) expect((await rig.load(n))?.content === content).toBe(true)
    expect(await rig.ask('pages.status')).toEqual({ pageCount: 165, freePages: 0, memoryCount: 150 })
  })

  test('an update writes the page of its memory', async () => {
    const [page] = await rig.store(memory(1))
    await rig.store(memory(2))
    await rig.ask('pages.update', { page, memory: memory(1, { content: largeContent(2) }) })
    expect(await rig.ask('pages.load', { page })).toMatchObject({ memory: { content: largeContent(2) } })
    expect(await rig.refusal('pages.update', { page: 2, memory: memory(1) })).toMatchObject({
      code: 'ALREADY_EXISTS',
      details: { id: memoryId(1), page: 1 },
    })
    expect(await rig.refusal('pages.update', { page: 2, memory: memory(9) })).toMatchObject({
      code: 'ALREADY_EXISTS',
      details: { field: 'memory.id', id: memoryId(2), page: 2 },
    })
    expect(await rig.refusal('pages.update', { page: 3, memory: memory(9) })).toMatchObject({ code: 'NOT_FOUND' })
  })

  test('an update gives a memory the page that was allocated for it', async () => {
    const { page } = await rig.ask('pages.allocate')
    await rig.ask('pages.write', { page, bytes: 'draft' })
    await rig.ask('pages.update', { page, memory: memory(1) })
    expect(await rig.ask('pages.load', { id: memoryId(1) })).toMatchObject({ page })
    expect(await rig.ask('pages.status')).toEqual({ pageCount: 1, freePages: 0, memoryCount: 1 })
  })

  test('a forgotten memory is gone by page and id, its pages are free, and its bytes are overwritten', async () => {
    const [page] = await rig.store(memory(1, { content: largeContent(3) }))
    await rig.store(memory(2))
    await rig.ask('pages.delete', { page })
    expect(await rig.ask('pages.load', { page })).toEqual({})
    expect(await rig.load(1)).toBeUndefined()
    expect(await rig.ask('pages.status')).toEqual({ pageCount: 1, freePages: 3, memoryCount: 1 })
    for (let each = 1; each <= 3; each += 1)
      expect(await rig.ask('pages.read', { page: each })).toEqual({ kind: 'free', bytes: new Uint8Array(0) })
    expect(await rig.store(memory(3))).toEqual([page])
    expect(await rig.ask('pages.load', { page })).toMatchObject({ memory: { id: memoryId(3) } })
  })

  test('deleting says so where there is nothing to delete, or another memory by now', async () => {
    const [page] = await rig.store(memory(1))
    expect(await rig.refusal('pages.delete')).toMatchObject({ code: 'REQUIRED_FIELD' })
    expect(await rig.refusal('pages.delete', { id: memoryId(2) })).toMatchObject({ code: 'NOT_FOUND' })
    const other = { page, id: memoryId(2) }
    expect(await rig.refusal('pages.delete', other)).toMatchObject({ code: 'NOT_FOUND', details: other })
    expect(await rig.ask('pages.load', other)).toEqual({})
    await rig.ask('pages.delete', { page, id: memoryId(1) })
    expect(await rig.load(1)).toBeUndefined()
  })

  test('a page on which no memory begins has none', async () => {
    await rig.ask('pages.allocate')
    await rig.store(memory(1, { content: largeContent(2) }))
    for (const page of [1, 3]) expect(await rig.ask('pages.load', { page })).toEqual({})
    expect(await rig.refusal('pages.delete', { page: 3 })).toMatchObject({ code: 'NOT_FOUND' })
    expect(await rig.refusal('pages.load')).toMatchObject({ code: 'REQUIRED_FIELD' })
  })

  test('a scan comes in parts, ascending, and ends where the pages do', async () => {
    await rig.store(...Array.from({ length: 25 }, (_, n) => memory(n)))
    for (const page of [3, 4, 25]) await rig.ask('pages.delete', { page })
    const pages: number[] = []
    const parts: number[] = []
    for (let after: number | undefined, isEnd = false; !isEnd;) {
      const { items, next } = await rig.ask('pages.scan', { limit: 10, ...(after === undefined ? {} : { after }) })
      pages.push(...items.map(({ page }) => page))
      parts.push(items.length)
      after = next
      isEnd = next === undefined
    }
    expect(pages).toEqual([1, 2, ...Array.from({ length: 20 }, (_, n) => n + 5)])
    expect(parts).toEqual([10, 10, 2])
  })

  test('P1 a checkpoint is answered when everything before it is durable, and changes nothing', async () => {
    const storing = Array.from({ length: 20 }, async (_, n) => rig.store(memory(n, { content: largeContent(2) })))
    await rig.ask('pages.checkpoint')
    for (let n = 0; n < 20; n += 1) expect(await rig.load(n)).toBeDefined()
    await Promise.all(storing)
    const before = await rig.ask('pages.scan')
    await rig.ask('pages.checkpoint')
    expect(await rig.ask('pages.scan')).toEqual(before)
    expect(await rig.refusal('pages.checkpoint', { collective: memoryId(1) })).toMatchObject({ code: 'NOT_FOUND' })
  })

  test('P2 a repeated key allocates one page', async () => {
    const twice = { idempotencyKey: 'once' }
    expect(await rig.ask('pages.allocate', twice)).toEqual(await rig.ask('pages.allocate', twice))
    expect(await rig.ask('pages.status')).toMatchObject({ pageCount: 1 })
  })

  test('another life of a collective begins without pages', async () => {
    await rig.store(memory(1, { content: largeContent(3) }))
    await rig.ask('collective.delete')
    const { collective: id } = rig
    await rig.engine.call('collective.create', { id, name: 'pages', dimension: 3 })
    expect(await rig.ask('pages.status')).toEqual({ pageCount: 0, freePages: 0, memoryCount: 0 })
    expect(await rig.store(memory(1))).toEqual([1])
  })
})

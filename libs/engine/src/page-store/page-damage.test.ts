/** A damaged page under a live store: a fault that names it, and nothing else stops. */
import { beforeEach, describe, expect, test } from 'vitest'
import { memoryPageKey, pageKey } from '../state/keyspace.ts'
import { largeContent, memory, memoryId, PageRig } from '../testing/pages/page-rig.ts'
import { openTestEngine } from '../testing/test-engine.ts'
import { encodePage } from './page-format.ts'

let rig: PageRig
beforeEach(async () => {
  rig = await PageRig.open()
  // 1; 2, 3 and 4; 5
  await rig.store(memory(1), memory(2, { content: largeContent(3) }), memory(3))
})

const flipped = (bytes: Uint8Array): Uint8Array => {
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1
  return bytes
}

const damages: readonly (readonly [string, (bytes: Uint8Array) => Uint8Array | undefined])[] = [
  ['a flipped bit', flipped],
  ['a cut', (bytes) => bytes.subarray(0, bytes.length - 5)],
  ['no bytes', () => new Uint8Array(0)],
  ['zeros', (bytes) => new Uint8Array(bytes.length)],
  ['another page’s bytes', () => encodePage(9, { kind: 'data', next: 0, data: new Uint8Array(5) })],
  ['no row', () => undefined],
]

const corrupt = (page: number) => ({ code: 'CORRUPT', details: { entity: 'page', page } })

describe.each(damages)('a page with %s', (_, change) => {
  test('test_checksum_verified_on_read: is CORRUPT and named, and all others are read and written', async () => {
    await rig.damage(1, change)
    expect(await rig.refusal('pages.read', { page: 1 })).toMatchObject(corrupt(1))
    expect(await rig.refusal('pages.load', { page: 1 })).toMatchObject(corrupt(1))
    expect(await rig.refusal('pages.load', { id: memoryId(1) })).toMatchObject(corrupt(1))
    expect(await rig.refusal('pages.write', { page: 1, bytes: 'x' })).toMatchObject(corrupt(1))
    expect(await rig.refusal('pages.update', { page: 1, memory: memory(9) })).toMatchObject(corrupt(1))
    expect(await rig.refusal('pages.delete', { page: 1 })).toMatchObject(corrupt(1))
    expect(await rig.load(2)).toMatchObject({ content: largeContent(3) })
    expect(await rig.store(memory(4), memory(3, { content: 'new' }))).toEqual([6, 5])
  })

  test('is told by a scan, which goes on behind it', async () => {
    await rig.damage(1, change)
    expect(await rig.ask('pages.scan')).toEqual({
      items: [
        { id: memoryId(2), page: 2 },
        { id: memoryId(3), page: 5 },
      ],
      damaged: [1],
    })
    expect(await rig.ask('pages.scan', { limit: 1 })).toMatchObject({ damaged: [1], next: 2 })
  })

  test('in the middle of a memory names itself, and the memory is not among those that can be read', async () => {
    await rig.damage(3, change)
    expect(await rig.refusal('pages.load', { id: memoryId(2) })).toMatchObject(corrupt(3))
    expect(await rig.ask('pages.scan')).toEqual({
      items: [
        { id: memoryId(1), page: 1 },
        { id: memoryId(3), page: 5 },
      ],
      damaged: [3],
    })
  })

  test('U3 is mended by storing its memory again, of which nothing is read', async () => {
    await rig.damage(3, change)
    await rig.damage(1, change)
    expect(await rig.store(memory(1), memory(2, { content: largeContent(3) }))).toEqual([1, 2])
    await rig.damage(5, change)
    await rig.ask('pages.update', { page: 5, memory: memory(3) })
    expect((await rig.ask('pages.scan')).damaged).toEqual([])
    expect(await rig.load(2)).toMatchObject({ content: largeContent(3) })
  })

  test('is forgotten by the id of its memory', async () => {
    await rig.damage(3, change)
    await rig.ask('pages.delete', { id: memoryId(2) })
    expect(await rig.ask('pages.scan')).toMatchObject({ items: [{ page: 1 }, { page: 5 }], damaged: [] })
    expect(await rig.ask('pages.status')).toEqual({ pageCount: 2, freePages: 3, memoryCount: 2 })
  })

  test('U4 that is free is told by a scan and given out like any other; those behind it are not', async () => {
    await rig.ask('pages.delete', { id: memoryId(2) })
    await rig.damage(2, change)
    expect(await rig.ask('pages.scan')).toMatchObject({ damaged: [2] })
    expect(await rig.store(memory(4), memory(5))).toEqual([2, 6])
    expect(await rig.ask('pages.scan')).toMatchObject({ damaged: [] })
    expect(await rig.ask('pages.status')).toEqual({ pageCount: 4, freePages: 0, memoryCount: 4 })
    for (let page = 1; page <= 6; page += 1) await rig.ask('pages.read', { page })
  })
})

describe('damage that no checksum shows', () => {
  test('a chain that leads to another memory’s page is CORRUPT', async () => {
    const [page] = await rig.store(memory(6, { content: largeContent(2) }))
    await rig.damage(page as number, (bytes) => {
      const data = bytes.subarray(32)
      return encodePage(page as number, { kind: 'memory', next: 1, data })
    })
    expect(await rig.refusal('pages.load', { page })).toMatchObject(corrupt(1))
  })

  test('a chain that is a ring ends, and one that is too short is told', async () => {
    await rig.damage(3, (bytes) => encodePage(3, { kind: 'overflow', next: 3, data: bytes.subarray(32) }))
    expect(await rig.refusal('pages.load', { page: 2 })).toMatchObject(corrupt(3))
    await rig.damage(3, (bytes) => encodePage(3, { kind: 'overflow', next: 0, data: bytes.subarray(32) }))
    expect(await rig.refusal('pages.load', { page: 2 })).toMatchObject(corrupt(2))
    expect(await rig.ask('pages.scan')).toMatchObject({ items: [{ page: 1 }, { page: 5 }] })
  })

  test('P8 U1 a damaged page stops no replica: what overwrites or frees it is applied all the same', async () => {
    const leader = await PageRig.open({ fence: 'log' })
    await leader.store(memory(1), memory(2, { content: largeContent(3) }), memory(3))
    const { stream, clock } = leader.engine
    const replica = await openTestEngine({ fence: 'log', lead: false, stream, clock, seed: 2 })
    const lost = [1, 3, 5].map((page) => ({ key: pageKey(leader.scope, page), value: Uint8Array.of(1, 2, 3) }))
    await replica.store.write(lost, { sync: false })
    await leader.store(memory(1), memory(4))
    await leader.ask('pages.delete', { id: memoryId(2) })
    await leader.ask('pages.delete', { page: 5 })
    await replica.engine.catchUp()
    expect(await replica.engine.digest()).toEqual(await leader.engine.engine.digest())
  })

  test('a memory whose place is lost is read by its page', async () => {
    const key = memoryPageKey(rig.scope, memoryId(1))
    await rig.engine.store.write([{ key, value: undefined }], { sync: false })
    await rig.ask('pages.checkpoint')
    expect(await rig.ask('pages.load', { page: 1 })).toMatchObject({ memory: { id: memoryId(1) } })
  })
})

import { seededRandom } from '@waggle/kernel/testing'
import { limits } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { decodePage, encodePage, PAGE_HEADER_BYTES, type StoredPage } from './page-format.ts'

const data = (size: number): Uint8Array => seededRandom(size + 1).bytes(size)

const pages: readonly (readonly [number, StoredPage])[] = [
  [1, { kind: 'data', next: 0, data: data(0) }],
  [2, { kind: 'free', next: 2 ** 40, data: data(0) }],
  [7, { kind: 'memory', next: 9, data: data(100) }],
  [2 ** 40, { kind: 'overflow', next: 0, data: data(limits.PAGE_DATA_BYTES) }],
]

describe('a page as bytes', () => {
  test.each(pages)('page %d comes back as it was', (page, stored) => {
    const bytes = encodePage(page, stored)
    expect(bytes.length).toBe(PAGE_HEADER_BYTES + stored.data.length)
    const { kind, next, data: found } = decodePage(page, bytes) as StoredPage
    expect({ kind, next, data: Buffer.from(found) }).toEqual({ ...stored, data: Buffer.from(stored.data) })
  })

  test('is at most MenteDB’s page', () => {
    expect(PAGE_HEADER_BYTES).toBe(32)
    expect(encodePage(1, { kind: 'data', next: 0, data: data(limits.PAGE_DATA_BYTES) }).length).toBe(65_536)
  })

  test('test_checksum: every flipped bit and every cut is found', () => {
    const bytes = encodePage(7, { kind: 'memory', next: 9, data: data(100) })
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(decodePage(7, flipped), `bit ${bit}`).toBeUndefined()
    }
    for (let length = 0; length < bytes.length; length += 1)
      expect(decodePage(7, bytes.subarray(0, length))).toBeUndefined()
    expect(decodePage(7, Buffer.concat([bytes, Buffer.alloc(1)]))).toBeUndefined()
  })

  test('a page under another page’s number is found, and so are zeros and noise', () => {
    const bytes = encodePage(7, { kind: 'data', next: 0, data: data(10) })
    expect(decodePage(8, bytes)).toBeUndefined()
    const random = seededRandom(3)
    for (const size of [0, 1, 31, 32, 33, 200, 65_536]) {
      expect(decodePage(0, new Uint8Array(size))).toBeUndefined()
      expect(decodePage(1, random.bytes(size))).toBeUndefined()
    }
  })
})

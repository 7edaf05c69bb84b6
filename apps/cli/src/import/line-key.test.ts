import { limits } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { lineKey, linesKey } from './line-key.ts'

const line = (row: number, text: string) => ({ row, bytes: Buffer.from(text) })

describe('lineKey', () => {
  it('K1: is the same for the same bytes in the same row, and fits into a request', () => {
    expect(lineKey(line(3, '{"content":"a"}'))).toBe(lineKey(line(3, '{"content":"a"}')))
    expect(lineKey(line(3, '{"content":"a"}')).length).toBeLessThanOrEqual(limits.IDEMPOTENCY_KEY_BYTES_MAX)
  })

  it('K2, K3: differs by bytes and by row, and the two are not mixed up', () => {
    const keys = [line(1, 'a'), line(2, 'a'), line(1, 'b'), line(11, 'a'), line(1, '1\na'), line(1, '')].map(lineKey)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('golden: a later version must give the same keys, or an import that it repeats is doubled', () => {
    expect(lineKey(line(0, '{"content":"a"}'))).toBe(
      'import-b02bf18df8b7e7ebf5787f1a1aa3e9a137cef2c583f39073fa88e0624d6dab2c',
    )
  })

  it('the key of several lines depends on each and on their order', () => {
    const [one, two, three] = [line(0, 'a'), line(1, 'b'), line(2, 'c')]
    const keys = [[one], [one, two], [two, one], [one, two, three], [two]].map(linesKey)
    expect(new Set(keys).size).toBe(keys.length)
  })
})

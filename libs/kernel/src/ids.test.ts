import { describe, expect, it } from 'vitest'
import { uuidV7Source } from './ids.ts'
import { manualClock } from './testing/manual-clock.ts'
import { seededRandom } from './seeded-random.ts'
import { isUuid, uuidBytes, type Uuid } from './uuid.ts'

const timeOf = (id: Uuid): number => Buffer.from(uuidBytes(id)).readUIntBE(0, 6)

describe('uuidV7Source', () => {
  it.each([0, 1, 2 ** 32 - 1, 2 ** 32, 1_700_000_000_000, 253_402_300_799_999, 2 ** 48 - 1])(
    'puts %i ms into the first 48 bits, and the version and variant behind',
    (nowMs) => {
      const id = uuidV7Source(manualClock(nowMs), seededRandom(1)).uuid()
      expect(isUuid(id)).toBe(true)
      expect(timeOf(id)).toBe(nowMs)
      expect(id[14]).toBe('7')
      expect(id[19]).toMatch(/[89ab]/)
    },
  )

  it('orders ids by the time they were made, across each millisecond', () => {
    const clock = manualClock(2 ** 32 - 500)
    const source = uuidV7Source(clock, seededRandom(2))
    const ids = Array.from({ length: 1_000 }, () => {
      clock.advance(1)
      return source.uuid()
    })
    expect(ids).toEqual([...ids].sort())
  })

  it('keeps every other bit random: ids of one millisecond differ', () => {
    const source = uuidV7Source(manualClock(), seededRandom(3))
    const ids = Array.from({ length: 2_000 }, () => source.uuid())
    expect(new Set(ids).size).toBe(ids.length)
    const seen = new Uint8Array(16)
    for (const id of ids) uuidBytes(id).forEach((byte, index) => (seen[index]! |= byte))
    expect([...seen.subarray(6)]).toEqual([0x7f, 0xff, 0xbf, ...Array<number>(7).fill(0xff)])
  })

  it('gives the same ids for the same clock and seed', () => {
    const made = () => uuidV7Source(manualClock(1_700_000_000_000), seededRandom(42)).uuid()
    expect(made()).toBe(made())
    expect(made()).toMatch(/^018bcfe5-6800-7/)
  })
})

import { hexOf } from '@waggle/kernel'
import { seededRandom } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import { bitPositions, gatherBits, interleaveKeyFields } from './z-order.ts'

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))

describe('fields whose bits take turns', () => {
  it.each<readonly [readonly string[], string]>([
    [['ff', '00'], 'aaaa'],
    [['00', 'ff'], '5555'],
    [['f0', '0f', 'ff'], 'b6d6db'],
    [['8001', 'ff'], 'd55501'],
    [['ff', '8001'], 'eaaa01'],
    [['80010203', 'aabb', 'cc'], 'e5065045470203'],
    [['abcdef'], 'abcdef'],
    [[], ''],
  ])('%j together are %s', (fields, hex) => {
    expect(hexOf(interleaveKeyFields(fields.map(bytesOf)))).toBe(hex)
  })

  it('each is found again, behind any bit', () => {
    const random = seededRandom(11)
    for (let round = 0; round < 200; round += 1) {
      const [count = 0, offset = 0, ...sizes] = random.bytes(8)
      const widths = sizes.slice(0, 1 + (count % 5)).map((size) => 1 + (size % 9))
      const fields = widths.map((width) => random.bytes(width))
      const shift = offset % 19
      const bits = [...interleaveKeyFields(fields)].map((byte) => byte.toString(2).padStart(8, '0')).join('')
      const shifted = `${'1'.repeat(shift)}${bits}`.padEnd(8 * Math.ceil((shift + bits.length) / 8), '1')
      const key = Uint8Array.from(shifted.match(/.{8}/g) ?? [], (byte) => parseInt(byte, 2))
      for (const [position, field] of fields.entries())
        expect(gatherBits(key, shift, bitPositions(widths, position))).toEqual(new Uint8Array(field))
    }
  })
})

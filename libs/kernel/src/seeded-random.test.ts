import { describe, expect, it } from 'vitest'
import { hexOf } from './bytes.ts'
import { seededRandom } from './seeded-random.ts'

describe('seededRandom', () => {
  // Computed with a Python transcription of the reference code of splitmix32 and xoshiro128**.
  it.each([
    [0, [1789933344, 44971166, 2521387044, 3848737593, 1138324114, 749234105], 1312086629],
    [1, [393288148, 2174103013, 3814759091, 2092745082, 1865176206, 2179171167], 4071296275],
    [42, [660444221, 3652823732, 77672526, 910233633, 2297337756, 3786072677], 742781573],
    [0xffff_ffff, [4104197751, 1825856343, 1152209388, 2427537429, 3685145430, 609215610], 695274267],
  ])('seed %i gives the same numbers on every machine', (seed, first, thousandth) => {
    const random = seededRandom(seed)
    const numbers = Array.from({ length: 1_000 }, () => random.uint32())
    expect(numbers.slice(0, 6)).toEqual(first)
    expect(numbers.at(-1)).toBe(thousandth)
  })

  it('gives bytes of the same stream: the low byte of each number', () => {
    expect(hexOf(seededRandom(42).bytes(6))).toBe('3db44e219c65')
    expect(seededRandom(42).bytes(0)).toHaveLength(0)
  })

  it('spreads bytes evenly', () => {
    const counts = new Array<number>(256).fill(0)
    for (const byte of seededRandom(7).bytes(256_000)) counts[byte]! += 1
    // 1,000 are expected of each; 200 are more than six standard deviations.
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(200)
  })
})

import { describe, expect, it } from 'vitest'
import { compareBytes, concatBytes, equalBytes, hexOf, prefixEnd, utf8, utf8Size } from './bytes.ts'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

describe('compareBytes and equalBytes', () => {
  it.each([
    [[], [], 0],
    [[], [0], -1],
    [[1, 2], [1, 2, 0], -1],
    [[0x7f], [0x80], -1],
    [[2], [1, 255], 1],
    [[255], [255], 0],
  ])('put %j before, beside or after %j: %i', (left, right, order) => {
    expect(Math.sign(compareBytes(bytes(...left), bytes(...right)))).toBe(order)
    expect(equalBytes(bytes(...left), bytes(...right))).toBe(order === 0)
  })
})

describe('concatBytes and hexOf', () => {
  it('join views of any offset, and copy them', () => {
    const source = bytes(9, 1, 2, 9)
    const joined = concatBytes(source.subarray(1, 3), bytes(), bytes(255))
    source.fill(0)
    expect(hexOf(joined)).toBe('0102ff')
    expect(concatBytes()).toHaveLength(0)
  })

  it('hexOf shows the view, not what lies around it', () => {
    expect(hexOf(bytes(1, 2, 3, 4).subarray(1, 3))).toBe('0203')
    expect(hexOf(bytes())).toBe('')
  })
})

describe('utf8 and utf8Size', () => {
  it.each([
    ['', 0],
    ['a', 1],
    ['é', 2],
    ['日', 3],
    ['🐝', 4],
    ['a\0b', 3],
  ])('%j takes %i bytes', (text, size) => {
    expect(utf8Size(text)).toBe(size)
    expect(utf8(text)).toHaveLength(size)
    expect(new TextDecoder().decode(utf8(text))).toBe(text)
  })
})

describe('prefixEnd', () => {
  it.each([
    [[], undefined],
    [[255], undefined],
    [[255, 255, 255], undefined],
    [[0], [1]],
    [
      [1, 2],
      [1, 3],
    ],
    [[1, 255], [2]],
    [[1, 255, 255], [2]],
    [
      [1, 254, 255],
      [1, 255],
    ],
  ])('of %j is %j', (prefix, end) => {
    const found = prefixEnd(bytes(...prefix))
    expect(found && [...found]).toEqual(end)
  })

  it('leaves a Buffer as it was', () => {
    const prefix = concatBytes(bytes(1, 2))
    expect(prefixEnd(prefix)).toEqual(bytes(1, 3))
    expect([...prefix]).toEqual([1, 2])
  })
})

import { describe, expect, it } from 'vitest'
import { columnsOf, left, oneLine, plain, plainJson, right, shorten, styledLine, wrapped } from './text.ts'

const HOSTILE = 'a\u001b[2J\u009b31m\u0007\u202eb\u2028c\u007f'

describe('T1: no content moves the cursor, sets a colour or turns the direction of writing', () => {
  const isShown = (text: string): boolean => !/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u.test(text)

  it('as one line, as several, and beside our own styles', () => {
    expect(oneLine(` ${HOSTILE}\r\n\td `)).toBe('a [2J 31m b c d')
    expect(plain(`one\n${HOSTILE}`)).toBe('one\na [2J 31m  b\nc')
    expect(styledLine(`\u001b[2mdim\u001b[22m\t${HOSTILE}\n`)).toBe('\u001b[2mdim\u001b[22m\ta [2J 31m  b c  ')
  })

  it('in JSON, of which the value stays the same', () => {
    const value = { [HOSTILE]: [HOSTILE, '\u{e0041}', '家\u200d族'] }
    const json = plainJson(JSON.stringify(value))
    expect(isShown(json)).toBe(true)
    expect(JSON.parse(json)).toEqual(value)
  })
})

describe('T2, T3: columns of a terminal', () => {
  it('are two of a wide character, and none of an accent', () => {
    expect(['abc', '支払い', '🐝', 'e\u0301', '👨‍👩‍👧', 'ﾊ'].map(columnsOf)).toEqual([3, 6, 2, 1, 2, 1])
  })

  it('bound what is shown, and no character is cut in two', () => {
    expect(shorten('short', 5)).toBe('short')
    expect(shorten('longer', 5)).toBe('long…')
    expect(shorten('支払い', 6)).toBe('支払い')
    expect(shorten('支払いチーム', 6)).toBe('支払…')
    expect(shorten('🐝🐝🐝🐝', 3)).toBe('🐝…')
    expect(shorten('👨‍👩‍👧👨‍👩‍👧', 3)).toBe('👨‍👩‍👧…')
    expect(columnsOf(shorten('鍵'.repeat(10_000), 40))).toBeLessThanOrEqual(40)
  })

  it('are padded, and lines break between words', () => {
    expect([left('a', 3), right('a', 3), left('abcd', 3), left('鍵', 3)]).toEqual(['a  ', '  a', 'abcd', '鍵 '])
    expect(wrapped('one two three', 8)).toEqual(['one two', 'three'])
    expect(wrapped('a-word-that-is-longer b', 8)).toEqual(['a-word-that-is-longer', 'b'])
  })
})

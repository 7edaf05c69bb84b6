import { utf8 } from '@waggle/kernel'
import { isFault } from '@waggle/kernel'
import { limits } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { compileRegex } from './regex.ts'

const FIELD = 'selectors[0].regex'
const regex = (pattern: string) => compileRegex(pattern, FIELD)
const captured = (pattern: string, subject: Uint8Array | string) => {
  const bytes = typeof subject === 'string' ? utf8(subject) : subject
  const groups = regex(pattern).captures(bytes)
  return groups === undefined ? undefined : Object.fromEntries([...groups].map(([name, value]) => [name, [...value]]))
}
const faultOf = (pattern: string) => {
  try {
    regex(pattern)
  } catch (reason) {
    if (isFault(reason)) return reason
    throw reason
  }
  return undefined
}

describe('X1 an expression', () => {
  it.each([
    ['a+b', 'xxaab', true],
    ['^a', 'ba', false],
    ['a$', 'ba', true],
    ['(?m)^b$', 'a\nb\nc', true],
    ['^$', '', true],
    ['.', '', false],
    ['\\bword\\b', 'a word.', true],
    ['\\bword\\b', 'swords', false],
    ['\\Bor\\B', 'words', true],
    ['(?i)STRASSE', 'strasse', true],
    ['(?i)k', '\u212a', true],
    ['a|', 'zzz', true],
    ['[^a]', 'a', false],
    ['(?:ab){2,3}$', 'abab', true],
    ['.', '\n', false],
    ['(?s).', '\n', true],
  ])('%s in %j is found: %s', (pattern, subject, isFound) => {
    expect(regex(pattern).found(utf8(subject))).toBe(isFound)
  })

  it('is found again in other bytes, and after it has forgotten', () => {
    const word = regex('\\bend$')
    expect([word.found(utf8('the end')), word.found(utf8('the end.')), word.found(utf8('bend'))]).toEqual(
      // The last one is no word of its own.
      [true, false, false],
    )
    word.forget()
    expect(word.found(utf8('the end'))).toBe(true)
  })

  it.each([
    ['(?P<a>x)(?P<b>y)?', 'zx', { a: [120] }],
    ['(?<first>[a-z]+)-(?P<second>\\d*)', 'ab-', { first: [97, 98], second: [] }],
    ['(?P<a>x)', 'y', undefined],
    ['x', 'x', {}],
  ])('%s captures of %j %j', (pattern, subject, expected) => {
    expect(captured(pattern, subject)).toEqual(expected)
  })

  it('tells its named groups in their order', () => {
    expect(regex('(a)(?P<z>b)(?<y>c)').groups).toEqual(['z', 'y'])
  })
})

describe('X2 characters', () => {
  it('are those of UTF-8, and a byte that is none is one of its own', () => {
    expect(regex('^.$').found(utf8('😀'))).toBe(true)
    expect(regex('^..$').found(Uint8Array.of(0xff, 0xc3))).toBe(true)
    expect(regex('^é$').found(utf8('é'))).toBe(true)
    expect(regex('é').found(Uint8Array.of(0xe9))).toBe(false)
  })

  it('lead back to exactly the bytes that they stand for', () => {
    const bytes = Uint8Array.of(0x61, 0xf0, 0x9f, 0x98, 0x80, 0xff, 0xed, 0xa0, 0x80, 0x62)
    expect(captured('a.(?P<odd>.*)b', bytes)).toEqual({ odd: [0xff, 0xed, 0xa0, 0x80] })
    expect(captured('(?P<face>\\x{1F600})', bytes)).toEqual({ face: [0xf0, 0x9f, 0x98, 0x80] })
  })

  it.each([
    ['(?s-u)^v(?P<version>.{8})$', [...Buffer.from('v'), 0, 10, 0, 0xff, 0xc3, 0xa9, 0, 9]],
    ['(?-u)v(?s)(?P<version>.{8})', [...Buffer.from('v'), 0, 10, 0, 0xff, 0xc3, 0xa9, 0, 9]],
  ])('are bytes where u is off: %s', (pattern, bytes) => {
    expect(captured(pattern, Uint8Array.from(bytes))).toEqual({ version: bytes.slice(1) })
  })

  it('written as \\xNN are bytes only where u is off', () => {
    expect(regex('(?-u)^\\xc3\\xa9$').found(utf8('é'))).toBe(true)
    expect(regex('^\\xc3\\xa9$').found(utf8('é'))).toBe(false)
    expect(regex('(?u)^\\xe9$').found(utf8('é'))).toBe(true)
    expect(regex('(?iu-s)^É$').found(utf8('é'))).toBe(true)
  })

  it.each(['(?-u)é', '(?s-u)\\pL'])('of Unicode are refused where u is off: %s', (pattern) => {
    expect(faultOf(pattern)).toMatchObject({ code: 'INVALID_FIELD', details: { field: FIELD } })
  })
})

describe('X3 P10 refused with a reason', () => {
  it.each(['', '   ', '\t\n', '(', 'a**', '[z-a]', '(?=a)', '(?<!a)b', '(a)\\1', '(?P<a>x)(?P<a>y)', 'a{1001}', '\\'])(
    '%j',
    (pattern) => {
      expect(faultOf(pattern)).toMatchObject({ code: 'INVALID_FIELD', details: { field: FIELD } })
    },
  )

  it.each([
    ['a long text repeated', `(?:${'ab'.repeat(500)}){1000}`],
    ['repeats of repeats', '(?:(?:(?:a{10}){10}){10}){10}'],
    ['any number up to a large one', '(?:x{0,1000}){0,9}'],
    ['classes of Unicode', '\\pL'.repeat(300)],
    ['a class of classes of Unicode', `(?i)[${'\\pL'.repeat(300)}]`],
    ['ranges that are folded', `(?i)[${'b-\\x{1fff0}'.repeat(90)}]`],
    ['a number that is none', 'a{99999999999999999999}'],
  ])('because of its size, before it is compiled: %s', (_, pattern) => {
    const begun = performance.now()
    expect(faultOf(pattern)).toMatchObject({ code: 'INVALID_FIELD', details: { limit: limits.REGEX_SIZE_MAX } })
    // A limit against what took half a second, not a figure of speed.
    expect(performance.now() - begun).toBeLessThan(250)
  })

  it('because of its groups', () => {
    expect(faultOf('()'.repeat(limits.REGEX_GROUPS_MAX))).toBeUndefined()
    expect(faultOf('()'.repeat(limits.REGEX_GROUPS_MAX + 1))).toMatchObject({
      ...{ code: 'INVALID_FIELD', details: { limit: limits.REGEX_GROUPS_MAX } },
    })
  })
})

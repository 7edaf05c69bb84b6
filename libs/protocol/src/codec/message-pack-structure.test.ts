import { describe, expect, it } from 'vitest'
import { BODY_CONTAINERS_MAX, BODY_DEPTH_MAX, BODY_NAMES_MAX } from '../limits.ts'
import { messagePackDefect } from './message-pack-structure.ts'
import { encodeMessagePack } from './message-pack.ts'

const bytes = (...values: (number | Uint8Array | string)[]): Uint8Array =>
  Buffer.concat(values.map((value) => (typeof value === 'number' ? Uint8Array.of(value) : Buffer.from(value))))

const zeros = (count: number): Uint8Array => new Uint8Array(count)

/** An empty list inside `depth - 1` containers that each begin with `head`; `behind` values end each of them. */
const nested = (depth: number, head: readonly number[], behind: number): Uint8Array =>
  bytes(...Array.from({ length: depth - 1 }, () => Uint8Array.from(head)), 0x90, zeros(behind * (depth - 1)))

const TOO_EARLY = 'ends too early'
const EXTENSION = 'extension or reserved type'
const BEHIND = 'bytes behind the value'
const NOT_UTF8 = 'text that is not UTF-8'

describe('messagePackDefect', () => {
  it.each([
    ['nil', bytes(0xc0)],
    ['false', bytes(0xc2)],
    ['true', bytes(0xc3)],
    ['positive fixint', bytes(0x7f)],
    ['negative fixint', bytes(0xe0)],
    ['uint 8', bytes(0xcc, 255)],
    ['uint 16', bytes(0xcd, zeros(2))],
    ['uint 32', bytes(0xce, zeros(4))],
    ['uint 64', bytes(0xcf, zeros(8))],
    ['int 8', bytes(0xd0, 255)],
    ['int 16', bytes(0xd1, zeros(2))],
    ['int 32', bytes(0xd2, zeros(4))],
    ['int 64', bytes(0xd3, zeros(8))],
    ['float 32', bytes(0xca, zeros(4))],
    ['float 64', bytes(0xcb, zeros(8))],
    ['empty fixstr', bytes(0xa0)],
    ['fixstr', bytes(0xbf, 'x'.repeat(31))],
    ['str 8', bytes(0xd9, 2, 'é')],
    ['str 16', bytes(0xda, 0, 3, '日')],
    ['str 32', bytes(0xdb, 0, 0, 0, 4, '🐝')],
    ['bin 8', bytes(0xc4, 1, 255)],
    ['bin 16', bytes(0xc5, 0, 1, 255)],
    ['bin 32', bytes(0xc6, 0, 0, 0, 1, 255)],
    ['empty fixarray', bytes(0x90)],
    ['fixarray', bytes(0x92, 1, 2)],
    ['array 16', bytes(0xdc, 0, 1, 0xc0)],
    ['array 32', bytes(0xdd, 0, 0, 0, 1, 0xc0)],
    ['empty fixmap', bytes(0x80)],
    ['fixmap', bytes(0x81, 0xa1, 'a', 0x81, 0xa1, 'b', 1)],
    ['map 16', bytes(0xde, 0, 1, 0xa1, 'a', 1)],
    ['map 32', bytes(0xdf, 0, 0, 0, 1, 0xa1, 'a', 1)],
  ])('finds a %s sound, and nothing of it when it is cut or has more behind', (_type, body) => {
    expect(messagePackDefect(body)).toBeUndefined()
    for (let length = 0; length < body.length; length += 1)
      expect(messagePackDefect(body.subarray(0, length))).toBe(TOO_EARLY)
    expect(messagePackDefect(bytes(body, 0xc0))).toBe(BEHIND)
  })

  it('looks at the view alone, not at what its buffer holds around it', () => {
    const around = bytes(0xff, 0xff, 0x92, 1, 2, 0xff)
    expect(messagePackDefect(around.subarray(2, 5))).toBeUndefined()
    expect(messagePackDefect(around.subarray(2, 4))).toBe(TOO_EARLY)
  })

  it.each([
    ['bin 8', bytes(0xc4, 255, zeros(254))],
    ['bin 16', bytes(0xc5, 255, 255, zeros(100))],
    ['bin 32', bytes(0xc6, 255, 255, 255, 255, zeros(100))],
    ['fixstr', bytes(0xbf, 'x'.repeat(30))],
    ['str 8', bytes(0xd9, 255, 'x'.repeat(254))],
    ['str 16', bytes(0xda, 255, 255, 'x')],
    ['str 32', bytes(0xdb, 255, 255, 255, 255, 'x')],
    ['fixarray', bytes(0x9f, zeros(14))],
    ['array 16', bytes(0xdc, 255, 255, zeros(100))],
    ['array 32', bytes(0xdd, 255, 255, 255, 255, zeros(100))],
    ['fixmap', bytes(0x8f, zeros(29))],
    ['map 16', bytes(0xde, 255, 255, zeros(100))],
  ])('M1 P10 refuses a %s that claims more than there is', (_type, body) => {
    expect(messagePackDefect(body)).toBe(TOO_EARLY)
  })

  it('M1 P11 refuses a map of 2^32-1 entries by its names alone', () => {
    expect(messagePackDefect(bytes(0xdf, 255, 255, 255, 255, zeros(100)))).toBe(`more than ${BODY_NAMES_MAX} names`)
  })

  it('M1 P11 refuses at once what kills a decoder that trusts lengths: 100 bytes of nested headers', () => {
    const heads = [
      [0xdd, 255, 255, 255, 255],
      [0xdd, 2, 0, 0, 0],
      [0xdc, 255, 255],
      [0xdf, 255, 255, 255, 255],
      [0xde, 255, 255],
      [0x9f],
      [0x8f],
    ]
    for (const head of heads) {
      const body = Uint8Array.from({ length: 100 }, (_, at) => head[at % head.length]!)
      expect(messagePackDefect(body)).toBeDefined()
    }
  })

  it.each([
    ['lists', [0x91], 0],
    ['long lists', [0xdd, 0, 0, 0, 1], 0],
    ['maps', [0x81, 0xa1, 0x61], 0],
    ['map keys', [0x81], 1],
  ])('M2 P10 takes %s nested 32 deep and no deeper', (_what, head, behind) => {
    const tooDeep = `nested deeper than ${BODY_DEPTH_MAX}`
    expect(messagePackDefect(nested(32, head, behind))).toBeUndefined()
    expect(messagePackDefect(nested(33, head, behind))).toBe(tooDeep)
    expect(messagePackDefect(nested(100_000, head, behind))).toBe(tooDeep)
  })

  it('M2 P11 takes so many maps and lists and no more', () => {
    const lists = (count: number) =>
      bytes(0xdd, 0, count >> 16, (count >> 8) & 255, count & 255, zeros(count).fill(0x90))
    expect(messagePackDefect(lists(BODY_CONTAINERS_MAX - 1))).toBeUndefined()
    expect(messagePackDefect(lists(BODY_CONTAINERS_MAX))).toBe(`more than ${BODY_CONTAINERS_MAX} maps and lists`)
    const maps = lists(BODY_CONTAINERS_MAX).fill(0x80, 5)
    expect(messagePackDefect(maps)).toBe(`more than ${BODY_CONTAINERS_MAX} maps and lists`)
  })

  it('M2 P11 takes so many names in all maps together and no more', () => {
    const perMap = 10
    const map = (count: number) => bytes(0x80 + count, zeros(2 * count))
    const maps = BODY_NAMES_MAX / perMap
    const head = bytes(0xdd, 0, (maps + 1) >> 16, ((maps + 1) >> 8) & 255, (maps + 1) & 255)
    const full = Array.from({ length: maps }, () => map(perMap))
    expect(messagePackDefect(bytes(head, ...full, map(0)))).toBeUndefined()
    expect(messagePackDefect(bytes(head, ...full, map(1)))).toBe(`more than ${BODY_NAMES_MAX} names`)
  })

  it.each([0xc1, 0xc7, 0xc8, 0xc9, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8])('M3 P10 refuses the type %i', (head) => {
    expect(messagePackDefect(bytes(head, zeros(32)))).toBe(EXTENSION)
    expect(messagePackDefect(bytes(0x91, head, zeros(32)))).toBe(EXTENSION)
  })

  it('M3 P10 refuses a date, which would be an extension', () => {
    expect(messagePackDefect(encodeMessagePack({ since: new Date(5) }))).toBe(EXTENSION)
  })

  it('M3 P10 refuses nothing, and two values', () => {
    expect(messagePackDefect(bytes())).toBe(TOO_EARLY)
    expect(messagePackDefect(bytes(0x80, 0x80))).toBe(BEHIND)
  })

  it.each([
    ['a byte that begins nothing', [0xff]],
    ['a continuation without a beginning', [0x80]],
    ['a character cut short', [0xc3]],
    ['a character cut short inside', [0xe6, 0x97, 0x61]],
    ['an overlong NUL', [0xc0, 0x80]],
    ['an overlong slash', [0xe0, 0x80, 0xaf]],
    ['a lone surrogate', [0xed, 0xa0, 0x80]],
    ['a pair of surrogates', [0xed, 0xa0, 0xbd, 0xed, 0xb0, 0x9d]],
    ['a character beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
  ])('M4 P10 refuses text with %s, short or long, as value or as name', (_what, wrong) => {
    for (const around of ['', 'x', 'x'.repeat(20), 'x'.repeat(40), 'é'.repeat(50)]) {
      const text = bytes(around, Uint8Array.from(wrong), around)
      const value = bytes(0xda, text.length >> 8, text.length & 255, text)
      expect(messagePackDefect(value)).toBe(NOT_UTF8)
      expect(messagePackDefect(bytes(0x81, value, 1))).toBe(NOT_UTF8)
      if (text.length < 256) expect(messagePackDefect(bytes(0xd9, text.length, text))).toBe(NOT_UTF8)
      expect(messagePackDefect(bytes(0xdb, 0, 0, text.length >> 8, text.length & 255, text))).toBe(NOT_UTF8)
      if (text.length < 32) expect(messagePackDefect(bytes(0xa0 + text.length, text))).toBe(NOT_UTF8)
      // The same bytes as bytes are nobody's business.
      expect(messagePackDefect(bytes(0xc4, text.length, text))).toBeUndefined()
    }
  })
})

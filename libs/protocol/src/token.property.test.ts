import { faultOf } from '@waggle/kernel/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Sequence } from './address.ts'
import { TIME_MS_MAX } from './limits.ts'
import {
  decodeListCursor,
  decodeToken,
  decodeTokens,
  encodeListCursor,
  encodeToken,
  encodeTokens,
  generationFrom,
} from './token.ts'

const generations = fc.uint8Array({ minLength: 8, maxLength: 8 }).map(generationFrom)
const sequences = fc.maxSafeNat().map((sequence) => sequence as Sequence)
const tokens = fc.record({ shard: fc.nat(0xffff), generation: generations, sequence: sequences })
const cursors = fc.record({
  list: fc.nat(0xffff_ffff),
  generation: generations,
  createdAt: fc.integer({ min: 0, max: TIME_MS_MAX }),
  address: fc.record({ sequence: sequences, index: fc.nat(0xffff_ffff) }),
})

const ALPHABET = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')

/** Texts that differ from one of `texts` in one character. */
const changedOnce = (texts: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(texts, fc.nat(), fc.constantFrom(...ALPHABET)).map(([text, place, character]) => {
    const at = place % text.length
    return text[at] === character ? '' : text.slice(0, at) + character + text.slice(at + 1)
  })

describe('tokens and cursors', () => {
  it('F4 come back as they were', () => {
    fc.assert(
      fc.property(tokens, cursors, (token, cursor) => {
        expect(decodeToken(encodeToken(token))).toEqual(token)
        expect(decodeListCursor(encodeListCursor(cursor))).toEqual(cursor)
      }),
    )
  })

  it('of several shards come back as they were, whatever their order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(tokens, { minLength: 1, maxLength: 128, selector: ({ shard }) => shard }), (all) => {
        expect(decodeTokens(encodeTokens(all))).toEqual(all)
      }),
    )
  })

  it('fit into any text field and any URL', () => {
    fc.assert(
      fc.property(tokens, cursors, (token, cursor) => {
        expect(encodeToken(token)).toMatch(/^[A-Za-z0-9_-]{30}$/)
        expect(encodeListCursor(cursor)).toMatch(/^[A-Za-z0-9_-]{48}$/)
      }),
    )
  })

  it('P10 no one-character change is read as another position', () => {
    fc.assert(
      fc.property(changedOnce(tokens.map(encodeToken)), changedOnce(cursors.map(encodeListCursor)), (token, cursor) => {
        expect(faultOf(() => decodeToken(token)).code).toBe('INVALID_TOKEN')
        expect(faultOf(() => decodeListCursor(cursor)).code).toBe('INVALID_CURSOR')
      }),
      { numRuns: 2_000 },
    )
  })

  it('P10 no text at all crashes a decoder', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(faultOf(() => decodeToken(text)).kind).toBe('invalid')
        expect(faultOf(() => decodeTokens(text)).kind).toBe('invalid')
        expect(faultOf(() => decodeListCursor(text)).kind).toBe('invalid')
      }),
    )
  })
})

import { AssertionError } from '@waggle/kernel'
import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import type { Generation, Sequence } from './address.ts'
import { fnv1a32 } from './fnv1a32.ts'
import { SHARDS_MAX, TIME_MS_MAX, TOKEN_BYTES_MAX } from './limits.ts'
import {
  decodeListCursor,
  decodeToken,
  decodeTokens,
  encodeListCursor,
  encodeToken,
  encodeTokens,
  generationFrom,
  listNumber,
  type ListCursor,
  type Token,
} from './token.ts'

const generation = '0123456789abcdef' as Generation
const token: Token = { shard: 12, generation, sequence: 345_678 as Sequence }
const cursor: ListCursor = {
  list: listNumber('experience.list', 'bees'),
  generation,
  createdAt: 1_700_000_000_123,
  address: { sequence: 345_678 as Sequence, index: 7 },
}

/** Bytes with a right checksum, as a forger or a later version would make them. */
const sealed = (body: Uint8Array): string => {
  const bytes = Buffer.alloc(body.length + 3)
  bytes.set(body)
  bytes.writeUIntBE(fnv1a32(body) & 0xff_ffff, body.length, 3)
  return bytes.toString('base64url')
}

const bodyOf = (text: string): Buffer => Buffer.from(text, 'base64url').subarray(0, -3)

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Every text that differs from `text` in one character, misses its end or its start, or has one character more. */
function* damaged(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += 1) {
    for (const character of `${ALPHABET}+/=. \n\0é`)
      if (character !== text[at]) yield text.slice(0, at) + character + text.slice(at + 1)
    yield text.slice(0, at)
    yield text.slice(at + 1)
    yield text.slice(0, at) + text.slice(at + 1)
    for (const character of 'A_ ') yield text.slice(0, at) + character + text.slice(at)
  }
  for (const more of ['A', '=', '==', '\n', ' ', text]) yield text + more
}

const faces = [
  ['token', encodeToken(token), decodeToken, 'INVALID_TOKEN'],
  ['cursor', encodeListCursor(cursor), decodeListCursor, 'INVALID_CURSOR'],
] as const

describe('tokens and cursors', () => {
  // Computed with Python's struct and base64.
  it('F4 keep their form: those handed out before stay valid', () => {
    expect(encodeToken(token)).toBe('AQAMASNFZ4mrze8AAAAAAAVGTpE_Nw')
    expect(encodeListCursor(cursor)).toBe('BAEjRWeJq83vAAABi8_laHsAAAAAAAVGTgAAAAeCS9PvEEt1')
  })

  it('F4 come back whole, at both ends of every range', () => {
    const firstGeneration = '0000000000000000' as Generation
    const lastGeneration = 'ffffffffffffffff' as Generation
    const last = Number.MAX_SAFE_INTEGER as Sequence
    const tokens: Token[] = [
      token,
      { shard: 0, generation: firstGeneration, sequence: 0 as Sequence },
      { shard: 0xffff, generation: lastGeneration, sequence: last },
    ]
    const cursors: ListCursor[] = [
      cursor,
      { list: 0, generation: firstGeneration, createdAt: 0, address: { sequence: 0 as Sequence, index: 0 } },
      {
        list: 0xffff_ffff,
        generation: lastGeneration,
        createdAt: TIME_MS_MAX,
        address: { sequence: last, index: 0xffff_ffff },
      },
    ]
    for (const one of tokens) expect(decodeToken(encodeToken(one))).toEqual(one)
    for (const one of cursors) expect(decodeListCursor(encodeListCursor(one))).toEqual(one)
  })

  it.each(faces)(
    'P10 a %s with any one character changed, missing or too many is refused',
    (name, text, decode, code) => {
      for (const other of damaged(text)) {
        const fault = faultOf(() => decode(other))
        expect(fault.code).toBe(code)
        expect(fault.details).toEqual({ field: name })
      }
    },
  )

  it.each(faces)('P10 what is no %s is refused', (_name, _text, decode, code) => {
    for (const text of ['', 'A', '%', 'null', 'undefined', 'é'.repeat(30), '\ud800', 'A'.repeat(200), '🐝'.repeat(10)])
      expect(faultOf(() => decode(text)).code).toBe(code)
  })

  it('P10 one is not taken for the other', () => {
    expect(faultOf(() => decodeToken(encodeListCursor(cursor))).code).toBe('INVALID_TOKEN')
    expect(faultOf(() => decodeListCursor(encodeToken(token))).code).toBe('INVALID_CURSOR')
    const swapped = Buffer.from(bodyOf(encodeToken(token)))
    swapped[0] = 4
    expect(faultOf(() => decodeToken(sealed(swapped))).code).toBe('INVALID_TOKEN')
  })

  it('P10 a forged one with a right checksum is refused where its numbers are beyond what is exact', () => {
    const inToken = Buffer.from(bodyOf(encodeToken(token)))
    expect(sealed(inToken)).toBe(encodeToken(token))
    for (const number of [2n ** 53n, 2n ** 64n - 1n]) {
      inToken.writeBigUInt64BE(number, 11)
      expect(faultOf(() => decodeToken(sealed(inToken))).code).toBe('INVALID_TOKEN')
      for (const offset of [9, 17]) {
        const inCursor = Buffer.from(bodyOf(encodeListCursor(cursor)))
        inCursor.writeBigUInt64BE(number, offset)
        expect(faultOf(() => decodeListCursor(sealed(inCursor))).code).toBe('INVALID_CURSOR')
      }
    }
    const late = Buffer.from(bodyOf(encodeListCursor(cursor)))
    late.writeBigUInt64BE(BigInt(TIME_MS_MAX) + 1n, 9)
    expect(faultOf(() => decodeListCursor(sealed(late))).code).toBe('INVALID_CURSOR')
  })

  it('are never made of numbers that would come back as others', () => {
    for (const shard of [-1, 0x1_0000, 1.5, NaN]) expect(() => encodeToken({ ...token, shard })).toThrow(AssertionError)
    for (const sequence of [-1, 2 ** 53, 0.5, NaN] as Sequence[]) {
      expect(() => encodeToken({ ...token, sequence })).toThrow(AssertionError)
      expect(() => encodeListCursor({ ...cursor, address: { sequence, index: 0 } })).toThrow(AssertionError)
      expect(() => encodeListCursor({ ...cursor, createdAt: sequence })).toThrow(AssertionError)
    }
    const address = { ...cursor.address, index: 0x1_0000_0000 }
    expect(() => encodeListCursor({ ...cursor, address })).toThrow(AssertionError)
    for (const other of ['', '123', `${generation}0`, generation.toUpperCase()] as Generation[])
      expect(() => encodeToken({ ...token, generation: other })).toThrow(AssertionError)
  })
})

describe('tokens of several shards', () => {
  const ofShard = (shard: number, sequence = 5): Token => ({ ...token, shard, sequence: sequence as Sequence })
  const invalid = { code: 'INVALID_TOKEN', details: { field: 'token' } }

  it('are joined, and come back in order', () => {
    const tokens = [ofShard(3), ofShard(0), ofShard(0xffff)]
    expect(encodeTokens(tokens)).toBe(tokens.map(encodeToken).join('.'))
    expect(decodeTokens(encodeTokens(tokens))).toEqual(tokens)
  })

  it('F4 one alone is its own text: those handed out before stay valid', () => {
    expect(encodeTokens([token])).toBe('AQAMASNFZ4mrze8AAAAAAAVGTpE_Nw')
    expect(decodeTokens('AQAMASNFZ4mrze8AAAAAAAVGTpE_Nw')).toEqual([token])
  })

  it('of each shard the last one given counts', () => {
    expect(decodeTokens(encodeTokens([ofShard(1, 9), ofShard(2), ofShard(1, 4)]))).toEqual([ofShard(1, 4), ofShard(2)])
  })

  it('one of every shard that there can be fits into what a request takes', () => {
    const tokens = Array.from({ length: SHARDS_MAX }, (_, shard) => ofShard(shard))
    const text = encodeTokens(tokens)
    expect(text.length).toBeLessThanOrEqual(TOKEN_BYTES_MAX)
    expect(decodeTokens(text)).toEqual(tokens)
    expect(faultOf(() => decodeTokens(`${text}.${encodeToken(ofShard(SHARDS_MAX))}`))).toMatchObject(invalid)
  })

  it('P10 what is no text of tokens is refused: nothing, empty parts, two of a shard, a cursor among them', () => {
    const [one, other] = [encodeToken(ofShard(1)), encodeToken(ofShard(2))]
    const twice = `${one}.${encodeToken(ofShard(1, 6))}`
    const texts = ['', '.', `${one}.`, `.${one}`, `${one}..${other}`, twice, `${one}.${encodeListCursor(cursor)}`]
    for (const text of [...texts, `${one} ${other}`, `${one},${other}`, '.'.repeat(1_000_000)])
      expect(faultOf(() => decodeTokens(text))).toMatchObject(invalid)
    // A request that speaks of one shard takes no more than one.
    expect(faultOf(() => decodeToken(`${one}.${other}`))).toMatchObject(invalid)
  })

  it('P10 any one character changed, missing or too many is refused; cut at the joint one is left, as it was', () => {
    const tokens = [ofShard(1), ofShard(2)]
    const halves = tokens.map(encodeToken)
    for (const other of damaged(encodeTokens(tokens))) {
      const half = halves.indexOf(other)
      if (half >= 0) expect(decodeTokens(other)).toEqual([tokens[half]])
      else expect(faultOf(() => decodeTokens(other))).toMatchObject(invalid)
    }
  })
})

describe('generationFrom', () => {
  it('names a life by 8 bytes, leading zeros kept', () => {
    expect(generationFrom(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0))).toBe('0000000000000000')
    expect(generationFrom(Uint8Array.of(1, 35, 69, 103, 137, 171, 205, 239))).toBe(generation)
    expect(generationFrom(Uint8Array.of(9, 1, 35, 69, 103, 137, 171, 205, 239, 9).subarray(1))).toBe(generation)
  })

  it('takes no fewer', () => {
    expect(() => generationFrom(new Uint8Array(7))).toThrow(AssertionError)
  })
})

import type { Uuid } from '@waggle/kernel'
import { faultOf } from '@waggle/kernel/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Sequence } from './address.ts'
import { collectiveNumber, decodeWatchCursor, encodeWatchCursor, endOfBatch, journalNames } from './watch-cursor.ts'
import { encodeListCursor, encodeToken, generationFrom } from './token.ts'

const generations = fc.uint8Array({ minLength: 8, maxLength: 8 }).map(generationFrom)
const addresses = fc.record({
  sequence: fc.maxSafeNat().map((sequence) => sequence as Sequence),
  index: fc.nat(0xffff_ffff),
})
const cursors = fc.record({
  journal: fc.constantFrom(...journalNames),
  generation: generations,
  collective: fc.uuid().map((id) => collectiveNumber(id as Uuid)),
  incarnation: addresses,
  address: addresses,
})

const ALPHABET = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')

const changedOnce = fc
  .tuple(cursors.map(encodeWatchCursor), fc.nat(), fc.constantFrom(...ALPHABET))
  .map(([text, place, character]) => {
    const at = place % text.length
    return text[at] === character ? '' : text.slice(0, at) + character + text.slice(at + 1)
  })

const refusal = (text: string) => faultOf(() => decodeWatchCursor(text, 'from'))

describe('cursors of watchers', () => {
  it('F4 come back as they were', () => {
    fc.assert(
      fc.property(cursors, (cursor) => {
        expect(decodeWatchCursor(encodeWatchCursor(cursor), 'from')).toEqual(cursor)
      }),
    )
  })

  it('fit into any text field and any URL', () => {
    fc.assert(
      fc.property(cursors, (cursor) => {
        expect(encodeWatchCursor(cursor)).toMatch(/^[A-Za-z0-9_-]{54}$/)
      }),
    )
  })

  it('P10 no one-character change is read as another place', () => {
    fc.assert(
      fc.property(changedOnce, (text) => {
        expect(refusal(text).code).toBe('INVALID_CURSOR')
      }),
      { numRuns: 2_000 },
    )
  })

  it('P10 no text at all crashes the decoder, and the fault names the field', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(refusal(text)).toMatchObject({ code: 'INVALID_CURSOR', details: { field: 'from' } })
      }),
    )
  })

  it('P10 neither a token nor the cursor of a list is one', () => {
    fc.assert(
      fc.property(generations, addresses, (generation, address) => {
        const others = [
          encodeToken({ shard: 1, generation, sequence: address.sequence }),
          encodeListCursor({ list: 1, generation, createdAt: 1, address }),
        ]
        for (const text of others) expect(refusal(text).code).toBe('INVALID_CURSOR')
      }),
    )
  })

  it('the end of a batch lies behind every change of it', () => {
    const sequence = 7 as Sequence
    const cursor = {
      ...{ journal: 'memory' as const, generation: generationFrom(new Uint8Array(8)) },
      ...{ collective: 1, incarnation: endOfBatch(sequence) },
    }
    expect(decodeWatchCursor(encodeWatchCursor({ ...cursor, address: endOfBatch(sequence) }), 'from').address).toEqual({
      sequence,
      index: 0xffff_ffff,
    })
  })
})

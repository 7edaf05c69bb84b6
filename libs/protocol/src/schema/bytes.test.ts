import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import { encodeBody } from '../codec/body.ts'
import { base64Of, bytes } from './bytes.ts'

const decode = bytes({ bytesMax: 4 })
const refusal = (value: unknown) => faultOf(() => decode(value, 'key')).toJSON()

describe('bytes', () => {
  it.each([
    ['bytes', Uint8Array.of(0, 255), [0, 255]],
    ['a buffer', Buffer.from([1, 2]), [1, 2]],
    ['a text, which stands for its UTF-8', 'aé', [0x61, 0xc3, 0xa9]],
    ['base64', { base64: 'AP8=' }, [0, 255]],
    ['nothing', '', []],
    ['nothing in base64', { base64: '' }, []],
  ])('takes %s', (_, value, expected) => {
    expect(decode(value, 'key')).toEqual(Uint8Array.from(expected))
  })

  it('gives a copy that its caller cannot change', () => {
    const given = Uint8Array.of(1)
    const decoded = decode(given, 'key')
    given[0] = 2
    expect(decoded).toEqual(Uint8Array.of(1))
  })

  it.each([
    ['a number', 5],
    ['a list of numbers', [1, 2]],
    ['other typed arrays', new Float32Array(1)],
    ['half of a character', '\ud800'],
  ])('P10 refuses %s', (_, value) => {
    expect(refusal(value)).toMatchObject({ code: 'INVALID_FIELD', kind: 'invalid', details: { field: 'key' } })
  })

  it('P10 tells the limit of what is too long, by its bytes', () => {
    const expected = { code: 'CONTENT_TOO_LARGE', details: { field: 'key', size: 5, limit: 4 } }
    for (const value of [new Uint8Array(5), 'ééa', { base64: 'AAAAAAA=' }])
      expect(refusal(value)).toMatchObject(expected)
    expect(decode('éé', 'key')).toHaveLength(4)
  })

  it('P10 names what is wrong inside of base64', () => {
    expect(refusal({})).toMatchObject({ code: 'REQUIRED_FIELD', details: { field: 'key.base64' } })
    expect(refusal({ base64: 5 })).toMatchObject({ code: 'INVALID_FIELD', details: { field: 'key.base64' } })
    // Without padding, of the other alphabet, with bits behind the last byte.
    for (const base64 of ['AP8', '_-8=', 'AP9='])
      expect(refusal({ base64 })).toMatchObject({ code: 'INVALID_FIELD', details: { field: 'key.base64' } })
    expect(refusal({ base64: '', more: 1 })).toMatchObject({ code: 'UNKNOWN_FIELD', details: { field: 'key.more' } })
  })

  it('is `{ base64 }` in JSON, wherever it stands, and what it was in MessagePack', () => {
    const value = { items: [[Uint8Array.of(0, 255), Buffer.from([1])]], vector: Float32Array.of(0.5) }
    const json = Buffer.from(encodeBody(value, 'json')).toString()
    expect(JSON.parse(json)).toEqual({ items: [[{ base64: 'AP8=' }, { base64: 'AQ==' }]], vector: [0.5] })
    expect(base64Of(Buffer.from('xyz').subarray(1))).toEqual({ base64: 'eXo=' })
  })
})

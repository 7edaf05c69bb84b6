import { describe, expect, it } from 'vitest'
import { AssertionError } from './assert.ts'
import { concatBytes } from './bytes.ts'
import { deriveUuid, formatUuid, isUuid, uuidBytes, type Uuid } from './uuid.ts'

const ID = '0190b2c0-1111-7abc-8def-0123456789ab' as Uuid

describe('isUuid', () => {
  it.each([
    ID,
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '0190b2c0-1111-4abc-0def-0123456789ab',
  ])('takes %s, of any version', (text) => {
    expect(isUuid(text)).toBe(true)
  })

  it.each([
    ID.toUpperCase(),
    ID.replaceAll('-', ''),
    `{${ID}}`,
    `urn:uuid:${ID}`,
    ` ${ID}`,
    `${ID}\n`,
    ID.slice(0, -1),
    `${ID}0`,
    ID.replace('a', 'g'),
    ID.replace('0', '０'),
    '',
    undefined,
    null,
    5,
    [ID],
    { toString: () => ID },
  ])('refuses %o', (value) => {
    expect(isUuid(value)).toBe(false)
  })
})

describe('formatUuid and uuidBytes', () => {
  it('know the bytes of a text and the text of bytes', () => {
    const bytes = Uint8Array.of(
      ...[0x01, 0x90, 0xb2, 0xc0, 0x11, 0x11, 0x7a, 0xbc, 0x8d, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab],
    )
    expect(Uint8Array.from(uuidBytes(ID))).toEqual(bytes)
    expect(formatUuid(bytes)).toBe(ID)
  })

  it('format a view at any offset, and only its first 16 bytes', () => {
    const around = concatBytes(Uint8Array.of(0xff, 0xff, 0xff), uuidBytes(ID), Uint8Array.of(0xee, 0xee))
    expect(formatUuid(around.subarray(3))).toBe(ID)
  })

  it('never go on into the memory behind a view that is too short', () => {
    const whole = concatBytes(uuidBytes(ID), uuidBytes(ID))
    expect(() => formatUuid(whole.subarray(0, 15))).toThrow(AssertionError)
    expect(() => formatUuid(new Uint8Array(0))).toThrow(AssertionError)
  })

  it.each(['', 'not a uuid', ID.slice(2), ID.replace('b', 'x'), `${ID}ff`])('give no bytes for %o', (text) => {
    expect(() => uuidBytes(text as Uuid)).toThrow(AssertionError)
  })
})

describe('deriveUuid', () => {
  // Computed with Python's hashlib and uuid. Changing one moves every derived id.
  it.each([
    [[], 'e3b0c442-98fc-8c14-9afb-f4c8996fb924'],
    [[''], 'ba768b33-1fd8-8cec-803b-e04e56ab2b3d'],
    [['collective', 'default', 'key', 'k1'], '8c89c12d-7220-8be7-83cd-97ed8fe052dd'],
    [['ab', 'c'], '430fb1b4-ac43-816e-8a81-fab27a1930ab'],
    [['a', 'bc'], '5310a587-8878-8ab2-9d5a-d7c3f8503582'],
    [['Zürich', '日本', '🐝'], '8852e216-650d-8d83-ab62-624f98e95ba1'],
    [
      ['experience', 'default', '0190b2c0-1111-7000-8000-000000000001', 'k', '0'],
      '086453b8-9c89-82b7-89ad-d07a3396a36b',
    ],
  ])('F6 of %j is %s, in every process', (parts, id) => {
    expect(deriveUuid(parts)).toBe(id)
  })

  it('tells parts apart that join to the same text', () => {
    const partings = [['abc'], ['ab', 'c'], ['a', 'bc'], ['a', 'b', 'c'], ['', 'abc'], ['abc', ''], ['1:a', 'bc']]
    expect(new Set(partings.map(deriveUuid)).size).toBe(partings.length)
  })

  it('tells a part apart that imitates the length in front of one', () => {
    expect(deriveUuid(['a', 'b'])).not.toBe(deriveUuid(['a1:b']))
    expect(deriveUuid(['3:a1:b'])).not.toBe(deriveUuid(['3', 'a1:b']))
  })
})

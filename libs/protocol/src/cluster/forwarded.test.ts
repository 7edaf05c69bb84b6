import type { Uuid } from '@waggle/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TenantId } from '../collective.ts'
import { operations } from '../operations/table.ts'
import { decodeForwarded, encodeForwarded, type Forwarded } from './forwarded.ts'

const forwarded: Forwarded = {
  tenant: 'ana' as TenantId,
  operation: 'experience.record',
  requestId: '0190b2c0-1111-7abc-8def-0123456789ab' as Uuid,
  router: '0190b2c0-2222-7abc-8def-0123456789ab' as Uuid,
  number: 12,
  lowest: 7,
}

describe('the header of a forwarded request', () => {
  it('is one line of texts', () => {
    expect(encodeForwarded(forwarded)).toBe(
      'ana experience.record 0190b2c0-1111-7abc-8def-0123456789ab 0190b2c0-2222-7abc-8def-0123456789ab 12 7',
    )
  })

  it('reads as what was written', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
        fc.constantFrom(...Object.keys(operations)),
        fc.uuid() as fc.Arbitrary<Uuid>,
        fc.uuid() as fc.Arbitrary<Uuid>,
        fc.tuple(fc.integer({ min: 1 }), fc.nat()),
        (tenant, operation, requestId, router, [lowest, above]) => {
          const one = { tenant: tenant as TenantId, operation, requestId, router, lowest, number: lowest + above }
          expect(decodeForwarded(encodeForwarded(one))).toEqual(one)
        },
      ),
    )
  })

  const parts = encodeForwarded(forwarded).split(' ')
  const withPart = (at: number, part: string) => parts.map((own, index) => (index === at ? part : own)).join(' ')

  it.each([
    '',
    ' ',
    parts.slice(0, 5).join(' '),
    [...parts, 'more'].join(' '),
    withPart(0, '$sys'),
    withPart(0, ''),
    withPart(1, 'experience.forget'),
    withPart(1, '__proto__'),
    withPart(2, 'ABC'),
    withPart(3, parts[3]!.toUpperCase()),
    ...['0', '-1', '1.5', 'x', '', '9007199254740992'].map((number) => withPart(4, number)),
    ...['0', '-1', '1.5', 'x', '', '13'].map((lowest) => withPart(5, lowest)),
  ])('P10 %o is none', (header) => {
    expect(decodeForwarded(header)).toBeUndefined()
  })

  it('P10 noise is none', () => {
    fc.assert(fc.property(fc.string(), (noise) => decodeForwarded(noise) === undefined))
  })
})

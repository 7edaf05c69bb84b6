import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import { TENANT_BYTES_MAX } from './limits.ts'
import { decodeTenant, DEFAULT_TENANT } from './tenant.ts'

describe('decodeTenant', () => {
  it.each([DEFAULT_TENANT, 'a', 'Team-7_x', '0', 'x'.repeat(TENANT_BYTES_MAX)])('takes %s', (name) => {
    expect(decodeTenant(name)).toBe(name)
  })

  it.each([
    '',
    'x'.repeat(TENANT_BYTES_MAX + 1),
    'a.b',
    '*',
    '>',
    '$sys',
    'a b',
    'a\n',
    '\na',
    'café',
    'а', // Cyrillic
    undefined,
    null,
    5,
    ['default'],
  ])('P10 P12 refuses %o, which is no single token of a subject', (value) => {
    const fault = faultOf(() => decodeTenant(value))
    expect(fault.toJSON()).toMatchObject({
      code: 'INVALID_FIELD',
      kind: 'invalid',
      details: { field: 'tenant', limit: TENANT_BYTES_MAX },
    })
  })
})

import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import { Environment } from './environment.ts'

const environment = new Environment({ EMPTY: '', NAME: 'ana', COUNT: '16', BIG: '1e3', LIST: 'a, b,,c ', YES: '1' })

describe('the environment', () => {
  it('reads texts, of which an empty one counts as absent', () => {
    expect(environment.text('NAME')).toBe('ana')
    expect(environment.text('EMPTY', { default: 'otherwise' })).toBe('otherwise')
    expect(environment.optionalText('EMPTY')).toBeUndefined()
    expect(environment.nodeName('NAME')).toBe('ana')
  })

  it('reads integers, lists, choices and flags', () => {
    expect(environment.integer('COUNT', { min: 1, max: 128 })).toBe(16)
    expect(environment.integer('ABSENT', { min: 1, max: 128, default: 7 })).toBe(7)
    expect(environment.list('LIST')).toEqual(['a', 'b', 'c'])
    expect(environment.oneOf('NAME', ['ana', 'ben'])).toBe('ana')
    expect([environment.flag('YES'), environment.flag('ABSENT')]).toEqual([true, false])
  })

  it('reads values in JSON', () => {
    expect([environment.json('COUNT'), environment.json('ABSENT')]).toEqual([16, undefined])
  })

  it('reads credentials, both or none', () => {
    expect(environment.credentials('NAME', 'COUNT')).toEqual({ user: 'ana', password: '16' })
    expect(environment.credentials('ABSENT', 'EMPTY')).toBeUndefined()
  })

  it.each<[string, string, () => unknown]>([
    ['REQUIRED_FIELD', 'EMPTY', () => environment.text('EMPTY')],
    ['REQUIRED_FIELD', 'ABSENT', () => environment.integer('ABSENT', { min: 0, max: 1 })],
    ['REQUIRED_FIELD', 'EMPTY', () => environment.list('EMPTY')],
    ['REQUIRED_FIELD', 'ABSENT', () => environment.credentials('NAME', 'ABSENT')],
    ['REQUIRED_FIELD', 'ABSENT', () => environment.credentials('ABSENT', 'NAME')],
    ['INVALID_FIELD', 'COUNT', () => environment.integer('COUNT', { min: 17, max: 128 })],
    ['INVALID_FIELD', 'COUNT', () => environment.integer('COUNT', { min: 1, max: 15 })],
    ['INVALID_FIELD', 'BIG', () => environment.integer('BIG', { min: 1, max: 10_000 })],
    ['INVALID_FIELD', 'NAME', () => environment.integer('NAME', { min: 1, max: 15 })],
    ['INVALID_FIELD', 'NAME', () => environment.oneOf('NAME', ['ben'])],
    ['INVALID_FIELD', 'NAME', () => environment.flag('NAME')],
    ['INVALID_FIELD', 'NAME', () => environment.json('NAME')],
    ['INVALID_FIELD', 'NAME', () => environment.text('NAME', { pattern: /^b/, expected: 'a b' })],
    ['INVALID_FIELD', 'LIST', () => environment.nodeName('LIST')],
  ])('P10 %s names the variable %s', (code, field, read) => {
    const refusal = faultOf(read)
    expect([refusal.code, refusal.details.field]).toEqual([code, field])
    expect(refusal.message).toContain(field)
  })
})

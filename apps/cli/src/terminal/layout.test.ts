import { describe, expect, it } from 'vitest'
import { count, counted, duration, fields, moment, size } from './layout.ts'

describe('layout', () => {
  it('groups digits', () => {
    expect([0, 999, 1000, 1234567, 999.6].map(count)).toEqual(['0', '999', '1,000', '1,234,567', '1,000'])
    expect([counted(1, 'line'), counted(0, 'line'), counted(2, 'experience')]).toEqual([
      '1 line',
      '0 lines',
      '2 experiences',
    ])
  })

  it('keeps the digits of a duration that matter', () => {
    expect([0.04, 0.999, 1.26, 9.96, 12.4, 999.7, 3400, 61_000].map(duration)).toEqual([
      '0.04 ms',
      '1.0 ms',
      '1.3 ms',
      '10 ms',
      '12 ms',
      '1.00 s',
      '3.40 s',
      '61.0 s',
    ])
  })

  it('keeps the digits of a size that matter', () => {
    expect([0, 999, 1500, 123_456, 999_900, 4e12, 5e15].map(size)).toEqual([
      '0 B',
      '999 B',
      '1.5 KB',
      '123 KB',
      '1.0 MB',
      '4.0 TB',
      '5000 TB',
    ])
  })

  it('writes times alike on every machine', () => {
    expect(moment(0)).toBe('1970-01-01 00:00:00Z')
  })

  it('aligns values and leaves out absent ones', () => {
    expect(fields({ id: 'x', dimension: 3, owner: undefined, ok: false })).toEqual([
      'id         x',
      'dimension  3',
      'ok         false',
    ])
  })

  it('T1: no line of a value passes for a field', () => {
    expect(fields({ content: 'one\n\u001b[2Jtwo\nversion  9', n: 1 })).toEqual([
      'content  one',
      '          [2Jtwo',
      '         version  9',
      'n        1',
    ])
  })
})

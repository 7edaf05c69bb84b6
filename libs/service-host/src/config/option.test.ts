import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import {
  choiceOption,
  integerOption,
  listOption,
  structuredOption,
  switchOption,
  textOption,
  type Option,
} from './option.ts'

const about = 'what it is for'
const text = textOption({ about }, { pattern: /^[a-z]+$/, range: 'a-z' })
const integer = integerOption({ about, min: 1, max: 128, unit: 'ms' })
const choice = choiceOption({ about, values: ['low', 'high'] })
const number = choiceOption({ about, values: [1, 3, 5] })
const yes = switchOption({ about, default: false })
const list = listOption({ about }, { pattern: /^[a-z]+$/, range: 'a-z' })
const structured = structuredOption({ about, range: 'JSON { deep }' }, (given) => {
  if (typeof given !== 'object' || given === null || !('deep' in given)) throw new Error('not deep')
  return given.deep
})

describe('an option', () => {
  it.each<[string, Option<unknown>, unknown, unknown]>([
    ['text', text, 'abc', 'abc'],
    ['integer in a text', integer, '128', 128],
    ['integer', integer, 1, 1],
    ['choice', choice, 'high', 'high'],
    ['number of some in a text', number, '3', 3],
    ['number of some', number, 3, 3],
    ['switch that is on', yes, '1', true],
    ['switch in words', yes, 'false', false],
    ['switch', yes, true, true],
    ['list in a text', list, 'a, b,,c ', ['a', 'b', 'c']],
    ['list', list, ['a', 'b'], ['a', 'b']],
    ['structure in JSON', structured, '{"deep":[1]}', [1]],
    ['structure', structured, { deep: 2 }, 2],
  ])('reads a %s', (_, option, given, value) => {
    expect(option.read(given, 'NAME')).toEqual(value)
  })

  it.each<[Option<unknown>, unknown, string]>([
    [text, 'ABC', 'a-z'],
    [text, 7, 'a-z'],
    [text, 'abc\0', 'a-z'],
    [integer, '0', '1..128 ms'],
    [integer, '129', '1..128 ms'],
    [integer, '1e2', '1..128 ms'],
    [integer, '1.5', '1..128 ms'],
    [integer, 1.5, '1..128 ms'],
    [integer, NaN, '1..128 ms'],
    [integer, '0x10', '1..128 ms'],
    [choice, 'HIGH', 'low|high'],
    [number, '2', '1|3|5'],
    [yes, 'yes', 'true|false'],
    [list, ' , ', 'a-z, one or more'],
    [list, [], 'a-z, one or more'],
    [list, ['a', 1], 'a-z, one or more'],
    [list, 'a,B', 'a-z, one or more'],
    [structured, '{', 'JSON { deep }'],
    [structured, '[]', 'JSON { deep }'],
  ])('P10 %# refuses what lies outside its range, by the name that it was given with', (option, given, expected) => {
    const refusal = faultOf(() => option.read(given, 'NAME'))
    expect(refusal).toMatchObject({ code: 'INVALID_FIELD', details: { field: 'NAME', expected } })
  })
})

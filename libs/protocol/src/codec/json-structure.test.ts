import { describe, expect, it } from 'vitest'
import { BODY_CONTAINERS_MAX, BODY_DEPTH_MAX, BODY_NAMES_MAX } from '../limits.ts'
import { jsonDefect } from './json-structure.ts'

const defectOf = (text: string) => jsonDefect(Buffer.from(text))
const tooDeep = `nested deeper than ${BODY_DEPTH_MAX}`

describe('jsonDefect', () => {
  it.each(['', '{}', '{"a":[1,{"b":null}]}', ' \n{ "a" : 1 } ', '5', '"text"', 'no JSON at all'])(
    'has nothing against %j: whether it is JSON the parser knows',
    (text) => {
      expect(defectOf(text)).toBeUndefined()
    },
  )

  it.each([
    ['lists', '[', ']'],
    ['maps', '{"a":', '}'],
    ['both', '[{"a":', '}]'],
  ])('P10 takes %s nested 32 deep and no deeper', (_what, open, close) => {
    const levels = open.length > 5 ? 2 : 1
    const nest = (depth: number) => open.repeat(depth / levels) + '1' + close.repeat(depth / levels)
    expect(defectOf(nest(32))).toBeUndefined()
    expect(defectOf(nest(32 + levels))).toBe(tooDeep)
    expect(defectOf(open.repeat(1_000_000))).toBe(tooDeep)
  })

  it('counts depth, not brackets: what is closed is left', () => {
    expect(defectOf(`[${'[[1]],'.repeat(1_000)}1]`)).toBeUndefined()
  })

  it('P11 takes so many maps and lists and no more', () => {
    expect(defectOf(`[${'[],'.repeat(BODY_CONTAINERS_MAX - 2)}[]]`)).toBeUndefined()
    const defect = `more than ${BODY_CONTAINERS_MAX} maps and lists`
    expect(defectOf(`[${'[],'.repeat(BODY_CONTAINERS_MAX - 1)}[]]`)).toBe(defect)
    expect(defectOf(`[${'{},'.repeat(BODY_CONTAINERS_MAX - 1)}{}]`)).toBe(defect)
  })

  it('P11 takes so many names and no more', () => {
    expect(defectOf(`{${'"a":1,'.repeat(BODY_NAMES_MAX - 1)}"a":1}`)).toBeUndefined()
    expect(defectOf(`{${'"a":1,'.repeat(BODY_NAMES_MAX)}"a":1}`)).toBe(`more than ${BODY_NAMES_MAX} names`)
  })

  it.each(['[', '{', '}', ']', ':', '\\"[', '\\\\', 'é日🐝['])('does not look for %j inside a text', (inside) => {
    const text = inside.repeat(BODY_CONTAINERS_MAX + 1)
    expect(defectOf(`{"a":"${text}","${text}":1}`)).toBeUndefined()
  })

  it('P10 looks again behind a text, whatever escapes it ends with', () => {
    for (const escape of ['', '\\"', '\\\\', '\\\\\\"', '\\u005c'])
      expect(defectOf(`{"a":"${escape}","b":${'['.repeat(32)}`)).toBe(tooDeep)
  })

  it.each(['{"a', '{"a\\', '{"a\\"', '"', '"\\', '"\\\\', '"\\u'])(
    'P10 comes to an end where a text does not: %j',
    (text) => {
      expect(defectOf(text)).toBeUndefined()
    },
  )

  it('P10 is not led astray by brackets that close nothing', () => {
    // The depth falls below zero, but a parser refuses the first of them before it reaches what follows.
    const text = `{}${']'.repeat(100)}${'['.repeat(100)}`
    expect(defectOf(text)).toBeUndefined()
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError)
  })
})

import { describe, expect, it } from 'vitest'
import { judgeRegister, type SeenRead, type SeenWrite } from './register-history.ts'

const write = (value: number, startMs: number, endMs: number, sequence = value * 10): SeenWrite => ({
  ...{ value, sequence, startMs, endMs },
})
const read = (kind: SeenRead['kind'], value: number, startMs: number, endMs: number, atLeast?: number): SeenRead => ({
  ...{ kind, reader: kind, value, startMs, endMs },
  ...(atLeast === undefined ? {} : { atLeast }),
})
const writes = [write(1, 0, 10), write(2, 20, 30), write(3, 40, 50)]
const good = [
  ...[read('token', 1, 12, 14, 1), read('token', 2, 22, 24, 1), read('any', 0, 60, 61), read('any', 3, 45, 46)],
  ...[read('strong', 1, 15, 19), read('strong', 2, 21, 60), read('session', 1, 60, 61), read('session', 3, 62, 63)],
]

describe('a history', () => {
  it('that is right is found right', () => {
    expect(Object.values(judgeRegister(writes, good)).flat()).toEqual([])
  })

  it.each([
    ['stale', read('token', 1, 60, 61, 2)],
    ['notLinear', read('strong', 2, 60, 61)],
    ['notLinear', read('strong', 1, 31, 35)],
    ['backwards', read('session', 2, 64, 65)],
    ['fromNowhere', read('any', 3, 35, 39)],
  ] as const)('of a read that is %s is found', (name, bad) => {
    expect(judgeRegister(writes, [...good, bad])).toMatchObject({ [name]: [bad] })
  })

  it('of a strong read that is older than another one before it is found', () => {
    const bad = read('strong', 2, 56, 60)
    expect(judgeRegister([...writes.slice(0, 2), write(3, 40, 70)], [read('strong', 3, 45, 55), bad])).toMatchObject({
      notLinear: [bad],
    })
  })

  it('of writes whose order is not that of time is found', () => {
    const bad = write(3, 40, 50, 20)
    expect(judgeRegister([...writes.slice(0, 2), bad], [])).toMatchObject({ outOfOrder: [bad] })
  })
})

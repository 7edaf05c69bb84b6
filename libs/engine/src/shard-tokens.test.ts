import { encodeToken, encodeTokens, type Generation, type Sequence } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { ShardTokens } from './shard-tokens.ts'

const GENERATION = '00000000000000aa' as Generation
const OTHER = '00000000000000bb' as Generation

const tokenAt = (sequence: number, shard = 3, generation = GENERATION) => ({
  ...{ shard, generation },
  sequence: sequence as Sequence,
})

describe('ShardTokens', () => {
  test('P5 each sequence has its own text, also after another one was told', () => {
    const tokens = new ShardTokens(3, GENERATION)
    for (const sequence of [7, 7, 8, 7, 0]) expect(tokens.of(sequence as Sequence)).toBe(encodeToken(tokenAt(sequence)))
  })

  test('P5 the token of the shard is found in every text, whatever was told or asked before', () => {
    const tokens = new ShardTokens(3, GENERATION)
    tokens.of(7 as Sequence)
    for (const asked of [tokenAt(7), tokenAt(6), tokenAt(7), tokenAt(6), tokenAt(6, 3, OTHER)])
      expect(tokens.find(encodeToken(asked))).toEqual(asked)
    expect(tokens.find(encodeTokens([tokenAt(9, 1), tokenAt(5), tokenAt(9, 4)]))).toEqual(tokenAt(5))
    expect(tokens.find(encodeToken(tokenAt(5, 4)))).toBeUndefined()
  })

  test('P10 what is no token is refused each time, and not remembered', () => {
    const tokens = new ShardTokens(3, GENERATION)
    const refusal: unknown = expect.objectContaining({ code: 'INVALID_TOKEN' })
    for (const text of ['no token', 'no token', '']) expect(() => tokens.find(text)).toThrow(refusal)
    expect(tokens.find(encodeToken(tokenAt(1)))).toEqual(tokenAt(1))
  })
})

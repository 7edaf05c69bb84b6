import { describe, expect, it } from 'vitest'
import { AssertionError } from '../assert.ts'
import { Fault } from '../fault.ts'
import { faultOf } from './fault-of.ts'

const raise = (error: Error) => (): never => {
  throw error
}

describe('faultOf', () => {
  it('gives the fault that was thrown', () => {
    const thrown = new Fault({ code: 'A_CODE', kind: 'invalid', message: 'a message', details: {} })
    expect(faultOf(raise(thrown))).toBe(thrown)
  })

  it('fails when nothing, or another error, was thrown', () => {
    expect(() => faultOf(() => 5)).toThrow(AssertionError)
    expect(() => faultOf(raise(new TypeError('a bug')))).toThrow(TypeError)
  })
})

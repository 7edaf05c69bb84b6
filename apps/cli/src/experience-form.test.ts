import type { Experience } from '@waggle/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { experienceForm, exportLine, shortFloat } from './experience-form.ts'

const experience = {
  version: 2,
  archived: false,
  id: '019300aa-0000-7000-8000-00000000abcd',
  collective: '019300aa-0000-7000-8000-00000000dcba',
  content: 'line one\nline two',
  type: { quality: Math.fround(0.9), approach: 'a', kind: 'successPattern', taskType: 't' },
  importance: Math.fround(0.7),
  confidence: 0.5,
  domain: ['a', 'b'],
  relatedFiles: [],
  sourceAgent: 'scout',
  applications: 1,
  createdAt: 1,
  lastReinforced: 2,
  embedding: Float32Array.of(1, 0.1),
} as unknown as Experience

describe('exportLine', () => {
  it('X1: has a fixed order, short numbers, a vector as base64, and no collective', () => {
    expect(exportLine(experience)).toBe(
      '{"id":"019300aa-0000-7000-8000-00000000abcd","content":"line one\\nline two",' +
        '"type":{"kind":"successPattern","approach":"a","quality":0.9,"taskType":"t"},' +
        '"importance":0.7,"confidence":0.5,"domain":["a","b"],"relatedFiles":[],"sourceAgent":"scout",' +
        '"createdAt":1,"lastReinforced":2,"applications":1,"archived":false,"version":2,"embedding":"AACAP83MzD0="}',
    )
  })

  it('keeps the task where there is one', () => {
    expect(exportLine({ ...experience, sourceTask: 'HRB-1' })).toContain('"sourceAgent":"scout","sourceTask":"HRB-1",')
  })
})

describe('experienceForm', () => {
  it('keeps the collective and the vector', () => {
    const { collective, embedding } = experience
    expect(experienceForm(experience)).toMatchObject({ collective, embedding, importance: 0.7 })
  })
})

describe('shortFloat', () => {
  it('finds what was written', () => {
    for (const value of [0, 0.1, 0.9, 0.25, 1, 1e-7, 0.123456]) expect(shortFloat(Math.fround(value))).toBe(value)
  })

  it('property: is the same number in single precision', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Math.fround(shortFloat(value)) === value).toBe(true)
      }),
    )
  })
})

import { describe, expect, it, vi } from 'vitest'
import { AssertionError } from './assert.ts'
import { Fault, faultMaker, isFault, type FaultBody, type FaultCatalogue } from './fault.ts'

const catalogue = {
  ROW_ABSENT: { kind: 'notFound', summary: 'There is no such row.', advice: 'Look elsewhere.' },
  QUEUE_FULL: { kind: 'busy', summary: 'The queue is full.', advice: 'Wait.' },
} as const satisfies FaultCatalogue

const fault = faultMaker(catalogue)

describe('faultMaker', () => {
  it('takes the kind from the catalogue and the rest from the caller', () => {
    const cause = new Error('disk')
    const made = fault('QUEUE_FULL', 'queue is full size=9', { size: 9 }, { retryAfterMs: 50, cause })
    expect(made).toBeInstanceOf(Fault)
    expect(made).toMatchObject({
      name: 'Fault',
      code: 'QUEUE_FULL',
      kind: 'busy',
      message: 'queue is full size=9',
      details: { size: 9 },
      retryAfterMs: 50,
    })
    expect(made.cause).toBe(cause)
  })

  it('leaves out what was not given', () => {
    const made = fault('ROW_ABSENT', 'no row')
    expect(made.details).toEqual({})
    expect('cause' in made).toBe(false)
    expect('retryAfterMs' in made).toBe(false)
  })

  it('keeps a wait of 0', () => {
    expect(fault('QUEUE_FULL', 'full', {}, { retryAfterMs: 0 }).toJSON().retryAfterMs).toBe(0)
  })
})

describe('Fault', () => {
  const body: FaultBody = { code: 'A_CODE', kind: 'conflict', message: 'a message', details: { at: 1, of: ['x', 2] } }

  it('toJSON is the plain form alone, without stack, cause and name', () => {
    const plain = new Fault(body, new Error('inner')).toJSON()
    expect(plain).toStrictEqual(body)
    expect(Object.keys(plain)).toEqual(['code', 'kind', 'message', 'details'])
  })

  it('toJSON has retryAfterMs where the fault has it', () => {
    expect(new Fault({ ...body, retryAfterMs: 7 }).toJSON()).toStrictEqual({ ...body, retryAfterMs: 7 })
  })

  it('comes back from JSON as an equal fault', () => {
    const sent = new Fault({ ...body, retryAfterMs: 7 })
    const received = new Fault(JSON.parse(JSON.stringify(sent)) as FaultBody)
    expect(received.toJSON()).toStrictEqual(sent.toJSON())
  })

  it('of a code that this version does not know keeps its kind', () => {
    expect(new Fault({ ...body, code: 'FROM_THE_FUTURE' }).kind).toBe('conflict')
  })
})

describe('isFault', () => {
  it('knows a fault of another copy of the module', async () => {
    vi.resetModules()
    const copy = await import('./fault.ts')
    const foreign = copy.faultMaker(catalogue)('ROW_ABSENT', 'no row')
    expect(foreign).not.toBeInstanceOf(Fault)
    expect(isFault(foreign)).toBe(true)
    expect(copy.isFault(fault('ROW_ABSENT', 'no row'))).toBe(true)
  })

  it.each([
    undefined,
    null,
    'Fault',
    {},
    { name: 'Fault', code: 'A', kind: 'busy' },
    new Error('Fault'),
    Object.assign(new Error('of the system'), { code: 'ENOENT' }),
    Object.assign(new Error('named alike'), { name: 'Fault' }),
    new AssertionError('a bug'),
  ])('is false for %o', (value) => {
    expect(isFault(value)).toBe(false)
  })
})

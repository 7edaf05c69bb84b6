import { faultCatalogue } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { adviceOf } from './faults.ts'

describe('adviceOf', () => {
  it("is the catalogue's where it knows the code", () => {
    expect(adviceOf({ code: 'AMBIGUOUS_NAME', kind: 'conflict' })).toBe(faultCatalogue.AMBIGUOUS_NAME.advice)
  })

  it('speaks of the command line where the fault is of an embedded store', () => {
    expect(adviceOf({ code: 'DATABASE_LOCKED', kind: 'conflict' })).toContain('--path')
  })

  it('degrades to the kind for a code of the future', () => {
    expect(adviceOf({ code: 'NEW_CODE', kind: 'busy' })).toBe('Wait a little and try again.')
  })
})

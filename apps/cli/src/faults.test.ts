import { localClusterFaultCatalogue } from '@waggle/local-cluster'
import { natsServerFaultCatalogue } from '@waggle/nats-server'
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

  it('knows what a cluster on this machine says', () => {
    const generic = adviceOf({ code: 'NEW_CODE', kind: 'conflict' })
    for (const [code, { kind }] of Object.entries({ ...localClusterFaultCatalogue, ...natsServerFaultCatalogue })) {
      expect(adviceOf({ code, kind })).not.toBe(adviceOf({ code: 'NEW_CODE', kind }))
      expect(adviceOf({ code, kind })).not.toBe(generic)
    }
  })

  it('degrades to the kind for a code of the future', () => {
    expect(adviceOf({ code: 'NEW_CODE', kind: 'busy' })).toBe('Wait a little and try again.')
  })
})

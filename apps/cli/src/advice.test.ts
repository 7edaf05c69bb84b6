import { localClusterFaultCatalogue } from '@waggle/local-cluster'
import { natsServerFaultCatalogue } from '@waggle/nats-server'
import { faultCatalogue } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { adviceOf } from './advice.ts'

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

  it('says what to do where no server lets the command in, by the reason', () => {
    const unreachable = (reason: string) =>
      adviceOf({ code: 'SHARD_NOT_READY', kind: 'notReady', details: { servers: '127.0.0.1:1', reason } })
    expect(unreachable('connection refused')).toMatch(/`waggle up`.*--server.*--path/)
    expect(unreachable("server does not support 'tls'")).toContain('nats://')
    expect(unreachable('self-signed certificate in certificate chain')).toContain('--tlsca')
    expect(adviceOf({ code: 'SHARD_NOT_READY', kind: 'notReady', details: {} })).toContain('shard list')
  })

  it('P12: names the role that a user lacks, and the user that nobody knows', () => {
    const denied = (details: Record<string, string>) => adviceOf({ code: 'DENIED', kind: 'denied', details })
    expect(denied({ subject: 'waggle.v1.acme.experience.record' })).toMatch(
      /^experience.record takes the role writer of tenant acme.*--role writer --tenant acme`/,
    )
    expect(denied({ subject: 'waggle.v1.$sys.node.drain' })).toMatch(/role operator,.*--role operator`/)
    expect(denied({ reason: 'Authorization Violation' })).toContain('--user')
    expect(denied({ missing: 'operator' })).toContain('`waggle up`')
    expect(denied({ subject: '_INBOX.x' })).toBe(faultCatalogue.DENIED.advice)
  })
})

import { createPrivateKey, X509Certificate } from 'node:crypto'
import { AssertionError } from '@waggle/kernel'
import { describe, expect, it } from 'vitest'
import { issueCertificate, makeAuthority } from './certificates.ts'

const validity = { fromMs: Date.UTC(2026, 0, 1), untilMs: Date.UTC(2027, 0, 1) }
const CLIENT_USE = '1.3.6.1.5.5.7.3.2'
const SERVER_USE = '1.3.6.1.5.5.7.3.1'

describe('certificates', () => {
  it('an authority signs itself, and servers and clients', async () => {
    const authority = await makeAuthority({ name: 'ours', ...validity })
    const ours = new X509Certificate(authority.certificate)
    expect([ours.ca, ours.subject, ours.checkIssued(ours), ours.verify(ours.publicKey)]).toEqual([
      true,
      'CN=ours',
      true,
      true,
    ])

    const server = await issueCertificate(authority, {
      ...{ name: 'nats', use: 'server', hosts: ['nats-0.nats', '127.0.0.1'], ...validity },
    })
    const read = new X509Certificate(server.certificate)
    expect([read.ca, read.checkIssued(ours), read.verify(ours.publicKey)]).toEqual([false, true, true])
    expect(read.subjectAltName).toBe('DNS:nats-0.nats, IP Address:127.0.0.1')
    expect(read.keyUsage).toEqual([SERVER_USE, CLIENT_USE])
    expect(read.checkPrivateKey(createPrivateKey(server.key))).toBe(true)
    expect([Date.parse(read.validFrom), Date.parse(read.validTo)]).toEqual([validity.fromMs, validity.untilMs])

    const client = await issueCertificate(authority, { name: 'acme-writer', use: 'client', ...validity })
    expect(new X509Certificate(client.certificate).keyUsage).toEqual([CLIENT_USE])
  })

  it('one authority has signed nothing of another of the same name', async () => {
    const [one, other] = [
      await makeAuthority({ name: 'a', ...validity }),
      await makeAuthority({ name: 'a', ...validity }),
    ]
    const { certificate } = await issueCertificate(one, { name: 'b', use: 'client', ...validity })
    expect(new X509Certificate(certificate).verify(new X509Certificate(other.certificate).publicKey)).toBe(false)
  })

  it('asserts that a name needs no escapes', async () => {
    await expect(makeAuthority({ name: 'a, CN=b', ...validity })).rejects.toThrow(AssertionError)
  })
})

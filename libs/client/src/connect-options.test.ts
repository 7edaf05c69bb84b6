import { isFault } from '@waggle/kernel'
import { describe, expect, it } from 'vitest'
import { decodeServerOptions, decodeTenantOption } from './connect-options.ts'

const creds = `-----BEGIN NATS USER JWT-----
eyJ0eXAiOiJKV1QifQ.e30.x
------END NATS USER JWT------

************************* IMPORTANT *************************
-----BEGIN USER NKEY SEED-----
SUAEXAMPLE
------END USER NKEY SEED------

*************************************************************
`

const outcomeOf = (options: unknown): string => {
  try {
    decodeServerOptions(options)
    return 'taken'
  } catch (error) {
    if (!isFault(error)) throw error
    expect(error.message).not.toContain('secret')
    return `${error.code} ${String(error.details.field)}`
  }
}

describe('options of a connection', () => {
  it.each<[unknown, string[]]>([
    ['nats://127.0.0.1:4222', ['127.0.0.1:4222']],
    ['127.0.0.1', ['127.0.0.1:4222']],
    ['localhost:1, nats://b:2/', ['localhost:1', 'b:2']],
    [
      ['nats://a', 'b:5'],
      ['a:4222', 'b:5'],
    ],
    ['nats://[::1]:7', ['[::1]:7']],
    ['tls://secure.example:443', ['secure.example:443']],
  ])('servers %j', (servers, expected) => {
    expect(decodeServerOptions({ servers }).servers).toEqual(expected)
  })

  it.each<[object, object]>([
    [{ servers: 'nats://a' }, { kind: 'none' }],
    [{ servers: 'nats://me:1secret%40%3A@a:5' }, { kind: 'password', user: 'me', password: '1secret@:' }],
    [{ servers: 'nats://secret@a' }, { kind: 'token', token: 'secret' }],
    [{ servers: ['nats://me:p@a', 'nats://me:p@b'] }, { kind: 'password', user: 'me', password: 'p' }],
    [
      { servers: 'a', user: 'me', password: 'secret' },
      { kind: 'password', user: 'me', password: 'secret' },
    ],
    [
      { servers: 'a', user: 'me' },
      { kind: 'password', user: 'me', password: '' },
    ],
    [
      { servers: 'a', token: 'secret' },
      { kind: 'token', token: 'secret' },
    ],
    [
      { servers: 'a', creds },
      { kind: 'creds', creds },
    ],
  ])('credentials of %j', (options, expected) => {
    const settings = decodeServerOptions(options)
    expect(settings.credentials).toEqual(expected)
    expect(settings.servers.join()).not.toContain('@')
  })

  it.each<[object, object | undefined]>([
    [{ servers: 'a' }, undefined],
    [{ servers: 'a', tls: false }, undefined],
    [{ servers: 'a', tls: true }, {}],
    [{ servers: 'tls://a' }, {}],
    [{ servers: 'a', tls: { caFile: 'ca.pem', cert: undefined } }, { caFile: 'ca.pem' }],
  ])('TLS of %j', (options, expected) => {
    expect(decodeServerOptions(options).tls).toEqual(expected)
  })

  it('a name, and one where none is given', () => {
    expect(decodeServerOptions({ servers: 'a' }).name).toBe('waggle client')
    expect(decodeServerOptions({ servers: 'a', name: 'mine' }).name).toBe('mine')
  })

  it.each([undefined, null, 5, 'nats://a', [], () => undefined])('P10 options are a map, not %s', (options) => {
    expect(outcomeOf(options)).toBe('INVALID_FIELD options')
  })

  it.each<[string, object, string]>([
    ['no servers', { servers: undefined }, 'INVALID_FIELD servers'],
    ['an empty list', { servers: [] }, 'INVALID_FIELD servers'],
    ['an empty address', { servers: '' }, 'INVALID_FIELD servers'],
    ['an empty address among others', { servers: 'a,,b' }, 'INVALID_FIELD servers'],
    ['a list of something else', { servers: [5] }, 'INVALID_FIELD servers'],
    ['another scheme', { servers: 'http://a' }, 'INVALID_FIELD servers'],
    ['web sockets', { servers: 'ws://a' }, 'INVALID_FIELD servers'],
    ['a path', { servers: 'nats://me:secret@a/b' }, 'INVALID_FIELD servers'],
    ['a port that is none', { servers: 'nats://me:secret@a:99999' }, 'INVALID_FIELD servers'],
    ['an escape that is none', { servers: 'nats://me:secret%FF@a' }, 'INVALID_FIELD servers'],
    ['more servers than anybody has', { servers: Array(101).fill('a') }, 'INVALID_FIELD servers'],
    ['different credentials', { servers: 'nats://me:secret@a,nats://you:secret@b' }, 'INVALID_FIELD servers'],
    ['credentials twice', { servers: 'nats://me:secret@a', user: 'me', password: 'secret' }, 'INVALID_FIELD servers'],
    ['two kinds of credentials', { token: 'secret', user: 'me' }, 'INVALID_FIELD servers'],
    ['a password without a user', { password: 'secret' }, 'INVALID_FIELD password'],
    ['a password that is none', { user: 'me', password: 5 }, 'INVALID_FIELD password'],
    ['an empty user', { user: '' }, 'INVALID_FIELD user'],
    ['a token that is none', { token: null }, 'INVALID_FIELD token'],
    ['creds that are a path', { creds: './secret.creds' }, 'INVALID_FIELD creds'],
    ['creds of one part', { creds: creds.slice(0, 120) }, 'INVALID_FIELD creds'],
    ['tls that is none', { tls: 'yes' }, 'INVALID_FIELD tls'],
    ['no tls at an address of tls', { servers: 'tls://a', tls: false }, 'INVALID_FIELD tls'],
    ['a certificate that is none', { tls: { ca: 5 } }, 'INVALID_FIELD tls.ca'],
    ['a misspelt certificate', { tls: { cafile: 'x' } }, 'UNKNOWN_FIELD cafile'],
    ['a handshake that is none', { tls: { handshakeFirst: 'x' } }, 'INVALID_FIELD tls.handshakeFirst'],
    ['an empty name', { name: '' }, 'INVALID_FIELD name'],
    ['a long name', { name: 'n'.repeat(201) }, 'INVALID_FIELD name'],
    ['a logger that is none', { logger: 5 }, 'INVALID_FIELD logger'],
    ['a misspelt option', { server: 'a' }, 'UNKNOWN_FIELD server'],
  ])('P10 %s is refused, and no fault repeats a secret', (_title, options, outcome) => {
    expect(outcomeOf({ servers: 'a', ...options })).toBe(outcome)
  })

  it('options that are undefined are absent', () => {
    expect(outcomeOf({ servers: 'a', user: undefined, password: undefined, tls: undefined, name: undefined })).toBe(
      'taken',
    )
  })

  it('a tenant is default, or one that there may be', () => {
    expect(decodeTenantOption({ servers: 'a' })).toBe('default')
    expect(decodeTenantOption({ servers: 'a', tenant: 'b' })).toBe('b')
    for (const tenant of ['', 'a.b', '$sys', '*', null as never])
      expect(() => decodeTenantOption({ servers: 'a', tenant })).toThrow('field=tenant')
  })
})

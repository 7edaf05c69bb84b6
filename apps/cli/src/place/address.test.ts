import { describe, expect, it } from 'vitest'
import { UsageError } from '../faults.ts'
import { decodeAddress } from './address.ts'

const decode = (text: string) => decodeAddress(text, '--server')

describe('decodeAddress', () => {
  it('fills in what is left out', () => {
    expect(decode('localhost')).toEqual({ servers: ['nats://localhost:4222'], credentials: {} })
    expect(decode('10.0.0.1:5000').servers).toEqual(['nats://10.0.0.1:5000'])
    expect(decode('tls://[::1]').servers).toEqual(['tls://[::1]:4222'])
  })

  it('takes several, and the credentials of the first that has some', () => {
    expect(decode('nats://a, nats://ann:s%40cret@b:1/')).toEqual({
      servers: ['nats://a:4222', 'nats://b:1'],
      credentials: { user: 'ann', password: 's@cret' },
    })
  })

  it('takes a user alone for a token', () => {
    expect(decode('nats://t0ken@a').credentials).toEqual({ token: 't0ken' })
  })

  it.each(['', ' , ', 'http://a', 'nats://', 'nats://a/b', 'nats://a:port', 'nats://%zz@a'])(
    'refuses %j and repeats nothing of it',
    (text) => {
      expect(() => decode(text)).toThrow(UsageError)
      expect(() => decode(text)).toThrow(/^--server: /)
    },
  )
})

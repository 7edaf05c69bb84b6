/** Addresses of NATS servers, with what may stand in them beside host and port. */
import { invalidField } from '@waggle/protocol'
import { sameCredentials, type Credentials } from './credentials.ts'

export interface ServerAddresses {
  /** `host:port`. */
  readonly servers: readonly string[]
  readonly credentials: Credentials
  /** True where an address is `tls://`. */
  readonly isTls: boolean
}

const PORT_DEFAULT = 4222
const SERVERS_MAX = 100
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i
const SHAPE = 'nats://host:port, or a list of such addresses'

/**
 * @param value one address, several separated by commas, or a list @throws Fault `INVALID_FIELD`, which repeats none
 */
export const decodeServers = (value: unknown): ServerAddresses => {
  const texts = Array.isArray(value) ? (value as readonly unknown[]) : [value]
  const addresses = texts.slice(0, SERVERS_MAX + 1).flatMap((text) => {
    if (typeof text !== 'string') throw invalidField('servers', SHAPE)
    return text.split(',').map((part) => decodeAddress(part.trim()))
  })
  const [first, ...others] = addresses
  if (first === undefined || addresses.length > SERVERS_MAX)
    throw invalidField('servers', `1..${SERVERS_MAX} addresses`)
  if (!others.every(({ credentials }) => sameCredentials(credentials, first.credentials)))
    throw invalidField('servers', 'addresses with the same credentials')
  return {
    servers: addresses.map(({ server }) => server),
    credentials: first.credentials,
    isTls: addresses.some(({ isTls }) => isTls),
  }
}

const decodeAddress = (text: string) => {
  const url = urlOf(SCHEME.test(text) ? text : `nats://${text}`)
  const isTls = url?.protocol === 'tls:'
  if (url === undefined || (url.protocol !== 'nats:' && !isTls)) throw invalidField('servers', SHAPE)
  const { hostname, port, pathname, search, hash } = url
  if (hostname === '' || pathname.length > 1 || search !== '' || hash !== '') throw invalidField('servers', SHAPE)
  return { server: `${hostname}:${port === '' ? PORT_DEFAULT : port}`, credentials: credentialsIn(url), isTls }
}

const urlOf = (text: string): URL | undefined => {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

/** A name alone is a token, as NATS has it. */
const credentialsIn = ({ username, password }: URL): Credentials => {
  if (username === '' && password === '') return { kind: 'none' }
  const user = plain(username)
  return password === '' ? { kind: 'token', token: user } : { kind: 'password', user, password: plain(password) }
}

const plain = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    throw invalidField('servers', 'credentials with %-escapes that can be decoded')
  }
}

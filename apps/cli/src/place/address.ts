/** Addresses of servers as people write them, with the credentials that may stand in them. */
import { UsageError } from '../faults.ts'

/** How a connection says who it is; the empty one is nobody in particular. */
export interface Credentials {
  readonly user?: string
  readonly password?: string
  readonly token?: string
  /** File of NATS credentials. */
  readonly creds?: string
}

/** Files of certificates (PEM), named as the tools of NATS name them. */
export interface TlsFiles {
  /** Authorities that may have signed the server's. */
  readonly tlsca?: string
  /** For servers that ask for one. */
  readonly tlscert?: string
  readonly tlskey?: string
}

export interface Address {
  /** Without credentials, so that it can be shown. */
  readonly servers: readonly string[]
  readonly credentials: Credentials
  /** Absent: as the address and the server have it. */
  readonly tls?: TlsFiles
}

const SCHEMES: readonly string[] = ['nats:', 'tls:']
const PORT_DEFAULT = 4222

/**
 * `nats://user:password@host:4222,nats://other` and every shorter form down to `host`. A user alone is a token, as the
 * tools of NATS have it.
 * @param name what the fault says was wrong: `--server`
 * @throws UsageError
 */
export const decodeAddress = (text: string, name: string): Address => {
  const parts = text.split(',').flatMap((part) => part.trim() || [])
  if (parts.length === 0) throw new UsageError(`${name}: the address is empty`)
  const addresses = parts.map((part) => decodeOne(part, name))
  return {
    servers: addresses.map(({ server }) => server),
    credentials: addresses.map(({ credentials }) => credentials).find(isAnybody) ?? {},
  }
}

/** There is something in the credentials. */
export const isAnybody = (credentials: Credentials): boolean => Object.keys(credentials).length > 0

const decodeOne = (text: string, name: string): { readonly server: string; readonly credentials: Credentials } => {
  const url = parse(text.includes('://') ? text : `nats://${text}`)
  // The text itself may hold a password.
  if (url === undefined || !SCHEMES.includes(url.protocol) || url.hostname === '' || !/^\/?$/.test(url.pathname))
    throw new UsageError(`${name}: an address is like nats://127.0.0.1:${PORT_DEFAULT}`)
  const server = `${url.protocol}//${url.hostname}:${url.port === '' ? PORT_DEFAULT : url.port}`
  return { server, credentials: credentialsOf(url, name) }
}

const parse = (text: string): URL | undefined => {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

const credentialsOf = ({ username, password }: URL, name: string): Credentials => {
  if (username === '' && password === '') return {}
  try {
    const user = decodeURIComponent(username)
    return password === '' ? { token: user } : { user, password: decodeURIComponent(password) }
  } catch {
    throw new UsageError(`${name}: the credentials in the address are not URL-encoded`)
  }
}

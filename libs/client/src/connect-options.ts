/** What a connection takes, checked before anything is opened: a misspelt option would do what nobody meant. */
import type { Logger } from '@waggle/kernel'
import { DEFAULT_TENANT, decodeTenant, fault, invalidField, type TenantId } from '@waggle/protocol'
import type { WaggleParts } from '@waggle/sdk'
import { givenCredentials, onlyCredentials, type Credentials } from './credentials.ts'
import { decodeServers } from './server-addresses.ts'

/** Certificates, as text (PEM) or as paths of files. */
export interface TlsOptions {
  readonly ca?: string | undefined
  readonly caFile?: string | undefined
  readonly cert?: string | undefined
  readonly certFile?: string | undefined
  readonly key?: string | undefined
  readonly keyFile?: string | undefined
  /** TLS from the first byte on, as the server's `handshake_first` asks for. */
  readonly handshakeFirst?: boolean | undefined
}

/** How the NATS servers are reached, and as whom. */
export interface ServerOptions {
  /**
   * `nats://host:port`, `tls://host:port` or `host:port`; one, a list, or several separated by commas. Credentials may
   * stand in the address (`nats://user:password@host`); all addresses have the same.
   */
  readonly servers: string | readonly string[]
  readonly user?: string | undefined
  readonly password?: string | undefined
  /** A token of the server's, not one of Waggle's. */
  readonly token?: string | undefined
  /** The text of a `.creds` file. */
  readonly creds?: string | undefined
  /** `true` asks for TLS with the certificates that the machine trusts. */
  readonly tls?: boolean | TlsOptions | undefined
  /** By which operators know this connection; 1..200 characters. */
  readonly name?: string | undefined
  readonly logger?: Logger | undefined
}

/** `ServerOptions` of one tenant. */
export interface CallerOptions extends ServerOptions {
  /** Whose collectives these are; `default` when absent. The credentials must be of that tenant. */
  readonly tenant?: string | undefined
}

export interface ConnectOptions extends CallerOptions, Pick<WaggleParts, 'embedders' | 'timeoutMs'> {}

/** Where and as whom to connect: `ServerOptions` after they were checked. */
export interface ServerSettings {
  /** `host:port`, without credentials: they may be named in messages. */
  readonly servers: readonly string[]
  readonly credentials: Credentials
  /** Absent: as the server asks for. */
  readonly tls?: TlsOptions
  readonly name: string
}

const SERVER_OPTIONS = ['servers', 'user', 'password', 'token', 'creds', 'tls', 'name', 'logger'] as const
const TLS_TEXTS = ['ca', 'caFile', 'cert', 'certFile', 'key', 'keyFile'] as const
const NAME_UNITS_MAX = 200
const DEFAULT_NAME = 'waggle client'

type Given = Readonly<Record<string, unknown>>

/** @param more names that are allowed beside those of `ServerOptions` @throws Fault `INVALID_FIELD`, `UNKNOWN_FIELD` */
export const decodeServerOptions = (options: unknown, more: readonly string[] = []): ServerSettings => {
  const given = mapOf(options, 'options')
  refuseUnknown(given, [...SERVER_OPTIONS, ...more])
  const { servers, credentials: inAddress, isTls } = decodeServers(given.servers)
  const tls = tlsOf(given.tls, isTls)
  checkLogger(given.logger)
  return {
    servers,
    credentials: onlyCredentials([...givenCredentials(given), inAddress]),
    name: nameOf(given.name),
    ...(tls === undefined ? {} : { tls }),
  }
}

/** @throws Fault `INVALID_FIELD` */
export const decodeTenantOption = ({ tenant = DEFAULT_TENANT }: CallerOptions): TenantId => decodeTenant(tenant)

const mapOf = (value: unknown, field: string): Given => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidField(field, 'map')
  return value as Given
}

const refuseUnknown = (given: Given, known: readonly string[]): void => {
  const unknown = Object.keys(given).find((name) => !known.includes(name))
  if (unknown === undefined) return
  const field = unknown.slice(0, 100)
  throw fault('UNKNOWN_FIELD', `unknown option field=${field}`, { field })
}

const nameOf = (name: unknown): string => {
  if (name === undefined) return DEFAULT_NAME
  if (typeof name !== 'string' || name === '' || name.length > NAME_UNITS_MAX)
    throw invalidField('name', `1..${NAME_UNITS_MAX} characters`)
  return name
}

const tlsOf = (tls: unknown, isTlsAddress: boolean): TlsOptions | undefined => {
  if (tls === undefined || tls === false) {
    if (tls === false && isTlsAddress) throw invalidField('tls', 'not false where an address is tls://')
    return isTlsAddress ? {} : undefined
  }
  if (tls === true) return {}
  const given = mapOf(tls, 'tls')
  refuseUnknown(given, [...TLS_TEXTS, 'handshakeFirst'])
  for (const name of TLS_TEXTS)
    if (given[name] !== undefined && typeof given[name] !== 'string') throw invalidField(`tls.${name}`, 'text')
  const { handshakeFirst } = given
  if (handshakeFirst !== undefined && typeof handshakeFirst !== 'boolean')
    throw invalidField('tls.handshakeFirst', 'boolean')
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

const checkLogger = (logger: unknown): void => {
  if (logger !== undefined && (typeof logger !== 'object' || logger === null)) throw invalidField('logger', 'a logger')
}

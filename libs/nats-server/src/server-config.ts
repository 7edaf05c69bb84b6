/**
 * The text of a nats-server's configuration.
 *
 * G1  Every text of ours stands in double quotes, escaped: unquoted, the server takes `$NAME` for a variable and a
 *     space for an end.
 * G2  A right that is not given is denied. The server takes an empty list of allowed subjects for no limit at all.
 * G3  The server listens on a loopback address unless another is named.
 */
import { assert } from '@waggle/kernel'

/** What one user may do in one direction. Empty `allow`: nothing. */
export interface ServerSubjectRights {
  readonly allow: readonly string[]
  readonly deny?: readonly string[]
}

export interface ServerPermissions {
  readonly publish: ServerSubjectRights
  readonly subscribe: ServerSubjectRights
}

export interface ServerUser {
  readonly user: string
  /** Plain, or a bcrypt hash, which the server knows by its beginning (`$2a$10$`). */
  readonly password: string
  /** Absent: all rights within the account. */
  readonly permissions?: ServerPermissions
}

/** One server's place in a cluster of servers. */
export interface ServerCluster {
  /** The same on every server. */
  readonly name: string
  /** TCP port for the other servers. */
  readonly port: number
  /** Addresses of the servers, `nats://host:port` with their cluster ports; its own may be among them. */
  readonly routes: readonly string[]
}

export interface JetStreamConfig {
  /** Folder; the server makes a folder `jetstream` in it. */
  readonly storeDir: string
  /**
   * When the server calls fsync: `always` is before each acknowledgement, a duration like `1s` bounds what a power cut
   * can take. Absent: the server's default, 2 minutes. Servers before 2.10 know no choice and refuse the option.
   */
  readonly syncInterval?: string
  /** Bytes that all streams may take on the disk. Absent: three quarters of what is free. */
  readonly fileBytesMax?: number
  /** Bytes that streams and consumers in memory may take. Absent: three quarters of the machine's memory. */
  readonly memoryBytesMax?: number
}

export interface ServerConfig {
  /** Must differ between the servers of a cluster; without spaces. */
  readonly serverName: string
  /** Address to listen on. Default `127.0.0.1` (G3). */
  readonly host?: string
  /** TCP port for clients; -1 lets the server choose one. */
  readonly port: number
  /** Largest message in bytes. Default 8,065,536: the largest request, 8,000,000, and 64 KiB for headers. */
  readonly maxPayloadBytes?: number
  /** Absent: no JetStream. */
  readonly jetstream?: JetStreamConfig
  /** Users of the one account. None: everybody may do everything. */
  readonly users?: readonly ServerUser[]
  /** Name of the user that a connection without credentials is; absent, it is refused. */
  readonly noAuthUser?: string
  /** User of the system account, who reads the server's figures; without `permissions` it may also stop the server. */
  readonly systemUser?: ServerUser
  readonly cluster?: ServerCluster
  /** Folder where the server writes down the ports that it listens on once it is ready. */
  readonly portsFolder?: string
}

const MAX_PAYLOAD_BYTES = 8_065_536
export const LOOPBACK = '127.0.0.1'

const ACCOUNT = 'WAGGLE'
const SYSTEM_ACCOUNT = 'SYS'

const escapes: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** G1: the text as a quoted value of the server's configuration language. */
export const quoted = (text: string): string => {
  // eslint-disable-next-line no-control-regex -- A control character is exactly what is looked for.
  const escaped = text.replace(/["\\\u0000-\u001f]/g, (character) => {
    const hex = character.charCodeAt(0).toString(16).padStart(2, '0')
    return escapes[character] ?? `\\x${hex}`
  })
  return `"${escaped}"`
}

type Block = { readonly [key: string]: Value | undefined }
type Value = string | number | boolean | readonly Value[] | Block

const isList = (value: Value): value is readonly Value[] => Array.isArray(value)

/** Texts get quotes, numbers do not, and what is `undefined` is left out. */
const write = (value: Value, indent: string): string => {
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object') return String(value)
  const deeper = `${indent}  `
  if (isList(value)) {
    const items = value.map((item) => `${deeper}${write(item, deeper)}\n`)
    return items.length === 0 ? '[]' : `[\n${items.join('')}${indent}]`
  }
  return `{\n${writeEntries(value, deeper)}${indent}}`
}

const writeEntries = (block: Block, indent: string): string =>
  Object.entries(block)
    .filter((entry): entry is [string, Value] => entry[1] !== undefined)
    .map(([key, value]) => `${indent}${key}: ${write(value, indent)}\n`)
    .join('')

/** G2 */
const rights = ({ allow, deny = [] }: ServerSubjectRights): Block =>
  allow.length === 0 ? { deny: ['>'] } : { allow, deny: deny.length === 0 ? undefined : deny }

const user = ({ user: name, password, permissions }: ServerUser): Block => ({
  user: name,
  password,
  permissions:
    permissions === undefined
      ? undefined
      : { publish: rights(permissions.publish), subscribe: rights(permissions.subscribe) },
})

const accounts = ({ users = [], systemUser, jetstream }: ServerConfig): Block | undefined => {
  if (users.length === 0 && systemUser === undefined) return undefined
  return {
    [ACCOUNT]: {
      ...(jetstream === undefined ? {} : { jetstream: true }),
      users: users.map(user),
    },
    [SYSTEM_ACCOUNT]: systemUser === undefined ? undefined : { users: [user(systemUser)] },
  }
}

const isPort = (port: number): boolean => Number.isInteger(port) && port > 0 && port < 65_536

/** The configuration of one server. Pure; the same input gives the same text. */
export const serverConfig = (config: ServerConfig): string => {
  const { serverName, host = LOOPBACK, port, jetstream, users = [], noAuthUser, systemUser, cluster } = config
  assert(!/\s/.test(serverName), 'the name of a server has no spaces')
  assert(port === -1 || isPort(port), 'a port is a number from 1 to 65535')
  assert(cluster === undefined || isPort(cluster.port), 'a port is a number from 1 to 65535')
  assert(
    noAuthUser === undefined || users.some((it) => it.user === noAuthUser),
    'the user of connections without credentials is one of the users',
  )
  return writeEntries(
    {
      server_name: serverName,
      host,
      port,
      max_payload: config.maxPayloadBytes ?? MAX_PAYLOAD_BYTES,
      ports_file_dir: config.portsFolder,
      jetstream: jetstream && {
        store_dir: jetstream.storeDir,
        sync_interval: jetstream.syncInterval,
        max_file_store: jetstream.fileBytesMax,
        max_memory_store: jetstream.memoryBytesMax,
      },
      accounts: accounts(config),
      system_account: systemUser && SYSTEM_ACCOUNT,
      no_auth_user: noAuthUser,
      cluster: cluster && {
        name: cluster.name,
        host,
        port: cluster.port,
        routes: cluster.routes,
        // The addresses that are configured are all there are: a proxy between two servers must not be passed by.
        no_advertise: true,
      },
    },
    '',
  )
}

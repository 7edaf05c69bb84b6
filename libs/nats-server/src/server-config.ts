/**
 * A nats-server's configuration: what is said. How it is written is `config-text.ts`.
 *
 * G2  A right that is not given is denied. The server takes an empty list of allowed subjects for no limit at all.
 * G3  The server listens on a loopback address unless another is named.
 * G5  Servers of one cluster know one another by certificates as soon as clients know them by such. A certificate alone
 *     makes nobody a server where clients have some of the same authority: `authorization` has to say so.
 */
import { assert } from '@waggle/kernel'
import {
  isVariable,
  quoted,
  writeEntries,
  type ConfigBlock,
  type ConfigValue,
  type ConfigVariable,
} from './config-text.ts'

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
  /** What it is for: a line above it. */
  readonly comment?: string
}

/** A user whose password may stand elsewhere. */
export type ConfiguredUser = Omit<ServerUser, 'password'> & { readonly password: string | ConfigVariable }

/** How the server shows who it is, and what it asks of whoever connects. Paths of PEM files. */
export interface ServerTls {
  readonly certFile: string
  readonly keyFile: string
  /** The authority that has signed the certificates of the other side. */
  readonly caFile: string
  /** Whoever connects must have a certificate, too. Between servers that is always so. Default false. */
  readonly verify?: boolean
}

/** What is allowed to one connection or to all of them; absent: what the server has for it. */
export interface ServerLimits {
  readonly connectionsMax?: number
  /** Of one connection. */
  readonly subscriptionsMax?: number
}

/** One server's place in a cluster of servers. */
export interface ServerCluster {
  /** The same on every server. */
  readonly name: string
  /** TCP port for the other servers. */
  readonly port: number
  /** Addresses of the servers, `nats://host:port` with their cluster ports; its own may be among them. */
  readonly routes: readonly string[] | ConfigVariable
  /** `host:port` where the others are told to find it, beside the routes that they have. Absent: where it is. */
  readonly advertised?: string
  /** What the other servers say to be let in, as their routes have it (`nats://user:password@host:port`). */
  readonly authorization?: { readonly user: string; readonly password: string | ConfigVariable }
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
  readonly serverName: string | ConfigVariable
  /** Address to listen on. Default `127.0.0.1` (G3). */
  readonly host?: string
  /** TCP port for clients; -1 lets the server choose one. */
  readonly port: number
  /** Largest message in bytes. Default 8,065,536: the largest request, 8,000,000, and 64 KiB for headers. */
  readonly maxPayloadBytes?: number
  /** Absent: no JetStream. */
  readonly jetstream?: JetStreamConfig
  /** Users of the one account. None: everybody may do everything. */
  readonly users?: readonly ConfiguredUser[]
  /** Name of the user that a connection without credentials is; absent, it is refused. */
  readonly noAuthUser?: string
  /** User of the system account, who reads the server's figures; without `permissions` it may also stop the server. */
  readonly systemUser?: ConfiguredUser
  readonly cluster?: ServerCluster
  /** For clients and, with `cluster`, between servers (G5). Absent: in the clear. */
  readonly tls?: ServerTls
  readonly limits?: ServerLimits
  /** TCP port of `/healthz`, `/varz` and their like, for whoever reaches it. Absent: none. */
  readonly monitorPort?: number
  /** Files whose keys are set first, such as the variables'; relative to the configuration file. */
  readonly include?: readonly string[]
  /** Folder where the server writes down the ports that it listens on once it is ready. */
  readonly portsFolder?: string
}

const MAX_PAYLOAD_BYTES = 8_065_536
/**
 * `fileBytesMax` where logs are kept. The server sets aside the room of every log when it is created, 1 GiB each, and
 * counts that against this limit, whose default is a share of the disk: 16 empty logs would not fit on a small one.
 * What is really there is found when used.
 */
export const STORE_BYTES_MAX = 256 * 1024 ** 3
export const LOOPBACK = '127.0.0.1'

const ACCOUNT = 'WAGGLE'
const SYSTEM_ACCOUNT = 'SYS'

/** G2 */
const rights = ({ allow, deny = [] }: ServerSubjectRights): ConfigBlock =>
  allow.length === 0 ? { deny: ['>'] } : { allow, deny: deny.length === 0 ? undefined : deny }

const permissionsBlock = ({ publish, subscribe }: ServerPermissions): ConfigBlock => ({
  publish: rights(publish),
  subscribe: rights(subscribe),
})

const user = ({ user: name, password, permissions, comment }: ConfiguredUser): ConfigValue => {
  const block = {
    user: name,
    password,
    permissions: permissions && permissionsBlock(permissions),
  }
  return comment === undefined ? block : { comment: [comment], value: block }
}

const accounts = ({ users = [], systemUser, jetstream }: ServerConfig): ConfigBlock | undefined => {
  if (users.length === 0 && systemUser === undefined) return undefined
  return {
    [ACCOUNT]: {
      ...(jetstream === undefined ? {} : { jetstream: true }),
      users: users.map(user),
    },
    [SYSTEM_ACCOUNT]: systemUser === undefined ? undefined : { users: [user(systemUser)] },
  }
}

const tlsBlock = (tls: ServerTls | undefined, verify: boolean): ConfigBlock | undefined =>
  tls && { cert_file: tls.certFile, key_file: tls.keyFile, ca_file: tls.caFile, verify }

const clusterBlock = ({ host = LOOPBACK, cluster, tls }: ServerConfig): ConfigBlock | undefined =>
  cluster && {
    name: cluster.name,
    host,
    port: cluster.port,
    routes: cluster.routes,
    advertise: cluster.advertised,
    authorization: cluster.authorization,
    tls: tlsBlock(tls, true),
    // The addresses that are configured are all there are: a proxy between two servers must not be passed by.
    no_advertise: true,
  }

const isPort = (port: number): boolean => Number.isInteger(port) && port > 0 && port < 65_536

/** @throws AssertionError for what the server would refuse or take for something else */
const assertSound = ({ serverName, port, monitorPort, users = [], noAuthUser, cluster }: ServerConfig): void => {
  assert(isVariable(serverName) || !/\s/.test(serverName), 'the name of a server has no spaces')
  assert(port === -1 || isPort(port), 'a port is a number from 1 to 65535')
  assert(cluster === undefined || isPort(cluster.port), 'a port is a number from 1 to 65535')
  assert(monitorPort === undefined || isPort(monitorPort), 'a port is a number from 1 to 65535')
  assert(
    noAuthUser === undefined || users.some((it) => it.user === noAuthUser),
    'the user of connections without credentials is one of the users',
  )
}

/** The lines `permissions: { … }` of one user. */
export const permissionsText = (permissions: ServerPermissions): string =>
  writeEntries({ permissions: permissionsBlock(permissions) })

/** The configuration of one server. Pure; the same input gives the same text. */
export const serverConfig = (config: ServerConfig): string => {
  assertSound(config)
  const { serverName, host = LOOPBACK, port, jetstream, noAuthUser, systemUser, tls, limits, monitorPort } = config
  const includes = (config.include ?? []).map((file) => `include ${quoted(file)}\n`)
  const entries = writeEntries({
    server_name: serverName,
    host,
    port,
    http: monitorPort === undefined ? undefined : `${host}:${monitorPort}`,
    max_payload: config.maxPayloadBytes ?? MAX_PAYLOAD_BYTES,
    max_connections: limits?.connectionsMax,
    max_subscriptions: limits?.subscriptionsMax,
    ports_file_dir: config.portsFolder,
    tls: tlsBlock(tls, tls?.verify ?? false),
    jetstream: jetstream && {
      store_dir: jetstream.storeDir,
      sync_interval: jetstream.syncInterval,
      max_file_store: jetstream.fileBytesMax,
      max_memory_store: jetstream.memoryBytesMax,
    },
    accounts: accounts(config),
    system_account: systemUser && SYSTEM_ACCOUNT,
    no_auth_user: noAuthUser,
    cluster: clusterBlock(config),
  })
  return includes.join('') + entries
}

/**
 * The configuration that all nats-servers of a cluster share, without a secret.
 *
 * U1  What differs between the servers is a variable, `NATS_NAME`; what is secret is a variable that `passwords.conf`
 *     sets, beside it: bcrypt hashes of the passwords, and the routes with the password by which servers know each
 *     other. A server that is told to reads it again, which it does not do with its environment.
 * U2  There is no `no_auth_user`: whoever shows no credentials is nobody.
 */
import { quoted, serverConfig, STORE_BYTES_MAX, type ServerCluster, type ServerTls } from '@waggle/nats-server'
import type { TenantId } from '@waggle/protocol'
import { passwordVariable, setupUsers, type SetupUser } from './setup-users.ts'

export const tlsModes = ['none', 'server', 'mutual'] as const
/** Nobody has a certificate; the servers have; so has everybody who connects. */
export type TlsMode = (typeof tlsModes)[number]

export interface NatsSetup {
  /** Names under which clients and the other servers reach each server. One: there is no cluster of servers. */
  readonly hosts: readonly string[]
  readonly tenants: readonly TenantId[]
  readonly tls: TlsMode
  /** Where the servers find their certificates. */
  readonly folder: string
  /** Where they keep the logs. */
  readonly store: string
}

const CLIENT_PORT = 4222
const ROUTE_PORT = 6222
const MONITOR_PORT = 8222
/** The user of every server at the others. */
export const ROUTE_USER = 'route'

/**
 * A shard process that leads and follows all of 128 shards has five subscriptions for each; nobody has more. What a
 * client subscribes costs the servers memory.
 */
const LIMITS = { connectionsMax: 10_000, subscriptionsMax: 2_000 }

/** The text of `nats-server.conf`. @throws UsageError for tenants that cannot be told apart */
export const natsServerConf = (setup: NatsSetup): string => {
  const users = setupUsers(setup.tenants)
  const [system] = users.filter(({ isSystem }) => isSystem).map(serverUser)
  const text = serverConfig({
    include: ['passwords.conf'],
    serverName: setup.hosts.length === 1 ? 'nats' : { variable: 'NATS_NAME' },
    host: listenHost(setup.hosts),
    port: CLIENT_PORT,
    monitorPort: MONITOR_PORT,
    limits: LIMITS,
    jetstream: { storeDir: setup.store, syncInterval: 'always', fileBytesMax: STORE_BYTES_MAX },
    users: users.filter(({ isSystem }) => !isSystem).map(serverUser),
    ...(system === undefined ? {} : { systemUser: system }),
    ...tlsOf(setup),
    ...clusterOf(setup),
  })
  return [...headLines(setup), text].join('\n')
}

/** The text of `passwords.conf`. @param hashes by user */
export const passwordsConf = (
  { hosts }: Pick<NatsSetup, 'hosts'>,
  hashes: ReadonlyMap<string, string>,
  routePassword: string,
): string => {
  const lines = [...hashes].map(([user, hash]) => `${passwordVariable(user)}: ${quoted(hash)}`)
  const routes = hosts.map((host) => `  ${quoted(`nats://${ROUTE_USER}:${routePassword}@${host}:${ROUTE_PORT}`)}`)
  const clustered =
    hosts.length === 1
      ? []
      : [`${ROUTE_PASSWORD.variable}: ${quoted(routePassword)}`, `${ROUTES.variable}: [`, ...routes, ']']
  return [
    '# Secret. In quotes, for the server reads what a variable holds as configuration.',
    ...lines,
    ...clustered,
    '',
  ].join('\n')
}

const ROUTES = { variable: 'WAGGLE_ROUTES' }
const ROUTE_PASSWORD = { variable: 'WAGGLE_ROUTE_PASSWORD' }

/** Servers on this machine are for this machine. */
const listenHost = (hosts: readonly string[]): string =>
  hosts.every((host) => host === 'localhost' || host.startsWith('127.')) ? '127.0.0.1' : '0.0.0.0'

const serverUser = ({ name, permissions, purpose }: SetupUser) => ({
  user: name,
  password: { variable: passwordVariable(name) },
  permissions,
  comment: purpose,
})

const tlsOf = ({ tls, folder }: NatsSetup): { readonly tls?: ServerTls } => {
  if (tls === 'none') return {}
  const file = (name: string): string => `${folder}/${name}`
  const [certFile, keyFile, caFile] = [file('tls.crt'), file('tls.key'), file('ca.crt')]
  return { tls: { certFile, keyFile, caFile, verify: tls === 'mutual' } }
}

const clusterOf = ({ hosts }: NatsSetup): { readonly cluster?: ServerCluster } => {
  if (hosts.length === 1) return {}
  const authorization = { user: ROUTE_USER, password: ROUTE_PASSWORD }
  return { cluster: { name: 'waggle', port: ROUTE_PORT, routes: ROUTES, authorization } }
}

const headLines = ({ hosts, tenants, tls, folder, store }: NatsSetup): readonly string[] => [
  '# nats-server configuration for Waggle, without a secret; docs/security.md tells how it is used. Made by',
  `#   waggle security config --hosts ${hosts.join(',')} --tenants ${tenants.join(',')} --tls ${tls} \\`,
  `#     --folder ${folder} --store ${store}`,
  ...(hosts.length === 1 ? [] : ['# Each server has a name of its own, which its environment says: NATS_NAME.']),
]

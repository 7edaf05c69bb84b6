/** A whole configuration for a nats-server that somebody else runs: every user that a cluster needs, and no secret. */
import {
  internalPermissions,
  internalRoles,
  operatorPermissions,
  systemPermissions,
  wholeTenantPermissions,
  type InternalRole,
  type Permissions,
  type TenantId,
} from '@waggle/protocol'
import { nested, userLines, type ExampleUser } from './config-text.ts'

const COMMENTS: Readonly<Record<InternalRole, string>> = {
  router: 'WAGGLE_NATS__USER of the routers',
  shard: 'WAGGLE_NATS__USER of the shard processes',
  log: 'WAGGLE_NATS__LOG_USER of the shard processes: the only one that may write a log',
  compactor: 'WAGGLE_NATS__USER of the compactors',
}

const exampleUsers = (tenant: TenantId): readonly ExampleUser[] => [
  ...internalRoles.map((role) => ({ user: role, permissions: internalPermissions[role], comment: COMMENTS[role] })),
  { user: 'operator', permissions: operatorPermissions(), comment: 'of `waggle shard list` and its like' },
  { user: tenant, permissions: wholeTenantPermissions(tenant), comment: `everything of tenant ${tenant}` },
]

export const serverExample = (tenant: TenantId): readonly string[] => [
  '# nats-server configuration for Waggle. The passwords are taken from the environment of nats-server, which does not',
  '# start without them; or put them in here, in quotes, best as bcrypt hashes (`nats server passwd`).',
  '# Messages are as large as requests: 8,000,000 bytes and 64 KiB of headers.',
  'max_payload: 8065536',
  'jetstream {',
  ...nested([
    'store_dir: "/var/lib/nats"',
    '# What is acknowledged survives a power cut (nats-server 2.10 or newer).',
    'sync_interval: always',
  ]),
  '}',
  'accounts {',
  ...nested([
    'WAGGLE {',
    ...nested(['jetstream: true', 'users: [', ...nested(exampleUsers(tenant).flatMap(userLines)), ']']),
    '}',
    'SYS {',
    ...nested([
      'users: [',
      ...nested(
        userLines({
          user: 'sys',
          permissions: systemPermissions(),
          comment: 'WAGGLE_NATS__SYS_USER of the compactors, which report how the servers sync',
        }),
      ),
      ']',
    ]),
    '}',
  ]),
  '}',
  'system_account: SYS',
  '# Who connects without credentials; leave it out where everybody has to have some.',
  `# no_auth_user: ${JSON.stringify(tenant)}`,
]

/** The rights of every internal role by its name. */
export const internalRights = (): Readonly<Record<string, Permissions>> => ({
  ...internalPermissions,
  operator: operatorPermissions(),
  system: systemPermissions(),
})

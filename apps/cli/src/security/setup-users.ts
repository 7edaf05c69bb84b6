/** Every user that a nats-server needs for a cluster and its tenants, by name, with what each may do. */
import {
  internalPermissions,
  internalRoles,
  operatorPermissions,
  systemPermissions,
  tenantPermissions,
  tenantRoles,
  type InternalRole,
  type Permissions,
  type TenantId,
} from '@waggle/protocol'
import { UsageError } from '../faults.ts'

export interface SetupUser {
  /** `router`, `acme-writer`; a folder is called so, and a variable after it. */
  readonly name: string
  readonly permissions: Permissions
  /** What it is for. */
  readonly purpose: string
  /** Of the servers' system account. */
  readonly isSystem: boolean
}

const PURPOSES: Readonly<Record<InternalRole, string>> = {
  router: 'WAGGLE_NATS__USER of the routers',
  shard: 'WAGGLE_NATS__USER of the shard processes',
  log: 'WAGGLE_NATS__LOG_USER of the shard processes: the only one that may write a log',
  compactor: 'WAGGLE_NATS__USER of the compactors',
}

/** @throws UsageError where two names cannot be told apart in a variable, or as folders on every file system */
export const setupUsers = (tenants: readonly TenantId[]): readonly SetupUser[] => {
  const user = (name: string, permissions: Permissions, purpose: string, isSystem = false): SetupUser => ({
    ...{ name, permissions, purpose, isSystem },
  })
  const users = [
    ...internalRoles.map((role) => user(role, internalPermissions[role], PURPOSES[role])),
    user('operator', operatorPermissions(), 'of `waggle shard list` and its like'),
    ...tenants.flatMap((tenant) =>
      tenantRoles.map((role) =>
        user(`${tenant}-${role}`, tenantPermissions(tenant, role), `tenant ${tenant}: ${ROLE_PURPOSES[role]}`),
      ),
    ),
    user('sys', systemPermissions(), 'WAGGLE_NATS__SYS_USER of the compactors: how the servers keep the logs', true),
  ]
  refuseAlike(users)
  return users
}

const ROLE_PURPOSES = { reader: 'reads', writer: 'reads and writes', admin: 'makes and deletes collectives, too' }

const refuseAlike = (users: readonly SetupUser[]): void => {
  const seen = new Map<string, string>()
  for (const { name } of users) {
    const variable = passwordVariable(name)
    const other = seen.get(variable)
    if (other !== undefined) throw new UsageError(`users ${other} and ${name} would share the variable ${variable}`)
    seen.set(variable, name)
  }
}

/** `WAGGLE_ACME_WRITER_PASSWORD` */
export const passwordVariable = (user: string): string =>
  `WAGGLE_${user.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_PASSWORD`

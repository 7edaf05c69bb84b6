/** Who may connect to the server of a local cluster, with passwords that nobody knew before. */
import { hexOf, type Random } from '@waggle/kernel'
import type { ServerUser } from '@waggle/nats-server'
import {
  DEFAULT_TENANT,
  internalPermissions,
  internalRoles,
  operatorPermissions,
  systemPermissions,
  wholeTenantPermissions,
  type InternalRole,
} from '@waggle/protocol'

export interface UserCredentials {
  readonly user: string
  readonly password: string
}

export interface ClusterUsers {
  readonly internal: Readonly<Record<InternalRole, UserCredentials>>
  readonly operator: UserCredentials
  /** Of the system account. */
  readonly system: ServerUser
  /** All of the ordinary account. */
  readonly all: readonly ServerUser[]
  /** Who a connection without credentials is: the whole of tenant `default`, and nothing internal. */
  readonly nobody: string
}

const PASSWORD_SIZE_BYTES = 24

/** @param more further users, such as those of other tenants */
export const clusterUsers = (random: Random, more: readonly ServerUser[] = []): ClusterUsers => {
  const made = (user: string): UserCredentials => ({ user, password: hexOf(random.bytes(PASSWORD_SIZE_BYTES)) })
  const internal = Object.fromEntries(internalRoles.map((role) => [role, made(role)])) as ClusterUsers['internal']
  const operator = made('operator')
  const nobody = made('default')
  return {
    internal,
    operator,
    system: { ...made('sys'), permissions: systemPermissions() },
    nobody: nobody.user,
    all: [
      ...internalRoles.map((role) => ({ ...internal[role], permissions: internalPermissions[role] })),
      { ...operator, permissions: operatorPermissions() },
      { ...nobody, permissions: wholeTenantPermissions(DEFAULT_TENANT) },
      ...more,
    ],
  }
}

/** `waggle permissions`: the rights of a user, as a nats-server is configured with them. */
import {
  decodeTenant,
  DEFAULT_TENANT,
  operatorPermissions,
  tenantPermissions,
  tenantRoles,
  type Permissions,
  type TenantId,
} from '@waggle/protocol'
import { Option, type Command } from 'commander'
import type { Bind } from '../cli.ts'
import { UsageError } from '../faults.ts'
import { permissionLines } from '../permissions/config-text.ts'
import { internalRights, serverExample } from '../permissions/server-example.ts'

const roles = [...tenantRoles, 'operator'] as const
type Role = (typeof roles)[number]

interface PermissionsOptions {
  readonly role?: Role
  readonly internal?: boolean
}

export const addPermissionsCommand = (program: Command, bind: Bind): void => {
  program
    .command('permissions')
    .description('print what a user of a NATS server may do, for its configuration')
    .addOption(new Option('--role <role>', 'whose rights').choices(roles))
    .option('--internal', 'a whole configuration instead, with the users of the cluster itself')
    .action(
      bind(async ({ settings, output }, { role, internal = false }: PermissionsOptions) => {
        if ((role === undefined) === !internal) throw new UsageError(`give --role ${roles.join('|')}, or --internal`)
        const tenant = decodeTenant(settings.tenant ?? DEFAULT_TENANT)
        if (role === undefined) await output.data(internalRights(), () => serverExample(tenant))
        else await output.data(permissionsOf(role, tenant), () => permissionLines(permissionsOf(role, tenant)))
        return 0
      }),
    )
}

const permissionsOf = (role: Role, tenant: TenantId): Permissions =>
  role === 'operator' ? operatorPermissions() : tenantPermissions(tenant, role)

/** `waggle permissions`: the rights of one user, as a nats-server is configured with them. */
import {
  decodeTenant,
  DEFAULT_TENANT,
  operatorPermissions,
  tenantPermissions,
  tenantRoles,
  type Permissions,
  type TenantId,
} from '@waggle/protocol'
import { permissionsText } from '@waggle/nats-server'
import { Option, type Command } from 'commander'
import type { Bind } from '../cli.ts'

const roles = [...tenantRoles, 'operator'] as const
type Role = (typeof roles)[number]

export const addPermissionsCommand = (program: Command, bind: Bind): void => {
  program
    .command('permissions')
    .description('print what one user of a NATS server may do, for its configuration; `security config` is a whole one')
    .addOption(new Option('--role <role>', 'whose rights').choices(roles).makeOptionMandatory())
    .action(
      bind(async ({ settings, output }, { role }: { readonly role: Role }) => {
        const permissions = permissionsOf(role, decodeTenant(settings.tenant ?? DEFAULT_TENANT))
        await output.data(permissions, () => permissionsText(permissions).trimEnd().split('\n'))
        return 0
      }),
    )
}

const permissionsOf = (role: Role, tenant: TenantId): Permissions =>
  role === 'operator' ? operatorPermissions() : tenantPermissions(tenant, role)

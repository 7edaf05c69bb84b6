/** `waggle security`: what a nats-server is configured with, so that everybody may do what is theirs. */
import path from 'node:path'
import { systemRandom } from '@waggle/kernel'
import { decodeTenant, type TenantId } from '@waggle/protocol'
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Bind } from '../cli.ts'
import { natsServerConf, tlsModes, type TlsMode } from '../security/nats-setup.ts'
import { writeSetup } from '../security/setup-folder.ts'
import { setupUsers } from '../security/setup-users.ts'

interface ConfigOptions {
  readonly hosts: readonly string[]
  readonly tenants: readonly TenantId[]
  readonly tls: TlsMode
  readonly folder: string
  readonly store: string
}

export const addSecurityCommands = (program: Command, bind: Bind): void => {
  const group = program.command('security').description('users, rights and certificates of NATS servers of your own')
  addInitCommand(group, bind)
  addConfigCommand(group, bind)
}

const FOLDER_DEFAULT = '/etc/nats'
const STORE_DEFAULT = '/var/lib/nats'

const withSetupOptions = (command: Command): Command =>
  command
    .requiredOption(
      '--hosts <names>',
      'by which the servers are reached, 1, 3 or 5: nats-0.nats,nats-1.nats,…',
      decodeHosts,
    )
    .requiredOption('--tenants <names>', 'each gets the users <tenant>-reader, -writer and -admin', decodeTenants)
    .addOption(
      new Option('--tls <mode>', 'mutual: clients show a certificate, too').choices(tlsModes).default('server'),
    )
    .option('--store <dir>', 'where the servers keep the logs', STORE_DEFAULT)

const addConfigCommand = (group: Command, bind: Bind): void => {
  withSetupOptions(group.command('config'))
    .description('print the configuration of the servers, without a secret; as JSON the rights of each user')
    .option('--folder <dir>', 'where the servers find it and their certificates', FOLDER_DEFAULT)
    .action(
      bind(async ({ output }, options: ConfigOptions) => {
        const rights = setupUsers(options.tenants).map(({ name, permissions }) => [name, permissions] as const)
        await output.data(Object.fromEntries(rights), () => natsServerConf(options).trimEnd().split('\n'))
        return 0
      }),
    )
}

interface InitOptions extends Omit<ConfigOptions, 'folder'> {
  readonly folder?: string
  readonly names: readonly string[]
}

const addInitCommand = (group: Command, bind: Bind): void => {
  withSetupOptions(group.command('init'))
    .argument('<dir>', 'for the configuration, passwords and certificates; those that it holds are kept')
    .description('write what the servers, services and clients of a cluster need, a folder for each')
    .option('--names <names>', 'further ones in the certificate of the servers', decodeNames, [])
    .option('--folder <dir>', 'where the servers find theirs (default: nats in the folder)')
    .action(
      bind(async ({ host, output }, dir: string, { folder, ...options }: InitOptions) => {
        const found = folder ?? path.resolve(dir, 'nats')
        const setup = { ...options, path: dir, folder: found }
        for (const handover of await writeSetup(setup, { clock: host.clock, random: systemRandom }))
          await output.data(handover, () => [`${handover.folder}  ${handover.files.join(' ')}  (${handover.purpose})`])
        return 0
      }),
    )
}

const HOST = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/
const COUNTS: readonly number[] = [1, 3, 5]

const listOf = (text: string): readonly string[] => text.split(',').map((name) => name.trim())

const decodeNames = (text: string): readonly string[] => {
  const names = listOf(text)
  if (!names.every((name) => HOST.test(name))) throw new InvalidArgumentError('A name is like nats-0.nats; no port.')
  return names
}

const decodeHosts = (text: string): readonly string[] => {
  const hosts = decodeNames(text)
  if (!COUNTS.includes(hosts.length) || new Set(hosts).size < hosts.length)
    throw new InvalidArgumentError(`It is not ${COUNTS.join(', ')} different names.`)
  return hosts
}

const decodeTenants = (text: string): readonly TenantId[] => [...new Set(listOf(text).map(decodeTenant))]

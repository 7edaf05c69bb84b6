/** The options that every command takes. */
import type { Command } from 'commander'
import { UsageError } from './faults.ts'
import type { TlsFiles } from './place/address.ts'
import { PATH_DEFAULT } from './place/place.ts'

export interface Settings extends TlsFiles {
  /** Folder of the store, where the command line names one. */
  readonly path?: string
  /** Address of a cluster, where the command line names one; several between commas. */
  readonly server?: string
  readonly user?: string
  readonly password?: string
  /** File of NATS credentials. */
  readonly creds?: string
  readonly tenant?: string
  readonly json: boolean
  /** Long work is reported about also where there is no terminal. */
  readonly progress: boolean
}

type GlobalOptions = Partial<Settings>

export const addGlobalOptions = (program: Command): void => {
  program
    .option('--path <dir>', `folder of the store (default: $WAGGLE_PATH or ${PATH_DEFAULT})`)
    .option('--server <url>', 'a cluster instead (default: $NATS_URL or the NATS context)')
    .option('--tenant <name>', 'whose collectives these are (default: default)')
    .option('--user <name>', 'of the cluster (default: $NATS_USER)')
    // Everybody on the machine can read the arguments of a process.
    .option('--password <text>', 'better: $NATS_PASSWORD')
    .option('--creds <file>', 'NATS credentials instead (default: $NATS_CREDS)')
    .option('--tlsca <file>', 'authorities of its certificates (default: $NATS_CA, or those that Node trusts)')
    .option('--tlscert <file>', 'own certificate, where it asks for one (default: $NATS_CERT)')
    .option('--tlskey <file>', 'private key of that certificate (default: $NATS_KEY)')
    .option('--json', 'data as JSON: one value, lists one a line')
    .option('--progress', 'of long work, as JSON lines on stderr, where that is no terminal')
}

/** @throws UsageError */
export const settingsOf = (command: Command): Settings => {
  const { json = false, progress = false, ...options } = command.optsWithGlobals<GlobalOptions>()
  const { path, server, user, password, creds, tenant, tlsca, tlscert, tlskey } = options
  if (path === '') throw new UsageError('--path: the name of a folder is empty')
  if (server === '') throw new UsageError('--server: the address is empty')
  if (path !== undefined && server !== undefined)
    throw new UsageError('--path is a store in a folder and --server a cluster: give one of them')
  if (path !== undefined && (user ?? password ?? creds ?? tlsca ?? tlscert ?? tlskey) !== undefined)
    throw new UsageError('--user, --password, --creds and --tls… are for a cluster; a folder (--path) takes none')
  if (creds !== undefined && (user ?? password) !== undefined)
    throw new UsageError('--creds stands instead of --user and --password: give one of them')
  return {
    json,
    progress,
    ...(path === undefined ? {} : { path }),
    ...(server === undefined ? {} : { server }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(creds === undefined ? {} : { creds }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(tlsca === undefined ? {} : { tlsca }),
    ...(tlscert === undefined ? {} : { tlscert }),
    ...(tlskey === undefined ? {} : { tlskey }),
  }
}

/** The options that every command takes. */
import type { Command } from 'commander'
import { UsageError } from './faults.ts'
import type { Host } from './host.ts'

const PATH_DEFAULT = './waggle-data'

export interface Settings {
  /** Folder of the store. */
  readonly path: string
  /** The folder was named on the command line. */
  readonly pathIsGiven: boolean
  readonly tenant?: string
  readonly json: boolean
}

interface GlobalOptions {
  readonly path?: string
  readonly server?: string
  readonly tenant?: string
  readonly json?: boolean
}

export const addGlobalOptions = (program: Command): void => {
  program
    .option('--path <dir>', `folder of the store (default: $WAGGLE_PATH or ${PATH_DEFAULT})`)
    .option('--server <url>', 'a cluster; not part of this version')
    .option('--tenant <name>', 'whose collectives these are (default: default)')
    .option('--json', 'data as JSON: one value, lists one a line')
}

/** @throws UsageError */
export const settingsOf = (command: Command, { environment }: Host): Settings => {
  const { path, server, tenant, json = false } = command.optsWithGlobals<GlobalOptions>()
  if (server !== undefined)
    throw new UsageError('--server: this version works on a folder (--path); clusters are not part of it')
  if (path === '') throw new UsageError('--path: the name of a folder is empty')
  return {
    path: path ?? environment.path ?? PATH_DEFAULT,
    pathIsGiven: path !== undefined,
    json,
    ...(tenant === undefined ? {} : { tenant }),
  }
}

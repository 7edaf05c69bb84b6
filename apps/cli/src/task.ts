/** One run of a command: what every command is given beside its own arguments. */
import type { Logger } from '@waggle/kernel'
import type { CollectiveHandle, Waggle } from '@waggle/sdk'
import { Interrupted } from './faults.ts'
import type { ExitCode, Host } from './host.ts'
import { placeOf } from './place/place.ts'
import { serverOptions } from './place/server-options.ts'
import type { Settings } from './settings.ts'
import type { Output } from './terminal/output.ts'

export interface Task {
  readonly host: Host
  readonly settings: Settings
  readonly output: Output
}

export interface StoreOptions {
  /** Another folder than the one that the user named. */
  readonly path?: string
  readonly acceptLoss?: boolean
}

/**
 * Opens a store: in a folder, or behind a connection. Either is loaded only here: the native part of an embedded store
 * may be what `waggle doctor` has to examine, and `waggle --help` needs none of it.
 */
export const openStore = async (task: Task, { path, acceptLoss = false }: StoreOptions = {}): Promise<Waggle> => {
  const { settings, output, host } = task
  const place = path === undefined ? await placeOf(settings, host.environment) : { kind: 'folder' as const, path }
  if ('note' in place) output.remark(place.note)
  const { tenant } = settings
  const common = { logger: operatorLogger(output), ...(tenant === undefined ? {} : { tenant }) }
  if (place.kind === 'folder') {
    const { openWaggle } = await import('@waggle/embedded')
    return openWaggle({ path: place.path, acceptLoss, ...common })
  }
  const { Waggle } = await import('@waggle/client')
  return Waggle.connect({ ...(await serverOptions(place.address)), ...common })
}

/** Opens the store, uses it and closes it, whatever happens. */
export const withStore = async (
  task: Task,
  use: (waggle: Waggle) => Promise<ExitCode>,
  options?: StoreOptions,
): Promise<ExitCode> => {
  const waggle = await openStore(task, options)
  try {
    return await use(waggle)
  } finally {
    await waggle.close()
  }
}

/** Opens the store and finds a collective by id or name. */
export const withCollective = async (
  task: Task,
  idOrName: string,
  use: (hive: CollectiveHandle) => Promise<ExitCode>,
): Promise<ExitCode> => withStore(task, async (waggle) => use(await waggle.collective(idOrName)))

/** @throws Interrupted when the user asked for the end */
export const stopIfInterrupted = ({ host }: Task): void => {
  if (host.interrupted.aborted) throw new Interrupted('interrupted')
}

/** What a library has to say to an operator; the rest is for developers. */
export const operatorLogger = (output: Output, { isTalkative = false } = {}): Logger => ({
  debug: () => undefined,
  info: (message, fields) => {
    if (isTalkative) output.warn(message, fields, 'note')
  },
  warn: (message, fields) => {
    output.warn(message, fields)
  },
  error: (message, fields) => {
    output.warn(message, fields, 'error')
  },
})

/** One run of a command: what every command is given beside its own arguments. */
import type { Logger } from '@waggle/kernel'
import type { CollectiveHandle, Waggle } from '@waggle/sdk'
import { Interrupted } from './faults.ts'
import type { ExitCode, Host } from './host.ts'
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
 * Opens a store. Loaded only here, because the native part of the store may be what `waggle doctor` has to examine, and
 * `waggle --help` needs none of it.
 */
export const openStore = async (task: Task, { path, acceptLoss = false }: StoreOptions = {}): Promise<Waggle> => {
  const { openWaggle } = await import('@waggle/embedded')
  const { settings, output } = task
  const { tenant } = settings
  return openWaggle({
    path: path ?? settings.path,
    acceptLoss,
    logger: operatorLogger(output),
    ...(tenant === undefined ? {} : { tenant }),
  })
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

/** What the store has to say to an operator; the rest is for developers. */
const operatorLogger = (output: Output): Logger => ({
  debug: () => undefined,
  info: () => undefined,
  warn: (message, fields) => {
    output.warn(message, fields)
  },
  error: (message, fields) => {
    output.warn(message, fields, 'error')
  },
})

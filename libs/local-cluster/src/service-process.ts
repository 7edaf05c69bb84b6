/** Processes of the services, which are started from their builds. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, open, rename, stat } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { localClusterFault } from './errors.ts'
import { identityOf } from './process-identity.ts'
import type { Life } from './supervised-child.ts'
import { until, type Waiting } from '@waggle/kernel'

export type ServiceRole = 'router' | 'shard' | 'compactor'

export type Variables = Readonly<Record<string, string | undefined>>

export interface ServiceProcessOptions extends Waiting {
  readonly role: ServiceRole
  readonly logFile: string
  /** The whole environment of the process. */
  readonly variables: Variables
}

/** The services bound their own drain to 20 s; what takes longer hangs. */
const DRAIN_MS_MAX = 22_000
const POLL_MS = 10
/** A log that grew beyond it is put aside when the next life begins; one such is kept. */
const LOG_BYTES_MAX = 16_000_000

/** The committed entry of a service, from the root of the workspaces. */
const entryOf = (role: ServiceRole): string =>
  fileURLToPath(new URL(`../../../services/${role}/bin/waggle-${role}.mjs`, import.meta.url))

/** @throws Fault `SERVICE_NOT_BUILT` */
export const checkBuilt = (roles: readonly ServiceRole[]): void => {
  for (const role of roles) {
    const built = path.resolve(path.dirname(entryOf(role)), '../dist/main.js')
    if (!existsSync(entryOf(role)) || !existsSync(built))
      throw localClusterFault('SERVICE_NOT_BUILT', `the service is not built service=${role}`, { service: role })
  }
}

/** Begins a life of a service. It ends, drained, when this process dies: its standard input tells it. */
export const startService = async (options: ServiceProcessOptions): Promise<Life> => {
  const log = await openLog(options.logFile)
  try {
    const child = spawn(process.execPath, [entryOf(options.role)], {
      env: { ...options.variables, WAGGLE_EXIT_WITH_STDIN: '1' },
      stdio: ['pipe', log.fd, log.fd],
      // Out of reach of an interrupt typed at a terminal: all would drain at once, with nobody left to drain to.
      detached: true,
    })
    child.stdin?.on('error', () => undefined)
    await once(child, 'spawn')
    const identity = identityOf(child.pid ?? -1)
    const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
    const signal = (name: NodeJS.Signals): void => {
      if (!hasEnded()) child.kill(name)
    }
    const ended = new Promise<string>((resolve) => {
      child.once('exit', (code, name) => {
        resolve(name ?? `exit code ${code ?? 'unknown'}`)
      })
    })
    return {
      identity,
      ended,
      async end() {
        signal('SIGTERM')
        // One that was halted hears nothing before it is let go on.
        signal('SIGCONT')
        const drained = await until(options, { everyMs: POLL_MS, durationMsMax: DRAIN_MS_MAX }, hasEnded)
        signal('SIGKILL')
        await ended
        return drained
      },
    }
  } finally {
    await log.close()
  }
}

const openLog = async (file: string) => {
  await mkdir(path.dirname(file), { recursive: true })
  const { size } = await stat(file).catch(() => ({ size: 0 }))
  if (size > LOG_BYTES_MAX) await rename(file, `${file}.1`)
  return open(file, 'a', 0o600)
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { until, type Waiting } from '@waggle/kernel'

/** How one life of a server ended. */
export interface ServerEnd {
  /** Exit code, `null` when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** True when `stop` or `restart` asked for it. */
  readonly wanted: boolean
}

/** One life of a server. */
export interface ServerProcess {
  readonly pid: number
  readonly ended: Promise<ServerEnd>
  hasEnded(): boolean
  signal(name: NodeJS.Signals): void
  /** SIGTERM, and SIGKILL when that has not ended it in time. */
  end(durationMsMax: number): Promise<void>
}

export interface SpawnOptions extends Waiting {
  readonly path: string
  readonly configFile: string
  readonly folder: string
  readonly logFile: string
  /** In a process group of its own, which a terminal's interrupt does not reach. */
  readonly isOwnGroup: boolean
}

const END_POLL_MS = 5

/** @throws the system's error when the binary cannot be started */
export const spawnServer = async (options: SpawnOptions): Promise<ServerProcess> => {
  const log = await open(options.logFile, 'a', 0o600)
  try {
    // A configuration that is refused is complained of before any log of the server's own is open: take its output.
    const child = spawn(options.path, ['-c', options.configFile], {
      cwd: options.folder,
      stdio: ['ignore', log.fd, log.fd],
      detached: options.isOwnGroup,
    })
    let wanted = false
    const ended = new Promise<ServerEnd>((resolve) => {
      child.once('exit', (code, name) => {
        resolve({ code, signal: name, wanted })
      })
    })
    await once(child, 'spawn')
    const { pid = -1 } = child
    const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
    const signal = (name: NodeJS.Signals): void => {
      if (!hasEnded()) child.kill(name)
    }
    return {
      pid,
      ended,
      hasEnded,
      signal,
      async end(durationMsMax) {
        if (hasEnded()) return
        wanted = true
        signal('SIGTERM')
        // One that was halted by SIGSTOP hears nothing before it is let go on.
        signal('SIGCONT')
        await until(options, { everyMs: END_POLL_MS, durationMsMax }, hasEnded)
        signal('SIGKILL')
        await ended
      },
    }
  } finally {
    await log.close()
  }
}

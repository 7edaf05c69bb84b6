/** The process entry: the only file that reads the environment and listens to signals. */
import { systemClock, systemTimers } from '@waggle/kernel'
import { Cli } from './cli.ts'
import type { Host } from './host.ts'
import { buildProgram } from './program.ts'

/**
 * The first signal asks: what is under way stops at the next safe point and closes the store. The second one insists.
 */
const interruption = (): AbortSignal => {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130)
      controller.abort()
    })
  return controller.signal
}

const { WAGGLE_PATH, NO_COLOR } = process.env

const host: Host = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  clock: systemClock,
  timers: systemTimers,
  environment: {
    noColor: NO_COLOR !== undefined && NO_COLOR !== '',
    ...(WAGGLE_PATH === undefined || WAGGLE_PATH === '' ? {} : { path: WAGGLE_PATH }),
  },
  interrupted: interruption(),
}

const cli = new Cli(host)
process.exitCode = await cli.run(buildProgram(cli.bind, host), process.argv.slice(2))

/** The process entry: the only file that reads the environment and listens to signals. */
import { homedir } from 'node:os'
import path from 'node:path'
import { systemClock, systemTimers } from '@waggle/kernel'
import { Cli } from './cli.ts'
import type { Host, HostEnvironment } from './host.ts'
import { buildProgram } from './program.ts'

/**
 * The first signal asks: what is under way stops at the next safe point and closes the store. The second one insists.
 */
const interruption = (): AbortSignal => {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (controller.signal.aborted) {
        // What was drawn last may be half a line.
        process.stderr.write('\n')
        process.exit(130)
      }
      controller.abort()
    })
  return controller.signal
}

/** An empty variable counts as absent, as shells and the tools of NATS have it. */
const variable = (name: string): string | undefined => (process.env[name] === '' ? undefined : process.env[name])

const environment = (): HostEnvironment => {
  const home = homedir()
  const named = {
    path: variable('WAGGLE_PATH'),
    natsUrl: variable('NATS_URL'),
    natsUser: variable('NATS_USER'),
    natsPassword: variable('NATS_PASSWORD'),
    natsCreds: variable('NATS_CREDS'),
    natsCa: variable('NATS_CA'),
    natsCert: variable('NATS_CERT'),
    natsKey: variable('NATS_KEY'),
  }
  const present = Object.entries(named).filter(([, value]) => value !== undefined)
  return {
    ...(Object.fromEntries(present) as { readonly [Name in keyof typeof named]?: string }),
    home,
    configFolder: variable('XDG_CONFIG_HOME') ?? path.join(home, '.config'),
    stateFolder: variable('XDG_STATE_HOME') ?? path.join(home, '.local', 'state'),
    noColor: variable('NO_COLOR') !== undefined,
    isBare: variable('TERM') === 'dumb',
    isDebugging: variable('WAGGLE_DEBUG') !== undefined,
    variables: process.env,
  }
}

const host: Host = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  clock: systemClock,
  timers: systemTimers,
  environment: environment(),
  interrupted: interruption(),
}

const cli = new Cli(host)
const words = process.argv.slice(2)
// What no command waited for is a bug; it is told like any other fault.
process.on('uncaughtException', (error) => process.exit(cli.failed(error, words)))
process.exitCode = await cli.run(buildProgram(cli.bind, host), words)

/** The command inside this process, from the sources: as real, without the time that a process takes to start. */
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { systemClock, systemTimers } from '@waggle/kernel'
import { Cli } from '../cli.ts'
import type { ExitCode, HostEnvironment } from '../host.ts'
import { buildProgram } from '../program.ts'

export interface Run {
  readonly code: ExitCode
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly input?: string
  /** None of it comes from the environment of the tests. */
  readonly environment?: Partial<HostEnvironment>
  /** The user's wish to end. */
  readonly interrupted?: AbortSignal
  /** Hears what is written to stdout when it is written. */
  readonly onOutput?: (text: string) => void
}

export const run = async (
  args: readonly string[],
  { input = '', environment = {}, interrupted = new AbortController().signal, onOutput }: RunOptions = {},
): Promise<Run> => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  if (onOutput !== undefined) stdout.on('data', (chunk: Buffer) => onOutput(chunk.toString()))
  const texts = Promise.all([text(stdout), text(stderr)])
  const host = {
    stdin: Readable.from([Buffer.from(input)]),
    ...{ stdout, stderr, clock: systemClock, timers: systemTimers },
    environment: { noColor: true, ...environment },
    interrupted,
  }
  const cli = new Cli(host)
  const code = await cli.run(buildProgram(cli.bind, host), args)
  stdout.end()
  stderr.end()
  const [out, err] = await texts
  return { code, stdout: out, stderr: err }
}

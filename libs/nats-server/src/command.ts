import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import path from 'node:path'

/** Variables of the environment, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

export interface CommandResult {
  readonly ok: boolean
  /** What it wrote, on both streams. */
  readonly output: string
  /** Why it failed, in a line; empty when it did not. */
  readonly why: string
}

export interface CommandOptions {
  readonly environment: Environment
  readonly folder?: string
  /** It is killed after that. */
  readonly durationMsMax: number
}

const OUTPUT_BYTES_MAX = 4_000_000
const QUOTED_LINES = 3

export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The last lines that say something, in one. */
const lastLines = (text: string, count = QUOTED_LINES): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-count)
    .join(' | ')

/** Runs a command to its end. Never throws: what cannot be started has failed. */
export const runCommand = (
  file: string,
  args: readonly string[],
  { environment, folder, durationMsMax }: CommandOptions,
): Promise<CommandResult> =>
  new Promise<CommandResult>((resolve) => {
    const options = {
      env: { ...environment },
      timeout: durationMsMax,
      killSignal: 'SIGKILL' as const,
      maxBuffer: OUTPUT_BYTES_MAX,
      ...(folder === undefined ? {} : { cwd: folder }),
    }
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      const output = stdout + stderr
      if (error === null) {
        resolve({ ok: true, output, why: '' })
        return
      }
      const [message = ''] = error.message.split('\n', 1)
      const reason = error.killed === true ? `killed after ${durationMsMax} ms` : message
      resolve({ ok: false, output, why: [reason, lastLines(stderr)].filter((part) => part !== '').join(': ') })
    })
    // Something that is no nats-server may wait for input.
    child.stdin?.end()
    // Node tells some failures by the callback and throws others.
  }).catch((error: unknown) => ({ ok: false, output: '', why: errorText(error) }))

const isExecutable = async (file: string): Promise<boolean> => {
  try {
    await access(file, constants.X_OK)
    return (await stat(file)).isFile()
  } catch {
    return false
  }
}

/** The executables of that name on the `PATH`, first to last. Relative entries are passed over, as Go does. */
export const onPath = async (name: string, environment: Environment): Promise<readonly string[]> => {
  const folders = (environment.PATH ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder))
  const files = [...new Set(folders)].map((folder) => path.join(folder, name))
  const found: string[] = []
  for (const file of files) if (await isExecutable(file)) found.push(file)
  return found
}

/** The command as users run it: a process of its own, from the build. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const COMMAND = fileURLToPath(new URL('../../bin/waggle.mjs', import.meta.url))

export interface Ended {
  /** The exit code, or the signal that ended it. */
  readonly code: number | NodeJS.Signals
  readonly stdout: string
  readonly stderr: string
}

export interface WaggleProcess {
  readonly pid: number
  /** Gives it more to read. */
  feed(text: string): void
  endInput(): void
  signal(name: NodeJS.Signals): void
  /** What it has written to stdout so far. */
  output(): string
  readonly ended: Promise<Ended>
}

export const startWaggle = (
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  folder: string = process.cwd(),
): WaggleProcess => {
  const env = { ...inherited(), ...environment }
  const child = spawn(process.execPath, [COMMAND, ...args], { env, cwd: folder, stdio: 'pipe' })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  // A process that ends early does not read to the end; that is its right.
  child.stdin.on('error', () => undefined)
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      resolve({ code: signal ?? code ?? -1, stdout, stderr })
    })
  })
  return {
    pid: child.pid ?? -1,
    ended,
    feed: (text) => void child.stdin.write(text),
    endInput: () => void child.stdin.end(),
    signal: (name) => void child.kill(name),
    output: () => stdout,
  }
}

/** Without what says where to work: that is the test's to say. */
const inherited = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries({ ...process.env, XDG_CONFIG_HOME: '/nonexistent' }).filter(
      ([name]) => !/^(WAGGLE_PATH$|NATS_)/.test(name),
    ),
  )

/** Runs it to its end; `input` is what it reads from stdin. */
export const runWaggle = async (args: readonly string[], input = ''): Promise<Ended> => {
  const child = startWaggle(args)
  child.feed(input)
  child.endInput()
  return child.ended
}

/** The values of an output with one JSON value a line. */
export const jsonLines = (text: string): readonly unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown)

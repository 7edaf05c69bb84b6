/** Child processes for tests of what only a process can do: die, stand still, hold a lock against another. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const LOADER = fileURLToPath(new URL('run-typescript.mjs', import.meta.url))

export interface ChildScript {
  readonly pid: number
  /** The next line that the child prints. Rejects with its errors when it ends before. */
  line(): Promise<string>
  /** All further lines, until it ends. */
  rest(): Promise<string[]>
  /** Gives the child a line to read. */
  tell(line: string): void
  /** Sends a signal; SIGKILL gives the child no chance to do anything. Does nothing when it has ended. */
  signal(name: NodeJS.Signals): void
  /** Resolves with the exit code or the signal that ended it, once its output has been read and it is gone. */
  readonly ended: Promise<number | NodeJS.Signals>
}

export interface ChildScriptOptions {
  readonly args?: readonly string[]
  /** A shell command to run first, such as `ulimit -f 100`. */
  readonly prelude?: string
}

/** Starts the TypeScript file at `script` as a process of its own; `args` are its `process.argv.slice(2)`. */
export const startChild = (script: URL, { args = [], prelude = 'true' }: ChildScriptOptions = {}): ChildScript => {
  const command = [process.execPath, '--conditions=@waggle/source', '--import', LOADER, fileURLToPath(script), ...args]
  const child = spawn('/bin/sh', ['-c', `${prelude} && exec "$@"`, 'sh', ...command], { stdio: 'pipe' })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      resolve(signal ?? code ?? -1)
    })
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    pid: child.pid ?? -1,
    ended,
    async line() {
      const next = await lines.next()
      if (next.done !== true) return next.value
      throw new Error(`the child ended with ${await ended}: ${errors}`)
    },
    async rest() {
      const rest: string[] = []
      for (let next = await lines.next(); next.done !== true; next = await lines.next()) rest.push(next.value)
      return rest
    },
    tell(line) {
      child.stdin.write(`${line}\n`)
    },
    signal(name) {
      child.kill(name)
    },
  }
}

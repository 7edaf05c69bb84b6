/**
 * A contestant is a program of its own, ours as well as a peer's: started with a phase and folders, it prints a line of
 * JSON for each figure. Where it prints `{"ready":true}` it waits to be killed, and kill -9 is what it gets.
 */
import { spawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Figure } from './reading.ts'

export interface Program {
  readonly file: string
  readonly args: readonly string[]
  readonly options?: Pick<SpawnOptions, 'cwd' | 'env' | 'uid' | 'gid'>
}

/** Of what a peer had to say when it failed. */
const COMPLAINT_CHARACTERS = 600

/** What the program reported. Rejects when it fails, or takes longer than `timeoutMs`. */
export const runProgram = async (program: Program, timeoutMs: number): Promise<readonly Figure[]> => {
  const { file, args, options } = program
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs, killSignal: 9 })
  const figures: Figure[] = []
  let complaint = ''
  const waiting = new AbortController()
  child.stderr.on('data', (bytes: Buffer) => {
    complaint = `${complaint}${bytes.toString()}`.slice(-COMPLAINT_CHARACTERS)
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    // Peers print what they like beside it.
    if (!line.startsWith('{"')) return
    const said = JSON.parse(line) as Figure | { readonly ready: true }
    if ('ready' in said) {
      waiting.abort()
      child.kill('SIGKILL')
    } else figures.push(said)
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  if (code !== 0 && !waiting.signal.aborted)
    throw new Error(`${file} ${args[0] ?? ''} ended with ${signal ?? code}: ${complaint.trim()}`)
  return figures
}

/** For a program of ours: tells one figure. */
export const tell = (figure: Figure): void => {
  process.stdout.write(`${JSON.stringify(figure)}\n`)
}

/** For a program of ours: asks to be killed, and waits for it. */
export const askToBeKilled = async (): Promise<never> => {
  process.stdout.write('{"ready":true}\n')
  return new Promise(() => {
    setInterval(() => undefined, 1_000)
  })
}

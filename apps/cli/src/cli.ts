/**
 * From the words on the command line to an exit code.
 *
 * C1  0 done, 1 fault, 2 wrong usage; whatever goes wrong is said on stderr, once, and without a stack unless
 *     `$WAGGLE_DEBUG` asks for it.
 * C2  A command gets its streams and signals from the host and never ends the process itself.
 */
import { inspect } from 'node:util'
import { isFault, type Fault } from '@waggle/kernel'
import { fault } from '@waggle/protocol'
import { CommanderError, type Command } from 'commander'
import { Interrupted, OutputClosed, UsageError } from './faults.ts'
import type { ExitCode, Host } from './host.ts'
import { settingsOf } from './settings.ts'
import type { Task } from './task.ts'
import { Output } from './terminal/output.ts'

/** What a command does with its arguments and, last of them, its options. */
export type Action<Arguments extends readonly unknown[]> = (task: Task, ...args: Arguments) => Promise<ExitCode>

/** Makes of an action what commander calls with arguments, options and the command. */
export type Bind = <Arguments extends readonly unknown[]>(
  action: Action<Arguments>,
) => (...given: unknown[]) => Promise<void>

export class Cli {
  readonly #host: Host
  #output: Output | undefined
  #exitCode: ExitCode = 0

  constructor(host: Host) {
    this.#host = host
  }

  /** For every command: reads the global options, runs the action, keeps its exit code. */
  readonly bind: Bind =
    (action) =>
    async (...given) => {
      const command = given.pop() as Command
      const settings = settingsOf(command)
      this.#output ??= new Output(this.#host, settings)
      this.#exitCode = await action({ host: this.#host, settings, output: this.#output }, ...(given as never))
    }

  /** Runs the command that `words` name. C1: never throws. */
  async run(program: Command, words: readonly string[]): Promise<ExitCode> {
    try {
      await program.parseAsync(words, { from: 'user' })
      return this.#exitCode
    } catch (error) {
      return this.failed(error, words)
    } finally {
      this.#output?.end()
    }
  }

  /** Says what went wrong. @param words for what fails before the options are known */
  failed(error: unknown, words: readonly string[]): ExitCode {
    const output = (this.#output ??= new Output(this.#host, { json: isJsonAsked(words) }))
    // Commander has printed the help that was asked for, or was due.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (error instanceof OutputClosed) return 0
    if (error instanceof Interrupted) return 130
    if (error instanceof UsageError) {
      output.usage(error)
      return 2
    }
    output.fault((isFault(error) ? error : unexpected(error)).toJSON())
    if (this.#host.environment.isDebugging === true) output.note(inspect(error))
    return 1
  }
}

const unexpected = (error: unknown): Fault => {
  const reason = error instanceof Error ? error.message : String(error)
  return fault('INTERNAL', `command failed reason=${reason}`, {}, { cause: error })
}

const isJsonAsked = (words: readonly string[]): boolean => {
  const end = words.indexOf('--')
  return words.slice(0, end < 0 ? undefined : end).includes('--json')
}

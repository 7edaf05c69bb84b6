/**
 * Where the answers of a command go: data to stdout, everything else to stderr.
 *
 * O1  With `--json` every datum is one JSON value on one line; without, it is text for people.
 * O2  Who writes waits for whoever reads: memory does not grow with the output.
 * O3  When the reader has gone (`waggle export … | head`), the next write ends the command in peace.
 * O4  What is stored, or was typed, reaches no terminal as a command to it (`text.ts`, T1).
 */
import { hexOf, isFault, type Clock, type FaultBody } from '@waggle/kernel'
import { adviceOf } from '../advice.ts'
import { commandFault, OutputClosed, type UsageError } from '../faults.ts'
import type { Host, TextStream } from '../host.ts'
import { coloursFor, type Colours } from './colours.ts'
import { Reporter, type ReporterMode } from './reporter.ts'
import { plain, plainJson, styledLine } from './text.ts'

export interface OutputOptions {
  readonly json: boolean
  /** Long work is reported about also where there is no terminal. */
  readonly progress?: boolean
}

/** Columns of text where there is no terminal to ask. */
const WIDTH_DEFAULT = 100

export class Output {
  readonly json: boolean
  /** Columns that a line may take; unbounded where no terminal would break it. */
  readonly width: number
  readonly colours: Colours
  readonly #stdout: TextStream
  readonly #stderr: TextStream
  readonly #clock: Clock
  readonly #progressMode: ReporterMode
  #reporter: Reporter | undefined
  #failure: NodeJS.ErrnoException | undefined

  constructor({ stdout, stderr, environment, clock }: Host, { json, progress = false }: OutputOptions) {
    this.json = json
    this.#clock = clock
    const canDraw = stderr.isTTY === true && environment.isBare !== true && !json
    this.#progressMode = canDraw ? 'bar' : progress ? 'lines' : 'silent'
    this.#stdout = stdout
    this.#stderr = stderr
    const isTerminal = stdout.isTTY === true
    this.width = isTerminal ? (stdout.columns ?? WIDTH_DEFAULT) : Number.POSITIVE_INFINITY
    this.colours = coloursFor({ isTerminal, noColor: environment.noColor || environment.isBare === true })
    stdout.on('error', (error: NodeJS.ErrnoException) => (this.#failure = error))
    // Nobody reads the notes any more; that changes nothing about the work.
    stderr.on('error', () => undefined)
  }

  /** One datum: `value` as JSON, or the lines for people. @throws OutputClosed, or Fault `OUTPUT_FAILED` */
  async data(value: unknown, lines: () => readonly string[]): Promise<void> {
    const text = this.json ? [jsonOf(value)] : lines().map(styledLine)
    await this.write(text.map((line) => `${line}\n`).join(''))
  }

  /** Text as it is. O2. @throws OutputClosed, or Fault `OUTPUT_FAILED` */
  async write(text: string): Promise<void> {
    this.#check()
    if (this.#stdout.isTTY === true) this.#reporter?.clear()
    if (text === '' || this.#stdout.write(text)) return
    await new Promise<void>((resolve) => {
      const ended = (): void => {
        for (const event of ['drain', 'close', 'error']) this.#stdout.off(event, ended)
        resolve()
      }
      for (const event of ['drain', 'close', 'error']) this.#stdout.on(event, ended)
    })
    this.#check()
  }

  /** Begins to report about long work, in place of what was reported about before. */
  reporter(label: string, unit: string): Reporter {
    this.#reporter?.end()
    this.#reporter = new Reporter({
      ...{ stream: this.#stderr, clock: this.#clock, mode: this.#progressMode },
      ...{ label, unit },
    })
    return this.#reporter
  }

  /** The command is over, however it ended: no line of a report stays behind. */
  end(): void {
    this.#reporter?.clear()
  }

  /** Says something that is no datum. */
  note(text: string): void {
    this.#reporter?.clear()
    this.#stderr.write(`${plain(text)}\n`)
  }

  /** Says what a reader of the data may want to know. O1 holds for it, too. */
  remark(text: string): void {
    this.note(this.json ? JSON.stringify({ note: text }) : text)
  }

  /** Says what is odd, but stops nothing; `facts` follow the message. */
  warn(
    message: string,
    facts: Readonly<Record<string, unknown>> = {},
    level: 'note' | 'warning' | 'error' = 'warning',
  ): void {
    if (this.json) {
      this.note(jsonOf({ [level]: message, ...facts }))
      return
    }
    const texts = Object.entries(facts).map(([name, value]) => ` ${name}=${String(value)}`)
    this.note(`${level}: ${message}${texts.join('')}`)
  }

  /** Reports a fault with what to do about it; `where` goes in front. */
  fault(body: FaultBody, where?: { readonly line: number }): void {
    if (this.json) {
      this.note(jsonOf({ ...where, fault: body }))
      return
    }
    const place = where === undefined ? '' : `line ${where.line}: `
    this.note(`${place}fault ${body.code}: ${body.message}\n  ${adviceOf(body)}`)
  }

  /** Says how the command is called right. In JSON it looks like a fault, so that a program reads one shape. */
  usage({ message, command }: UsageError): void {
    if (this.json) {
      const details = command === undefined ? {} : { command }
      this.note(jsonOf({ fault: { code: 'WRONG_USAGE', kind: 'invalid', message, details } }))
      return
    }
    this.note(`error: ${message}${command === undefined ? '' : `\nSee: ${command} --help`}`)
  }

  /** O3 */
  #check(): void {
    const failure = this.#failure
    if (failure === undefined) return
    if (failure.code === 'EPIPE') throw new OutputClosed('the reader of the output has gone')
    throw commandFault('OUTPUT_FAILED', `output failed reason=${failure.message}`, { reason: failure.message })
  }
}

/** JSON with vectors as lists of numbers. O4 */
const jsonOf = (value: unknown): string =>
  plainJson(
    JSON.stringify(value, (_name, entry: unknown) => {
      if (entry instanceof Float32Array) return Array.from(entry)
      if (entry instanceof Uint8Array) return hexOf(entry)
      return isFault(entry) ? entry.toJSON() : entry
    }),
  )

/**
 * The way of a traced command through the writer, as spans of its own trace, one behind the other: `waggle.mailbox`
 * while it waits, `waggle.decide`, `waggle.group` while it waits for the append before it, `waggle.append`, and
 * `waggle.apply`, in which the state takes the record.
 *
 * Z1  One append is of many commands: each one's trace shows it, and those of one record are linked with one another.
 */
import { formatTraceparent, type Span, type SpanStart, type TraceContext } from '@waggle/kernel'
import type { Sequence } from '@waggle/protocol'

/** Which record of which term. */
interface Place {
  readonly sequence: Sequence
  readonly epoch: Sequence
}

export class CommandTrace {
  readonly #span: Span
  #part: Span | undefined

  constructor(span: Span) {
    this.#span = span
  }

  /** What the log's entry keeps. */
  get text(): string {
    return formatTraceparent(this.#span.context as TraceContext)
  }

  /** Of the part that it is in. */
  get context(): TraceContext | undefined {
    return this.#part?.context
  }

  /** The next part of its way begins. */
  enter(name: `waggle.${string}`, start?: SpanStart): void {
    this.leave()
    if (this.#span.isRecording) this.#part = this.#span.child(name, start)
  }

  /** @param code of the fault with which the part ends */
  leave(code?: string): void {
    if (code !== undefined) this.#part?.fail(code)
    this.#part?.end()
    this.#part = undefined
  }

  /** Where it stands in the log. */
  stands({ sequence, epoch }: Place): void {
    this.#span.set({ 'waggle.sequence': sequence, 'waggle.epoch': epoch })
  }
}

/** `undefined` where nobody traces it. */
export const traceOf = (span: Span): CommandTrace | undefined =>
  span.context === undefined ? undefined : new CommandTrace(span)

/** The traces of the commands of one record. */
export class GroupTrace {
  readonly #traces: readonly CommandTrace[]
  readonly #commands: number

  constructor(commands: readonly { readonly trace?: CommandTrace | undefined }[]) {
    this.#traces = commands.flatMap(({ trace }) => trace ?? [])
    this.#commands = commands.length
  }

  /** Z1. */
  appends(sequence: Sequence, bytes: number): void {
    if (this.#traces.length === 0) return
    const attributes = { 'waggle.sequence': sequence, 'waggle.commands': this.#commands, 'waggle.bytes': bytes }
    const before = this.#traces.flatMap(({ context }) => context ?? [])
    for (const [at, trace] of this.#traces.entries()) {
      const [first] = this.#traces
      const others = at === 0 ? before.slice(1) : [first?.context].flatMap((context) => context ?? [])
      trace.enter('waggle.append', { attributes, links: others })
    }
  }

  /** The record is in the log. */
  readonly logged = (): void => {
    for (const trace of this.#traces) trace.enter('waggle.apply')
  }

  /** The record has been applied. */
  applied(place: Place): void {
    for (const trace of this.#traces) {
      trace.leave()
      trace.stands(place)
    }
  }
}

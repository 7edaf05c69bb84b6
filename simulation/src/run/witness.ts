/** Listens to what processes log: some things that they say are findings by themselves. */
import type { LogFields, Logger } from '@waggle/kernel'
import type { Finding, Verdict } from './verdict.ts'

/** Messages that no fault of this simulation may lead to. */
const verdicts: Readonly<Record<string, Verdict>> = {
  'operation failed': 'crash',
  'a message failed': 'crash',
  'request could not be answered': 'crash',
  'a replica could not be looked after': 'crash',
  'replica has halted': 'correctness',
  'two records were written under one id': 'correctness',
  'append was acknowledged at another place than it named': 'correctness',
}

/** Why a replica may halt: it was kept from reading a record, or its server did not know the end of the log. */
const excused: ReadonlySet<unknown> = new Set(['LOG_DAMAGED', 'STREAM_BEHIND'])

export class Witness {
  readonly findings: Finding[] = []
  /** Names of processes in which a replica has halted. */
  readonly halted = new Set<string>()
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  logger(process: string, inner: Logger): Logger {
    const hear =
      (say: (message: string, fields?: LogFields) => void) =>
      (message: string, fields: LogFields = {}): void => {
        const isHalt = message === 'replica has halted'
        if (isHalt) this.halted.add(process)
        const verdict = isHalt && excused.has(fields.code) ? undefined : verdicts[message]
        if (verdict !== undefined) {
          const at = this.#nowMs().toFixed(0)
          this.findings.push({ verdict, what: `${process} at=${at}: ${message} ${JSON.stringify(fields)}` })
        }
        say(message, fields)
      }
    return {
      debug: (message, fields) => inner.debug(message, fields),
      info: (message, fields) => inner.info(message, fields),
      warn: hear((message, fields) => inner.warn(message, fields)),
      error: hear((message, fields) => inner.error(message, fields)),
    }
  }
}

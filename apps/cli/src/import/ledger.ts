/**
 * What became of the lines of an import, and whether it goes on.
 *
 * L1  A fault of a line is reported by the line's number; it ends the import unless that was told to keep going.
 * L2  A fault that is none of the line's, such as a full disk, ends the import in any case: every further line would
 *     meet it, too.
 */
import { isFault, type Fault } from '@waggle/kernel'
import type { Output } from '../terminal/output.ts'
import type { Reporter } from '../terminal/reporter.ts'

export interface LedgerParts {
  readonly output: Output
  readonly reporter: Reporter
  readonly keepGoing: boolean
  /** Bytes of the whole input, where they are known. */
  readonly totalBytes: number | undefined
}

export class Ledger {
  readonly #parts: LedgerParts
  #done = 0
  #failed = 0
  #stopped = false
  #broken: Fault | undefined

  constructor(parts: LedgerParts) {
    this.#parts = parts
  }

  /** Lines that are in the store now. */
  get done(): number {
    return this.#done
  }

  get failed(): number {
    return this.#failed
  }

  /** No further line may be sent. */
  isStopped(): boolean {
    return this.#stopped
  }

  /** The fault that is none of any line's. L2 */
  get broken(): Fault | undefined {
    return this.#broken
  }

  /** A line is in the store. */
  accept({ endOffset }: { readonly endOffset: number }): void {
    const { reporter, totalBytes } = this.#parts
    this.#done += 1
    reporter.progress(this.#done, totalBytes === undefined ? undefined : endOffset / totalBytes)
  }

  /** A line is not. @throws whatever is no fault: a bug */
  refuse(line: { readonly number: number }, error: unknown): void {
    if (!isFault(error)) throw error
    this.foresee(error)
    if (!isOfLine(error)) return
    this.#failed += 1
    this.#parts.output.fault(error.toJSON(), { line: line.number })
  }

  /** A fault is known whose turn to be reported has not come: what would follow it is not sent. L1, L2 */
  foresee(fault: Fault): void {
    if (!isOfLine(fault)) this.#broken ??= fault
    if (!isOfLine(fault) || !this.#parts.keepGoing) this.#stopped = true
  }
}

/** What is wrong with a line alone; a thing that is not there counts only where a field of the line names it. */
export const isOfLine = ({ kind, details }: Fault): boolean =>
  kind === 'invalid' || kind === 'conflict' || (kind === 'notFound' && typeof details.field === 'string')

import type { Append, AppendOutcome, BatchLog } from '../log/batch-log.ts'

/** A log whose appends wait until the test lets them go, or fail when the test says so. */
export interface GatedLog {
  readonly log: BatchLog
  /** Appends that were begun. */
  readonly begun: () => number
  /** Lets one append through, waiting for it to begin. */
  release(): Promise<void>
  /** Makes the append that is waiting, or the next one, fail. */
  fail(reason: Error): void
}

export const gateLog = (inner: BatchLog): GatedLog => {
  let begun = 0
  let failure: Error | undefined
  let permits = 0
  const waiting: (() => void)[] = []
  const announce: (() => void)[] = []
  const pass = async (): Promise<void> => {
    if (permits > 0) permits -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
  }
  const append = async (request: Append): Promise<AppendOutcome> => {
    begun += 1
    for (const tell of announce.splice(0)) tell()
    await pass()
    if (failure !== undefined) throw failure
    return inner.append(request)
  }
  const open = (): void => {
    const next = waiting.shift()
    if (next === undefined) permits += 1
    else next()
  }
  return {
    log: {
      generation: inner.generation,
      bounds: () => inner.bounds(),
      read: (from) => inner.read(from),
      readAgain: (sequence) => inner.readAgain(sequence),
      append,
    },
    begun: () => begun,
    async release() {
      const before = begun
      const idle = waiting.length === 0
      open()
      if (idle) await new Promise<void>((resolve) => (begun > before ? resolve() : announce.push(resolve)))
    },
    fail(reason) {
      failure = reason
      open()
    },
  }
}

/** What must be cleaned up when somebody loses patience. */

/** SIGINT or SIGTERM came, and everything was cleaned up. */
export class Interrupted extends Error {}

export interface Interruption {
  readonly signal: AbortSignal
  /** Rejects with `Interrupted`; never resolves. */
  readonly interrupted: Promise<never>
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** Hands over what tells of the first SIGINT or SIGTERM; a second one ends the process as ever. */
export const untilInterrupted = async <Result>(
  work: (interruption: Interruption) => Promise<Result>,
): Promise<Result> => {
  const controller = new AbortController()
  const { signal } = controller
  const interrupted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Interrupted('interrupted')))
  })
  // Somebody else may not be waiting for it yet.
  interrupted.catch(() => undefined)
  const interrupt = (): void => {
    for (const name of SIGNALS) process.off(name, interrupt)
    controller.abort()
  }
  for (const name of SIGNALS) process.on(name, interrupt)
  try {
    return await work({ signal, interrupted })
  } catch (error) {
    throw signal.aborted ? new Interrupted('interrupted', { cause: error }) : error
  } finally {
    for (const name of SIGNALS) process.off(name, interrupt)
  }
}

/** What could not be written, as the fault of a command. */
import { commandFault } from './faults.ts'

/** Does the work of writing at `target`. @throws Fault `OUTPUT_FAILED` for whatever it throws */
export const writingAt = async <Result>(target: string, work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw commandFault(
      'OUTPUT_FAILED',
      `output failed path=${target} reason=${reason}`,
      { path: target },
      { cause: error },
    )
  }
}

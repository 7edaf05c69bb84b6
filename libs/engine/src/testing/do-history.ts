import { writeSync } from 'node:fs'
import { openFolderCall } from './memory/folder-call.ts'
import type { CallOperation } from './memory/memory-store.ts'

/** As many writes as wanted, done by a store and by a model alike. */
export interface DoneHistory {
  create(call: CallOperation): Promise<void>
  /** Does one step; doing it again does nothing. @returns how it differs from the model, if it does and is told */
  step(call: CallOperation, step: number): Promise<unknown>
}

/**
 * Of a child process, whose arguments are folder, seed, number of steps and the first one: does a history's steps from
 * there on, and prints each number when it is acknowledged.
 */
export const doHistory = async (historyOf: (seed: number, steps: number) => DoneHistory): Promise<void> => {
  const [path = '', seed = '', steps = '', first = ''] = process.argv.slice(2)
  const history = historyOf(Number(seed), Number(steps))
  const { call } = await openFolderCall(path)
  await history.create(call)
  for (let step = Number(first); step < Number(steps); step += 1) {
    const difference = await history.step(call, step)
    if (difference !== undefined) throw new Error(JSON.stringify(difference))
    writeSync(1, `${step}\n`)
  }
  writeSync(1, 'done\n')
}

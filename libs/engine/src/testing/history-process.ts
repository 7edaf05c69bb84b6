/** A history that is done by processes, each of which is killed at some moment. */
import { startChild } from './child-script.ts'

export interface HistoryOfProcesses {
  readonly folder: string
  readonly seed: number
  /** Of the whole history. */
  readonly steps: number
}

export class HistoryProcess {
  readonly #child: URL
  readonly #history: HistoryOfProcesses

  /** @param child a script that takes folder, seed, steps and the first step, and prints each step that was told it */
  constructor(child: URL, history: HistoryOfProcesses) {
    this.#child = child
    this.#history = history
  }

  /** Lets a process do so many steps until it is killed; returns the first step that it was not told of. */
  async doUntilKilled(first: number, count: number): Promise<number> {
    const { folder, seed, steps } = this.#history
    const child = startChild(this.#child, { args: [folder, String(seed), String(steps), String(first)] })
    let next = first
    for (let line = ''; line !== 'done' && next - first < count;) {
      line = await child.line()
      if (line !== 'done') next = Number(line) + 1
    }
    child.signal('SIGKILL')
    const rest = await child.rest()
    await child.ended
    return rest.reduce((last, line) => (line === 'done' ? last : Number(line) + 1), next)
  }
}

/** Writes down what happens, as it happens, on one clock. */
import { createWriteStream, type WriteStream } from 'node:fs'
import { once } from 'node:events'
import { systemClock } from '@waggle/kernel'
import type { Completed, Disturbed, Entry, Invoked } from './entry.ts'

export class Recorder {
  readonly entries: Entry[] = []
  readonly #file: WriteStream
  #operations = 0

  /** @param file gets a line of JSON for each entry */
  constructor(file: string) {
    this.#file = createWriteStream(file)
  }

  get nowMs(): number {
    return Math.round(systemClock.monotonicMs() * 1_000) / 1_000
  }

  add(entry: Entry): void {
    this.entries.push(entry)
    this.#file.write(`${JSON.stringify(entry)}\n`)
  }

  /** @returns the number of the operation */
  invoked(operation: Omit<Invoked, 'kind' | 'op' | 'at'>): number {
    this.#operations += 1
    this.add({ kind: 'invoked', op: this.#operations, at: this.nowMs, ...operation })
    return this.#operations
  }

  completed(op: number, completion: Omit<Completed, 'kind' | 'op' | 'at'>): void {
    this.add({ kind: 'completed', op, at: this.nowMs, ...completion })
  }

  fault(disturbance: Omit<Disturbed, 'kind' | 'at'>): void {
    this.add({ kind: 'fault', at: this.nowMs, ...disturbance })
  }

  async close(): Promise<void> {
    this.#file.end()
    await once(this.#file, 'finish')
  }
}

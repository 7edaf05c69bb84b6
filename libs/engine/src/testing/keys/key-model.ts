/** The batch store of one collective as plainly as it can be said: a map, and the list of its batches. */
import type { KeyCommand, Latin, LatinEntry, RangeRead, SingleKeyCommand } from './key-command.ts'

/** What one write told the journal: all its entries, and the keys that it left deleted, in their order. */
export interface ModelBatch {
  readonly entries: readonly LatinEntry[]
  readonly deleted: readonly Latin[]
}

export class KeyModel {
  readonly #values = new Map<Latin, Latin>()

  /** In the order of the keys' bytes. */
  get entries(): readonly LatinEntry[] {
    return [...this.#values].sort(([left], [right]) => (left < right ? -1 : 1))
  }

  /** Of keys and values. */
  get bytes(): number {
    return this.entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0)
  }

  get(key: Latin): Latin | undefined {
    return this.#values.get(key)
  }

  /** What the write tells the journal; `undefined` for one that is none. */
  take(command: KeyCommand): ModelBatch | undefined {
    switch (command.operation) {
      case 'keys.stage':
        return undefined
      case 'upload':
        return this.#all([{ operation: 'keys.put', entries: command.entries }])
      case 'batch.commit':
        return this.#all(command.commands)
      default:
        return this.#all([command])
    }
  }

  /** Exoware A.2.1. */
  range({ start, end, limit, reverse }: RangeRead): readonly LatinEntry[] {
    const found = this.entries.filter(
      ([key]) => (start === undefined || key >= start) && (end === undefined || end === '' || key <= end),
    )
    return (reverse ? found.toReversed() : found).slice(0, limit)
  }

  #all(commands: readonly SingleKeyCommand[]): ModelBatch {
    const entries: LatinEntry[] = []
    const deleted = new Set<Latin>()
    for (const command of commands)
      if (command.operation === 'keys.delete')
        for (const key of command.keys) {
          this.#values.delete(key)
          deleted.add(key)
        }
      else
        for (const [key, value] of command.entries) {
          this.#values.set(key, value)
          deleted.delete(key)
          entries.push([key, value])
        }
    return { entries, deleted: [...deleted].sort() }
  }
}

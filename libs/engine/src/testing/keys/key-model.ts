/** The batch store of one collective as plainly as it can be said: a map, and the list of its batches. */
import type { KeyCommand, Latin, LatinEntry, RangeRead, SingleKeyCommand } from './key-command.ts'

/** What one write told the journal. */
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
        return this.#single({ operation: 'keys.put', entries: command.entries })
      case 'batch.commit': {
        const batches = command.commands.map((single) => this.#single(single))
        return {
          entries: batches.flatMap(({ entries }) => entries),
          deleted: batches.flatMap(({ deleted }) => deleted),
        }
      }
      default:
        return this.#single(command)
    }
  }

  /** Exoware A.2.1. */
  range({ start, end, limit, reverse }: RangeRead): readonly LatinEntry[] {
    const found = this.entries.filter(
      ([key]) => (start === undefined || key >= start) && (end === undefined || end === '' || key <= end),
    )
    return (reverse ? found.toReversed() : found).slice(0, limit)
  }

  #single(command: SingleKeyCommand): ModelBatch {
    if (command.operation === 'keys.delete') {
      for (const key of command.keys) this.#values.delete(key)
      return { entries: [], deleted: command.keys }
    }
    for (const [key, value] of command.entries) this.#values.set(key, value)
    return { entries: command.entries, deleted: [] }
  }
}

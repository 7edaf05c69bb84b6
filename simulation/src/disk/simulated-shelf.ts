/** Where checkpoints are kept in a simulation (port: `CheckpointShelf`): one shelf for all, which may not answer. */
import type { CheckpointShelf, ShelvedObject } from '@waggle/cluster'
import { fault } from '@waggle/protocol'
import type { Dice } from '../world/dice.ts'
import type { SimulatedProcess } from '../world/process.ts'

interface Kept extends ShelvedObject {
  readonly chunks: readonly Uint8Array[]
}

export class Shelf {
  failureRate = 0
  readonly #dice: Dice
  readonly #objects = new Map<string, Kept>()

  constructor(dice: Dice) {
    this.#dice = dice
  }

  get names(): readonly string[] {
    return [...this.#objects.keys()].sort()
  }

  /** As a process has it. */
  shelfOf(process: SimulatedProcess): CheckpointShelf {
    const reach = async (): Promise<void> => {
      await new Promise<void>((resolve) => process.planFor('message', this.#dice.around(2), 'shelf', () => resolve()))
      if (this.#dice.chance(this.failureRate)) throw fault('SHARD_NOT_READY', 'the shelf does not answer')
    }
    const objects = this.#objects
    return {
      put: async (name, chunks, about) => {
        const taken: Uint8Array[] = []
        for await (const chunk of chunks) taken.push(chunk.slice())
        await reach()
        const bytes = taken.reduce((sum, { length }) => sum + length, 0)
        objects.set(name, { name, about, bytes, chunks: taken })
      },
      async *get(name) {
        await reach()
        const kept = objects.get(name)
        if (kept === undefined) throw fault('NOT_FOUND', `there is no such object name=${name}`)
        yield* kept.chunks
      },
      piece: async (name, cursor) => {
        await reach()
        const { chunks = [], bytes: total = 0 } = objects.get(name) ?? {}
        const bytes = chunks[cursor]
        if (bytes === undefined) throw fault('NOT_FOUND', `there is no such piece name=${name}`)
        return { bytes, total, cursor: cursor + 1 }
      },
      list: async (prefix) => {
        await reach()
        return [...objects.values()]
          .filter(({ name }) => name.startsWith(prefix))
          .map(({ name, bytes, about }) => ({ name, bytes, about }))
          .sort((one, other) => (one.name < other.name ? -1 : 1))
      },
      remove: async (name) => {
        await reach()
        objects.delete(name)
      },
    }
  }
}

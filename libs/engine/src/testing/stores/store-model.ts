/** What the stores must hold after a history: plain maps, to which every write is done at once. */
import type { Memory, SingleStoreCommand, StoreCommand } from './store-command.ts'

/** Everything that reading back finds, in the order of the stores. */
export interface StoreState {
  readonly keys: readonly (readonly [key: string, value: string])[]
  readonly vectors: readonly (readonly [id: string, vector: readonly number[]])[]
  readonly payloads: readonly (readonly [id: string, json: string])[]
  /** By id. */
  readonly memories: readonly Memory[]
}

export class StoreModel {
  readonly #keys = new Map<string, string>()
  readonly #vectors = new Map<string, readonly number[]>()
  readonly #payloads = new Map<string, string>()
  readonly #memories = new Map<string, string>()

  get state(): StoreState {
    return {
      keys: [...this.#keys].sort(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right))),
      vectors: [...this.#vectors].sort(byNumber),
      payloads: [...this.#payloads].sort(byNumber),
      memories: [...this.#memories].sort().map(([id, content]) => ({ id, content })),
    }
  }

  take(command: StoreCommand): void {
    switch (command.operation) {
      case 'batch.commit':
        for (const single of command.commands) this.#single(single)
        return
      case 'keys.prune':
        for (const key of this.#keys.keys()) if (key.startsWith(command.prefix)) this.#keys.delete(key)
        return
      case 'pages.store':
        for (const { id, content } of command.memories) this.#memories.set(id, content)
        return
      case 'pages.delete':
        this.#memories.delete(command.id)
        return
      default:
        this.#single(command)
    }
  }

  #single(command: SingleStoreCommand): void {
    switch (command.operation) {
      case 'keys.put':
        for (const [key, value] of command.entries) this.#keys.set(key, value)
        return
      case 'keys.delete':
        for (const key of command.keys) this.#keys.delete(key)
        return
      case 'vectors.store':
        for (const { id, vector } of command.items) this.#vectors.set(id, vector)
        return
      case 'payloads.store':
        for (const { id, payload } of command.items) this.#payloads.set(id, JSON.stringify(payload))
        return
      case 'vectors.delete':
        for (const id of command.ids) this.#vectors.delete(id)
        return
      case 'payloads.delete':
        for (const id of command.ids) this.#payloads.delete(id)
    }
  }
}

const byNumber = ([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number =>
  BigInt(left) < BigInt(right) ? -1 : 1

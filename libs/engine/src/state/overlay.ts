/**
 * Staged changes over a state that they are not part of yet. A decision sees the state through it, and what `apply`
 * wrote into it is exactly what is later written to the store: the overlay *is* apply's output.
 */
import { latin1Of } from '@waggle/kernel'
import type { StoreChange } from '../store/key-value-store.ts'

/** Point reads of a state, staged or stored. */
export interface StateView {
  /** @param name `latin1Of(key)`, where whoever asks has it: views lie upon views, and each knows its rows by it */
  get(key: Uint8Array, name?: string): Uint8Array | undefined
}

/** A state that can be changed. */
export interface MutableState extends StateView {
  put(key: Uint8Array, value: Uint8Array): void
  delete(key: Uint8Array): void
}

/** A view that asks its base for each key once: for as long as nothing but its owner can change the base. */
export class CachedView implements StateView {
  readonly #base: StateView
  readonly #values = new Map<string, Uint8Array | undefined>()

  constructor(base: StateView) {
    this.#base = base
  }

  get(key: Uint8Array, name = latin1Of(key)): Uint8Array | undefined {
    const known = this.#values.get(name)
    if (known !== undefined || this.#values.has(name)) return known
    const value = this.#base.get(key, name)
    this.#values.set(name, value)
    return value
  }
}

/** What was staged of a row before it was staged anew. */
interface Before {
  readonly name: string
  readonly change: StoreChange | undefined
}

export class Overlay implements MutableState {
  readonly #base: StateView
  readonly #changes = new Map<string, StoreChange>()
  #writes = 0
  #bytes = 0
  /** Present during an attempt, in the order of its changes. */
  #before: Before[] | undefined

  constructor(base: StateView) {
    this.#base = base
  }

  /** How often a row was put or deleted here, which is what it cost. */
  get writes(): number {
    return this.#writes
  }

  /** What the staged values take. */
  get bytes(): number {
    return this.#bytes
  }

  get(key: Uint8Array, name = latin1Of(key)): Uint8Array | undefined {
    const change = this.#changes.get(name)
    return change === undefined ? this.#base.get(key, name) : change.value
  }

  /** The staged change of a key, if there is one: `{ value: undefined }` says that it is deleted. */
  staged(key: Uint8Array): StoreChange | undefined {
    return this.#changes.get(latin1Of(key))
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#writes += 1
    this.#stage(latin1Of(key), { key, value })
  }

  delete(key: Uint8Array): void {
    this.#writes += 1
    this.#stage(latin1Of(key), { key, value: undefined })
  }

  /** Runs what changes this state; where it throws, nothing of what it staged stays. */
  attempt<Result>(change: () => Result): Result {
    const [writes, bytes] = [this.#writes, this.#bytes]
    const before: Before[] = []
    this.#before = before
    try {
      return change()
    } catch (error) {
      for (const { name, change: staged } of before.reverse())
        if (staged === undefined) this.#changes.delete(name)
        else this.#changes.set(name, staged)
      ;[this.#writes, this.#bytes] = [writes, bytes]
      throw error
    } finally {
      this.#before = undefined
    }
  }

  #stage(name: string, change: StoreChange): void {
    const staged = this.#changes.get(name)
    this.#before?.push({ name, change: staged })
    this.#bytes += (change.value?.length ?? 0) - (staged?.value?.length ?? 0)
    this.#changes.set(name, change)
  }

  /** One change a key, in the order in which the keys were first touched. */
  changes(): StoreChange[] {
    return [...this.#changes.values()]
  }
}

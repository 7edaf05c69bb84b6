/**
 * Staged changes over a state that they are not part of yet. A decision sees the state through it, and what `apply`
 * wrote into it is exactly what is later written to the store: the overlay *is* apply's output.
 */
import { latin1Of } from '@waggle/kernel'
import type { StoreChange } from '../store/key-value-store.ts'

/** Point reads of a state, staged or stored. */
export interface StateView {
  get(key: Uint8Array): Uint8Array | undefined
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

  get(key: Uint8Array): Uint8Array | undefined {
    const name = latin1Of(key)
    const known = this.#values.get(name)
    if (known !== undefined || this.#values.has(name)) return known
    const value = this.#base.get(key)
    this.#values.set(name, value)
    return value
  }
}

export class Overlay implements MutableState {
  readonly #base: StateView
  readonly #changes = new Map<string, StoreChange>()
  #writes = 0
  #bytes = 0

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

  get(key: Uint8Array): Uint8Array | undefined {
    const change = this.#changes.get(latin1Of(key))
    return change === undefined ? this.#base.get(key) : change.value
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

  /** Takes over everything that `other` staged. */
  absorb(other: Overlay): void {
    for (const [name, change] of other.#changes) this.#stage(name, change)
  }

  #stage(name: string, change: StoreChange): void {
    this.#bytes += (change.value?.length ?? 0) - (this.#changes.get(name)?.value?.length ?? 0)
    this.#changes.set(name, change)
  }

  /** One change a key, in the order in which the keys were first touched. */
  changes(): StoreChange[] {
    return [...this.#changes.values()]
  }
}

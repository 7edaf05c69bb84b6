/**
 * A row cache: what point reads of the newest moment found lately, also where there was nothing. A read of LevelDB
 * takes 4-7 µs, most of it on the way there and back.
 *
 * C1  What it knows is of the newest moment of its store. A write forgets its keys when it begins, and until the next
 *     moment nothing is learnt of them; readers of an older moment ask elsewhere.
 * C2  Bytes are copied on their way in and out: what a caller does to them changes nothing here.
 * C3  It has a bound. What nobody asked for while half of it was filled goes first.
 */
import { latin1Of } from '@waggle/kernel'

/** Of a row beside its bytes: its name, its place in a map, the head of its bytes. */
const ROW_OVERHEAD_BYTES = 256
/** Of a write; beyond it nothing is learnt until the next moment. */
const WRITTEN_NAMES_MAX = 65_536

/** That there is no such row. */
const NOTHING = Symbol('nothing')
type Known = Uint8Array | typeof NOTHING

export class RowCache {
  readonly #halfBytes: number
  /** What was asked for since it was begun, and what was asked for before. */
  #young = new Map<string, Known>()
  #old = new Map<string, Known>()
  #youngBytes = 0
  #moment = 0
  /** C1. */
  readonly #written = new Set<string>()
  #mayLearn = true

  /** @param bytesMax of values, names and what they take beside that */
  constructor(bytesMax: number) {
    this.#halfBytes = bytesMax / 2
  }

  /** Counts the moments of the store. */
  get moment(): number {
    return this.#moment
  }

  /** The value under `key`, or what `read` finds there. */
  value(key: Uint8Array, read: (key: Uint8Array) => Uint8Array | undefined): Uint8Array | undefined {
    const name = latin1Of(key)
    const known = this.#young.get(name) ?? this.#fromBefore(name)
    if (known !== undefined) return known === NOTHING ? undefined : copyOf(known)
    const value = read(key)
    if (this.#mayLearn && !this.#written.has(name)) this.#keep(name, value === undefined ? NOTHING : copyOf(value))
    return value
  }

  /** C1: a write of these rows begins. */
  write(rows: readonly { readonly key: Uint8Array }[]): void {
    if (this.#young.size === 0 && this.#old.size === 0) {
      this.#mayLearn = false
      return
    }
    for (const { key } of rows) {
      const name = latin1Of(key)
      this.#young.delete(name)
      this.#old.delete(name)
      this.#written.add(name)
    }
    if (this.#written.size > WRITTEN_NAMES_MAX) this.#forgetAll()
  }

  /** C1. Where nothing was written since the last one, it is still that. @param isQuiet no write is under way */
  nextMoment(isQuiet: boolean): void {
    if (this.#mayLearn && this.#written.size === 0) return
    this.#moment += 1
    if (!isQuiet) return
    this.#written.clear()
    this.#mayLearn = true
  }

  /** C3: what is asked for again stays. */
  #fromBefore(name: string): Known | undefined {
    const known = this.#old.get(name)
    if (known !== undefined) this.#keep(name, known)
    return known
  }

  #forgetAll(): void {
    this.#mayLearn = false
    this.#written.clear()
    this.#young.clear()
    this.#old.clear()
    this.#youngBytes = 0
  }

  /** C3. */
  #keep(name: string, known: Known): void {
    this.#young.set(name, known)
    this.#youngBytes += ROW_OVERHEAD_BYTES + name.length + (known === NOTHING ? 0 : known.length)
    if (this.#youngBytes < this.#halfBytes) return
    this.#old = this.#young
    this.#young = new Map()
    this.#youngBytes = 0
  }
}

const copyOf = (bytes: Uint8Array): Uint8Array => {
  const copy = Buffer.allocUnsafe(bytes.length)
  copy.set(bytes)
  return new Uint8Array(copy.buffer, copy.byteOffset, copy.length)
}

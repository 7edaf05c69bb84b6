/** What the labels of a graph stand for: the id of each, and a checksum of its vector. Written beside the graph. */
import type { GraphRecord } from './graph-file.ts'

const ID_BYTES = 16
const FIRST_CAPACITY = 1_024

export class LabelTable {
  #ids = new Uint8Array(FIRST_CAPACITY * ID_BYTES)
  #checks = new Uint32Array(FIRST_CAPACITY)

  static from({ ids, checks }: Pick<GraphRecord, 'ids' | 'checks'>): LabelTable {
    const table = new LabelTable()
    table.#grow(checks.length)
    table.#ids.set(ids)
    table.#checks.set(checks)
    return table
  }

  set(label: number, id: Uint8Array, check: number): void {
    if (label >= this.#checks.length) this.#grow(label + 1)
    this.#ids.set(id, label * ID_BYTES)
    this.#checks[label] = check
  }

  /** Those of the labels below `count`. */
  upTo(count: number): Pick<GraphRecord, 'ids' | 'checks'> {
    return { ids: this.#ids.subarray(0, count * ID_BYTES), checks: this.#checks.subarray(0, count) }
  }

  #grow(count: number): void {
    const capacity = Math.max(count, this.#checks.length * 2)
    const [ids, checks] = [new Uint8Array(capacity * ID_BYTES), new Uint32Array(capacity)]
    ids.set(this.#ids)
    checks.set(this.#checks)
    this.#ids = ids
    this.#checks = checks
  }
}

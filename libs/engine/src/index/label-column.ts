/**
 * The labels of rows: of each row a set of strings. Equal sets are kept once and have a number while rows have them, so
 * a condition on labels is decided once for each set, not for each row.
 */
import { present } from '@waggle/kernel'

/** How the key of a set of several labels begins. */
const MANY = /^\d+:/

/** The set without labels, which is always there. */
const NONE = 0

/** What a set takes beside its text, which is kept twice: places in three lists and two maps, and a set of holders. */
const SET_BYTES = 400

export class LabelColumn {
  /** The number of each row's set. */
  sets = new Uint32Array()
  readonly #numbers = new Map<string, number>()
  /** By the number of a set: its key and labels, and how many rows have it. */
  readonly #keys: string[] = ['']
  readonly #labels: (readonly string[])[] = [[]]
  readonly #rows: number[] = [0]
  readonly #free: number[] = []
  /** The sets that hold a label. */
  readonly #holders = new Map<string, Set<number>>()
  #setBytes = 0

  get bytes(): number {
    return this.sets.byteLength + this.#setBytes
  }

  /** Makes room for rows below `capacity`. */
  grow(capacity: number): void {
    const sets = new Uint32Array(capacity)
    sets.set(this.sets)
    this.sets = sets
  }

  set(row: number, labels: readonly string[]): void {
    const before = this.sets[row] as number
    const after = labels.length === 0 ? NONE : this.#numberOf(labels)
    this.sets[row] = after
    if (after !== NONE) this.#rows[after] = (this.#rows[after] as number) + 1
    if (before !== NONE) this.#leave(before)
  }

  /** For each set by its number: 1 when it holds one of these labels. */
  marks(wanted: readonly string[]): Uint8Array {
    const marks = new Uint8Array(this.#keys.length)
    for (const label of wanted) for (const set of this.#holders.get(label) ?? []) marks[set] = 1
    return marks
  }

  #numberOf(labels: readonly string[]): number {
    const key = keyOf(labels)
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const number = this.#free.pop() ?? this.#keys.length
    this.#numbers.set(key, number)
    this.#setBytes += bytesOf(key)
    this.#keys[number] = key
    this.#labels[number] = labels
    this.#rows[number] = 0
    for (const label of labels) {
      const holders = this.#holders.get(label)
      if (holders === undefined) this.#holders.set(label, new Set([number]))
      else holders.add(number)
    }
    return number
  }

  #leave(set: number): void {
    const rows = (this.#rows[set] as number) - 1
    this.#rows[set] = rows
    if (rows > 0) return
    for (const label of present(this.#labels[set], 'the labels of a set')) {
      const holders = this.#holders.get(label)
      holders?.delete(set)
      if (holders?.size === 0) this.#holders.delete(label)
    }
    const key = present(this.#keys[set], 'the key of a set')
    this.#numbers.delete(key)
    this.#setBytes -= bytesOf(key)
    this.#keys[set] = ''
    this.#labels[set] = []
    this.#free.push(set)
  }
}

/** Tells lists apart whatever is in them; of one label, as most are, it is the label, which needs no other text. */
const keyOf = (labels: readonly string[]): string => {
  if (labels.length === 1 && !MANY.test(labels[0] as string)) return labels[0] as string
  let key = ''
  for (const label of labels) key += `${label.length}:${label}`
  return key
}

const bytesOf = (key: string): number => SET_BYTES + 2 * key.length

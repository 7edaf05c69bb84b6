/**
 * Finds, in passes over the rows of a family, those that are not among the newest so many of their groups, in bounded
 * memory however many rows and groups there are.
 *
 * N1  A row that is given out has as many newer ones of its group as stay, and all of them were there before the prune
 *     was asked for: `add` is given no others. So it goes whatever happens meanwhile.
 * N2  At most `rowsMax` rows are kept, and as many again for a moment. Beyond that a pass goes on with the lower three
 *     quarters of the groups, by their names, and `next` says that another pass is due.
 * N3  Where a group is to keep so many that they cannot all be kept here, its oldest are kept in their place, as many
 *     as fit, and go at the end of the pass; `next` says that a pass is due for the others.
 */
import { compareOrdered, type Ordered } from './key-order.ts'

interface Group<Row> {
  /** How many were added. */
  count: number
  /** N1: the newest, or N3: the oldest of them; twice as many as are needed at the most, in no order. */
  rows: Row[]
}

export class LatestRows<Row extends Ordered> {
  readonly #keep: number
  readonly #rowsMax: number
  readonly #groups = new Map<string, Group<Row>>()
  readonly #from: string
  /** Groups of this name and later ones are another pass's. */
  #end: string | undefined
  #held = 0

  /**
   * @param keep how many of each group stay
   * @param from the first group, by its name, that the pass is about
   */
  constructor(keep: number, { rowsMax, from }: { readonly rowsMax: number; readonly from: string }) {
    this.#keep = keep
    this.#rowsMax = rowsMax
    this.#from = from
  }

  /** Whether this pass is about the group, as far as it has come: rows of others need not be added. */
  isAbout(group: string): boolean {
    return group >= this.#from && (this.#end === undefined || group < this.#end)
  }

  /** Adds a row. @returns those that go, then */
  add(name: string, row: Row): readonly Row[] {
    if (!this.isAbout(name)) return []
    const group = this.#groups.get(name) ?? { count: 0, rows: [] }
    if (group.count === 0) this.#groups.set(name, group)
    group.count += 1
    group.rows.push(row)
    this.#held += 1
    const surplus = this.#keepsNewest && group.rows.length >= 2 * this.#keep ? this.#trim(group) : []
    if (this.#held >= 2 * this.#rowsMax) this.#makeRoom()
    return surplus
  }

  /** Ends the pass. @returns the other rows that go, and the group from which on another pass is due, if one is */
  end(): { readonly rows: readonly Row[]; readonly next: string | undefined } {
    const rows: Row[] = []
    let isShort = false
    for (const group of this.#groups.values()) {
      const surplus = this.#keepsNewest ? this.#trim(group) : this.#oldest(group)
      if (!this.#keepsNewest) isShort ||= surplus.length < group.count - this.#keep
      for (const row of surplus) rows.push(row)
    }
    return { rows, next: isShort ? this.#from : this.#end }
  }

  /** N3: whether what stays of one group fits. */
  get #keepsNewest(): boolean {
    return this.#keep <= this.#rowsMax
  }

  /** N3: those that go of a group, or the oldest of them. */
  #oldest({ count, rows }: Group<Row>): readonly Row[] {
    return count <= this.#keep ? [] : rows.sort(compareOrdered).slice(0, count - this.#keep)
  }

  /** Leaves the newest of a group. @returns the others */
  #trim(group: Group<Row>): readonly Row[] {
    if (group.rows.length <= this.#keep) return []
    const rows = group.rows.sort(compareOrdered)
    const surplus = rows.slice(0, rows.length - this.#keep)
    group.rows = rows.slice(surplus.length)
    this.#held -= surplus.length
    return surplus
  }

  #makeRoom(): void {
    // N2.
    const names = [...this.#groups.keys()].sort()
    if (names.length > 1) {
      const left = (names.length * 3) >> 2
      this.#end = names[left]
      for (const name of names.slice(left)) {
        this.#held -= this.#groups.get(name)?.rows.length ?? 0
        this.#groups.delete(name)
      }
      return
    }
    // N3.
    for (const group of this.#groups.values()) {
      group.rows = group.rows.sort(compareOrdered).slice(0, this.#rowsMax)
      this.#held = group.rows.length
    }
  }
}

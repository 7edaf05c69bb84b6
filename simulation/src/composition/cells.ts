/** How often each cell of each state table was hit: pairs of state and event. */
import { CELLS } from './rewrites.ts'

type Table = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** The lease's function is no table: what it can meet. */
const leaseTable: Table = Object.fromEntries(
  ['taking', 'renewing', 'held'].map((state) => [
    state,
    Object.fromEntries(
      (state === 'held' ? ['due'] : ['open', 'closed', 'readFailed', 'written', 'refused', 'unanswered', 'due']).map(
        (event) => [event, true],
      ),
    ),
  ]),
)

export class Cells {
  readonly #hits = new Map<string, Map<string, number>>()

  constructor() {
    this.know('lease', leaseTable)
  }

  /** From here on modules that are observed count here. */
  install(): void {
    Object.assign(globalThis, { [Symbol.for(CELLS)]: this })
  }

  /** Called by modules when they are loaded: these cells there are. */
  know(machine: string, table: Table): void {
    const cells = this.#of(machine)
    for (const [state, row] of Object.entries(table))
      for (const [event, move] of Object.entries(row))
        if (move !== 'impossible' && !cells.has(`${state} × ${event}`)) cells.set(`${state} × ${event}`, 0)
  }

  hit(machine: string, state: string, event: string): void {
    const cells = this.#of(machine)
    const cell = `${state} × ${event}`
    cells.set(cell, (cells.get(cell) ?? 0) + 1)
  }

  /** One line a cell. */
  *lines(): Generator<string> {
    for (const [machine, cells] of this.#hits) {
      const hit = [...cells.values()].filter((count) => count > 0).length
      yield `${machine}: ${hit} of ${cells.size} cells hit`
      for (const [cell, count] of [...cells].sort()) yield `  ${cell.padEnd(40)} ${count}`
    }
  }

  #of(machine: string): Map<string, number> {
    const found = this.#hits.get(machine) ?? new Map<string, number>()
    this.#hits.set(machine, found)
    return found
  }
}

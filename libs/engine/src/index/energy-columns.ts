/** What the energies of an index's rows depend on, side by side: ranking by energy reads no record. */
import type { DecayConfig } from '@waggle/protocol'
import { energyOf, type EnergyInputs } from '../memory/experience/energy.ts'

/** Of a row that has no energy. */
const NONE: EnergyInputs = { importance: 0, applications: 0, lastReinforced: 0 }

export class EnergyColumns {
  #importance = new Float64Array()
  #applications = new Float64Array()
  #lastReinforced = new Float64Array()

  /** Makes room for rows below `capacity`. */
  grow(capacity: number): void {
    this.#importance = grown(this.#importance, capacity)
    this.#applications = grown(this.#applications, capacity)
    this.#lastReinforced = grown(this.#lastReinforced, capacity)
  }

  set(row: number, { importance, applications, lastReinforced }: EnergyInputs = NONE): void {
    this.#importance[row] = importance
    this.#applications[row] = applications
    this.#lastReinforced[row] = lastReinforced
  }

  /** The energies of the first `count` rows. */
  energies(count: number, nowMs: number, decay: DecayConfig): Float32Array {
    const energies = new Float32Array(count)
    for (let row = 0; row < count; row += 1) {
      const inputs = {
        importance: this.#importance[row] as number,
        applications: this.#applications[row] as number,
        lastReinforced: this.#lastReinforced[row] as number,
      }
      energies[row] = energyOf(inputs, nowMs, decay)
    }
    return energies
  }
}

const grown = (column: Float64Array<ArrayBuffer>, capacity: number): Float64Array<ArrayBuffer> => {
  const larger = new Float64Array(capacity)
  larger.set(column)
  return larger
}

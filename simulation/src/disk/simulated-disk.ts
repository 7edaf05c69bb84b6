/** The disk of one machine (port: `NodeDisk`): states of shards that outlive the processes which wrote them. */
import type { NodeDisk } from '@waggle/cluster'
import { Fault } from '@waggle/kernel'
import type { FaultCounts } from '../faults/fault-counts.ts'
import type { Dice } from '../world/dice.ts'
import type { SimulatedProcess } from '../world/process.ts'
import { goodDisk, Platter, SimulatedStore, type DiskRates } from './simulated-store.ts'

const ROOM_BYTES = 10 * 1024 ** 3

export class Machine {
  rates: DiskRates = goodDisk
  readonly #dice: Dice
  readonly #faults: FaultCounts
  readonly #states = new Map<number, Platter>()
  readonly #drafts = new Map<number, Platter>()
  readonly #aside: Platter[] = []
  #lockedBy: SimulatedProcess | undefined

  constructor(dice: Dice, faults: FaultCounts) {
    this.#dice = dice
    this.#faults = faults
  }

  /** Of the shards that it has. */
  get states(): ReadonlyMap<number, Platter> {
    return this.#states
  }

  cutPower(): void {
    for (const platter of [...this.#states.values(), ...this.#drafts.values()])
      platter.cutPower(this.#dice, this.rates, this.#faults)
  }

  /** Somebody took the disk out and put an empty one in. */
  empty(): void {
    this.#faults.hit('lostFolder')
    this.#states.clear()
    this.#drafts.clear()
  }

  /** As a process of this machine has it. */
  diskOf(process: SimulatedProcess): NodeDisk {
    const open = (platters: Map<number, Platter>, shard: number): SimulatedStore => {
      const platter = platters.get(shard) ?? new Platter()
      platters.set(shard, platter)
      const { faults, dice } = { faults: this.#faults, dice: this.#dice }
      return new SimulatedStore({ platter, process, dice, faults, rates: () => this.rates })
    }
    return {
      lock: async () => this.#lock(process),
      shards: async () => [...this.#states.keys()].sort((left, right) => left - right),
      open: async (shard) => open(this.#states, shard),
      openDraft: async (shard) => {
        this.#drafts.delete(shard)
        return open(this.#drafts, shard)
      },
      promoteDraft: async (shard) => {
        const draft = this.#drafts.get(shard)
        if (draft === undefined) throw new Error('there is no draft')
        draft.sync()
        this.#drafts.delete(shard)
        this.#states.set(shard, draft)
      },
      setAside: async (shard) => {
        const platter = this.#states.get(shard)
        if (platter !== undefined) this.#aside.push(platter)
        this.#states.delete(shard)
        return `aside-${this.#aside.length}`
      },
      remove: async (shard) => {
        this.#states.delete(shard)
      },
      room: async () => ({ bytesFree: ROOM_BYTES, bytesMax: ROOM_BYTES }),
    }
  }

  /** Ends with the process. */
  #lock(process: SimulatedProcess): { release(): Promise<void> } {
    if (this.#lockedBy?.isAlive === true && this.#lockedBy !== process)
      throw new Fault({ code: 'DATABASE_LOCKED', kind: 'busy', message: 'folder is locked', details: {} })
    this.#lockedBy = process
    return {
      release: async () => {
        this.#lockedBy = undefined
      },
    }
  }
}

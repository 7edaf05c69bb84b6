/** A random history of a collective's memory: as many writes as wanted, done by a store and by the model alike. */
import { fraction } from '@waggle/kernel'
import { seededRandom } from '@waggle/kernel/testing'
import { MEMORY_DIMENSION, randomCommand, type MemoryCommand, type Told } from './memory-command.ts'
import { MemoryModel, type MemoryState } from './memory-model.ts'
import { perform, readMemory, type CallOperation } from './memory-store.ts'

/** What differs between a store and the model. */
export interface Difference {
  readonly step: number
  readonly command: MemoryCommand
  readonly told: Told
  readonly expected: Told
}

export class MemoryHistory {
  readonly collective: string
  readonly commands: readonly MemoryCommand[]
  readonly #model = new MemoryModel()
  readonly #expected: readonly Told[]

  constructor(seed: number, length: number) {
    const random = seededRandom(seed)
    const chance = (below: number): number => Math.floor(fraction(random) * below)
    this.collective = `00000000-0000-4000-9000-${seed.toString(16).padStart(12, '0')}`
    this.commands = Array.from({ length }, () => randomCommand(chance))
    this.#expected = this.commands.map((command) => this.#model.take(command))
  }

  /** What reading back must find when all is done. */
  get state(): MemoryState {
    return this.#model.state
  }

  async create(call: CallOperation): Promise<void> {
    const idempotencyKey = `create ${this.collective}`
    await call('collective.create', {
      id: this.collective,
      name: 'history',
      dimension: MEMORY_DIMENSION,
      idempotencyKey,
    })
  }

  /** Does one step; doing it again does nothing. @returns how it differs from the model, if it does */
  async step(call: CallOperation, step: number): Promise<Difference | undefined> {
    const command = this.commands[step] as MemoryCommand
    const told = await perform(call, this.collective, command, `step ${step}`)
    const expected = this.#expected[step] as Told
    return told === expected ? undefined : { step, command, told, expected }
  }

  async read(call: CallOperation): Promise<MemoryState> {
    return readMemory(call, this.collective)
  }
}

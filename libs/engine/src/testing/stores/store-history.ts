/**
 * A random history of a collective's stores: as many writes as wanted, done by a store and by the model alike, and what
 * a replica makes of the journal of keys while they are done.
 */
import { fraction, isFault, systemTimers } from '@waggle/kernel'
import { seededRandom } from '@waggle/kernel/testing'
import type { BuiltName, ResultOf } from '@waggle/protocol'
import type { CallOperation } from '../memory/memory-store.ts'
import { STORE_DIMENSION, randomStoreCommand, type StoreCommand } from './store-command.ts'
import { StoreModel, type StoreState } from './store-model.ts'

const AGENT = '00000000-0000-4000-8000-0000000000ff'

export class StoreHistory {
  readonly collective: string
  readonly commands: readonly StoreCommand[]
  readonly #model = new StoreModel()
  /** What a replica that is fed by the journal has. */
  readonly #replica = new Map<string, string>()
  #from: Readonly<Record<string, unknown>> = { since: 1 }
  /** Of the writes of keys, by their steps. */
  readonly #sequences = new Map<number, number>()

  constructor(seed: number, length: number) {
    const random = seededRandom(seed)
    const chance = (below: number): number => Math.floor(fraction(random) * below)
    this.collective = `00000000-0000-4000-9001-${seed.toString(16).padStart(12, '0')}`
    this.commands = Array.from({ length }, () => randomStoreCommand(chance))
    for (const command of this.commands) this.#model.take(command)
  }

  /** What reading back must find when all is done. */
  get state(): StoreState {
    return this.#model.state
  }

  async create(call: CallOperation): Promise<void> {
    const idempotencyKey = `create ${this.collective}`
    await call('collective.create', {
      ...{ id: this.collective, name: 'history', dimension: STORE_DIMENSION, idempotencyKey },
    })
  }

  /** Does one step; doing it again does nothing. @throws Error where the sequence of the write is none that may be */
  async step(call: CallOperation, step: number): Promise<void> {
    const { sequence } = await this.#perform(call, this.commands[step] as StoreCommand, `step ${step}`)
    if (typeof sequence !== 'number') return
    const told = this.#sequences.get(step)
    if (told !== undefined && told !== sequence) throw new Error(`P2 sequence ${sequence}, first ${told} step=${step}`)
    for (const [other, before] of this.#sequences)
      if (other < step && before >= sequence) throw new Error(`P4 sequence ${sequence} after ${before} step=${step}`)
    this.#sequences.set(step, sequence)
  }

  /** Lets the replica follow the journal as far as it is; waits so long for news. */
  async follow(call: CallOperation, waitMs: number): Promise<void> {
    for (;;) {
      const body = { collective: this.collective, ...this.#from, max: 3, waitMs }
      const reply = (await call('keys.subscribe', body)) as unknown as ResultOf<'keys.subscribe'>
      if (reply.lost === true) throw new Error('P6 the journal of keys was pruned, which nobody asked for')
      for (const { entries, deleted } of reply.frames) {
        for (const [key, value] of entries) this.#replica.set(textOf(key), textOf(value as Uint8Array))
        for (const key of deleted) this.#replica.delete(textOf(key))
      }
      this.#from = { from: reply.next }
      if (reply.frames.length === 0 && reply.more !== true) return
    }
  }

  /** What the replica has: the keys, where it has followed to the end. */
  get replica(): StoreState['keys'] {
    return sorted([...this.#replica])
  }

  async read(call: CallOperation): Promise<StoreState> {
    const collective = this.collective
    const ask = async <Name extends BuiltName>(name: Name, fields: object = {}): Promise<ResultOf<Name>> =>
      (await call(name, { collective, consistency: 'strong', ...fields })) as unknown as ResultOf<Name>
    const { items } = await ask('keys.range')
    const vectorIds = (await ask('vectors.ids')).ids
    const vectors = (await ask('vectors.get', { ids: vectorIds })).items
    const payloadIds = (await ask('payloads.ids')).ids
    const payloads = (await ask('payloads.get', { ids: payloadIds, as: 'json' })).items
    const scan = await ask('pages.scan')
    if (scan.damaged.length > 0) throw new Error(`damaged pages ${scan.damaged.join(' ')}`)
    const memories = await Promise.all(
      scan.items.map(async ({ id, page }) => {
        const { memory } = await ask('pages.load', { page })
        return { id, content: memory?.content ?? 'absent' }
      }),
    )
    return {
      keys: items.map(([key, value]) => [textOf(key), textOf(value as Uint8Array)]),
      vectors: vectorIds.map((id, index) => [id, numbersOf(vectors[index])]),
      payloads: payloadIds.map((id, index) => [id, (payloads[index] as { readonly json: string }).json]),
      memories: memories.sort((left, right) => (left.id < right.id ? -1 : 1)),
    }
  }

  async #perform(
    call: CallOperation,
    command: StoreCommand,
    idempotencyKey: string,
  ): Promise<Readonly<Record<string, unknown>>> {
    const { collective } = this
    const { operation, ...fields } = command
    switch (command.operation) {
      case 'keys.prune': {
        const policies = [{ keys: { selector: { prefix: command.prefix } }, retain: { dropAll: {} } }]
        const { job } = await call('keys.prune', { collective, policies, idempotencyKey })
        for (let isDone = false; !isDone;) {
          const state = (await call('keys.job', { collective, job })) as unknown as ResultOf<'keys.job'>
          // One that is not known any more has ended long ago.
          isDone = state.job?.isDone ?? true
          // Embedded, the answer may come without a turn of the event loop, in which alone the job goes on.
          if (!isDone) await systemTimers.yield()
        }
        return {}
      }
      case 'pages.store': {
        const memories = command.memories.map(({ id, content }) => ({
          ...{ id, content, agentId: AGENT, memoryType: 'semantic', createdAt: 1, accessedAt: 2 },
        }))
        return call('pages.store', { collective, memories, idempotencyKey })
      }
      case 'pages.delete':
        try {
          return await call(operation, { collective, ...fields, idempotencyKey })
        } catch (error) {
          // Of a memory that is not there; the model says whether that is right.
          if (isFault(error) && error.kind === 'notFound') return {}
          throw error
        }
      default:
        return call(operation, { collective, ...fields, idempotencyKey })
    }
  }
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

/** Of an embedded store a vector, of a cluster's reply its bytes. */
const numbersOf = (vector: unknown): number[] => [...(vector as Float32Array)]

const sorted = (entries: readonly (readonly [string, string])[]): StoreState['keys'] =>
  [...entries].sort(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)))

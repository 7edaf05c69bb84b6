/** A random history of a collective's keys: as many writes as wanted, done by a store and by the model alike. */
import { deriveUuid, fraction, sha256 } from '@waggle/kernel'
import { seededRandom } from '@waggle/kernel/testing'
import { encodeMessagePack, type BuiltName, type KeyValue, type ResultOf } from '@waggle/protocol'
import type { Chance } from '../memory/memory-command.ts'
import type { CallOperation } from '../memory/memory-store.ts'
import {
  randomKeyCommand,
  randomKeys,
  randomRange,
  type KeyCommand,
  type Latin,
  type RangeRead,
} from './key-command.ts'
import { KeyModel, type ModelBatch } from './key-model.ts'

const bytesOf = (latin: Latin): Uint8Array => Buffer.from(latin, 'latin1')
const latinOf = (bytes: KeyValue): Latin => Buffer.from(bytes as Uint8Array).toString('latin1')
const pairOf = ([key, value]: readonly [Latin, Latin]): readonly [Uint8Array, Uint8Array] => [
  bytesOf(key),
  bytesOf(value),
]

/** What a reader found that the model has otherwise. */
export interface ReadDifference {
  readonly read: unknown
  readonly found: unknown
  readonly expected: unknown
}

export class KeyHistory {
  readonly collective: string
  readonly commands: readonly KeyCommand[]
  readonly #chance: Chance
  /** The model as it was after each of the steps that were done. */
  readonly model = new KeyModel()
  #modelSteps = 0
  /** What the writes so far told the journal, and the sequence that each got. */
  readonly #batches: { readonly batch: ModelBatch; sequence?: number }[] = []

  constructor(seed: number, length: number) {
    const random = seededRandom(seed)
    this.#chance = (below) => Math.floor(fraction(random) * below)
    this.collective = `00000000-0000-4000-9002-${seed.toString(16).padStart(12, '0')}`
    this.commands = Array.from({ length }, () => randomKeyCommand(this.#chance))
  }

  async create(call: CallOperation): Promise<void> {
    const idempotencyKey = `create ${this.collective}`
    await call('collective.create', { id: this.collective, name: 'keys', dimension: 3, idempotencyKey })
  }

  /** Does one step; doing it again does nothing. @throws Error where the sequence is none that may be */
  async step(call: CallOperation, step: number): Promise<void> {
    while (this.#modelSteps <= step) {
      const batch = this.model.take(this.commands[this.#modelSteps] as KeyCommand)
      this.#batches.push({ batch: batch ?? { entries: [], deleted: [] } })
      this.#modelSteps += 1
    }
    const { sequence } = await this.#perform(call, this.commands[step] as KeyCommand, `step ${step}`)
    if (typeof sequence === 'number') this.#tell(step, sequence)
  }

  /** Random reads. @returns the first that differs from the model */
  async readSome(call: CallOperation, count: number): Promise<ReadDifference | undefined> {
    for (let read = 0; read < count; read += 1) {
      const range = randomRange(this.#chance)
      const found = await this.#range(call, range)
      const expected = this.model.range(range)
      if (JSON.stringify(found) !== JSON.stringify(expected)) return { read: range, found, expected }
      const keys = randomKeys(this.#chance)
      const many = await this.#getMany(call, keys, 1 + this.#chance(4))
      const known = keys.map((key) => [key, this.model.get(key) ?? null])
      if (JSON.stringify(many) !== JSON.stringify(known)) return { read: keys, found: many, expected: known }
    }
    return undefined
  }

  /** Everything that is there, forwards and backwards, and where the store says that it is. */
  async readAll(call: CallOperation): Promise<ReadDifference | undefined> {
    const whole = { reverse: false, batchSize: 3 }
    const forwards = await this.#range(call, whole)
    const backwards = await this.#range(call, { reverse: true, batchSize: 4 })
    const { keyCount, current } = await this.#ask(call, 'keys.position', {})
    const found = { forwards, backwards: backwards.toReversed(), keyCount, current }
    const { entries } = this.model
    const newest = this.#batches.reduce((last, { sequence = 0 }) => Math.max(last, sequence), 0)
    const expected = { forwards: entries, backwards: entries, keyCount: entries.length, current: newest }
    return JSON.stringify(found) === JSON.stringify(expected) ? undefined : { read: whole, found, expected }
  }

  /** Every batch of the journal: all entries in the order in which they were given, repeats kept (E43). */
  async readBatches(call: CallOperation): Promise<ReadDifference | undefined> {
    for (const { batch, sequence } of this.#batches) {
      if (sequence === undefined) continue
      const { entries = [], deleted = [] } = await this.#ask(call, 'keys.batch', { sequence })
      const found = {
        entries: entries.map(([key, value]) => [latinOf(key), latinOf(value)]),
        deleted: deleted.map(latinOf).sort(),
      }
      if (JSON.stringify(found) !== JSON.stringify(batch)) return { read: sequence, found, expected: batch }
    }
    return undefined
  }

  /** P2 P4. */
  #tell(step: number, sequence: number): void {
    const told = this.#batches[step] as { sequence?: number }
    if (told.sequence !== undefined && told.sequence !== sequence)
      throw new Error(`sequence=${sequence} first=${told.sequence} step=${step}`)
    const before = this.#batches.slice(0, step).reduce((last, each) => Math.max(last, each.sequence ?? 0), 0)
    if (before >= sequence) throw new Error(`sequence=${sequence} before=${before} step=${step}`)
    told.sequence = sequence
  }

  async #perform(
    call: CallOperation,
    command: KeyCommand,
    idempotencyKey: string,
  ): Promise<Readonly<Record<string, unknown>>> {
    const { collective } = this
    switch (command.operation) {
      case 'keys.put':
        return call('keys.put', { collective, entries: command.entries.map(pairOf), idempotencyKey })
      case 'keys.delete':
        return call('keys.delete', { collective, keys: command.keys.map(bytesOf), idempotencyKey })
      case 'batch.commit': {
        const commands = command.commands.map((single) =>
          single.operation === 'keys.put'
            ? { operation: single.operation, entries: single.entries.map(pairOf) }
            : { operation: single.operation, keys: single.keys.map(bytesOf) },
        )
        return call('batch.commit', { collective, commands, idempotencyKey })
      }
      case 'keys.stage': {
        const { index, bytes } = command
        const upload = deriveUuid([collective, 'left'])
        return call('keys.stage', { collective, upload, index, bytes: bytesOf(bytes), idempotencyKey })
      }
      case 'upload':
        return this.#upload(call, command, idempotencyKey)
    }
  }

  async #upload(
    call: CallOperation,
    { entries, order }: KeyCommand & { readonly operation: 'upload' },
    idempotencyKey: string,
  ): Promise<Readonly<Record<string, unknown>>> {
    const { collective } = this
    const id = deriveUuid([collective, idempotencyKey])
    const content = encodeMessagePack(entries.map(pairOf))
    const parts = Math.max(...order) + 1
    const size = Math.ceil(content.length / parts)
    // A content of few bytes has no more parts than bytes.
    const count = Math.ceil(content.length / size)
    for (const [nth, index] of order.entries()) {
      if (index >= count) continue
      const bytes = content.subarray(index * size, (index + 1) * size)
      const key = `${idempotencyKey} part ${nth}`
      await call('keys.stage', { collective, upload: id, index, bytes, idempotencyKey: key })
    }
    return call('keys.put', { collective, upload: { id, parts: count, sha256: sha256(content) }, idempotencyKey })
  }

  async #range(call: CallOperation, { limit, ...range }: RangeRead): Promise<readonly (readonly [Latin, Latin])[]> {
    const bounds = {
      ...range,
      ...(range.start === undefined ? {} : { start: bytesOf(range.start) }),
      ...(range.end === undefined ? {} : { end: bytesOf(range.end) }),
    }
    const found: (readonly [Latin, Latin])[] = []
    for (let after: Uint8Array | undefined; ;) {
      const left = limit === undefined ? {} : { limit: limit - found.length }
      const { items, more } = await this.#ask(call, 'keys.range', { ...bounds, ...left, ...(after && { after }) })
      found.push(...items.map(([key, value]) => [latinOf(key), latinOf(value)] as const))
      if (items.length > range.batchSize) throw new Error(`items=${items.length} batchSize=${range.batchSize}`)
      if (!more || found.length === limit) return found
      after = items.at(-1)?.[0]
    }
  }

  async #getMany(
    call: CallOperation,
    keys: readonly Latin[],
    batchSize: number,
  ): Promise<readonly (readonly [Latin, Latin | null])[]> {
    const found: (readonly [Latin, Latin | null])[] = []
    for (let from: number | undefined = 0; from !== undefined;) {
      const reply: ResultOf<'keys.getMany'> = await this.#ask(call, 'keys.getMany', {
        ...{ keys: keys.map(bytesOf), from, batchSize },
      })
      found.push(...reply.items.map(([key, value]) => [latinOf(key), value && latinOf(value)] as const))
      from = reply.next
    }
    return found
  }

  async #ask<Name extends BuiltName>(call: CallOperation, name: Name, fields: object): Promise<ResultOf<Name>> {
    const { collective } = this
    return (await call(name, { collective, consistency: 'strong', ...fields })) as unknown as ResultOf<Name>
  }
}

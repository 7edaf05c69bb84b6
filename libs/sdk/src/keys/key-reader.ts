/**
 * Reads of keys, the same for a store, a family of it and a session.
 *
 * R1  A value that is larger than a reply comes in pieces, and whole to the caller: of one write, or the read begins
 *     anew when another one came between.
 * R2  A long list or range is read in frames; one of them is held at a time.
 */
import { isFault } from '@waggle/kernel'
import { fault, type KeyValue, type ResultOf } from '@waggle/protocol'
import type { RequestBody } from '../caller.ts'
import type { CollectiveCall } from '../collective-call.ts'
import type { BytesInput } from '../inputs.ts'
import { isAbsent, optionsOf, plainCopy, plainMap } from '../plain-data.ts'
import type { KeyRangeInput, KeyReadOptions, ReduceInput } from './key-inputs.ts'
import type { KeyPrefix } from './key-prefix.ts'
import { joinPieces } from './pieces.ts'
import { reduced, type Reduced } from './reduced.ts'
import { shiftedFields } from './shifted-fields.ts'

/** Which sequence reads ask for, and what they hear of it. */
export interface ReadFloor {
  /** @param given by the caller of this read */
  minSequence(given: unknown): unknown
  reached(sequence: number): void
}

/** Every read for itself. */
const noFloor: ReadFloor = { minSequence: (given) => given, reached: () => undefined }

const READ_OPTIONS = ['token', 'consistency', 'timeoutMs', 'minSequence'] as const
const RANGE_NAMES = ['start', 'end', 'limit', 'reverse', 'batchSize'] as const
/** A value that is written again and again while it is read. */
const ATTEMPTS_MAX = 5

type KeyReadName = 'keys.get' | 'keys.getMany' | 'keys.range' | 'keys.reduce' | 'keys.batch' | 'keys.position'

/** Options of a read, as they came: what one of its requests takes. */
interface Known {
  readonly fields: RequestBody
  readonly options: RequestBody
}

export class KeyReader {
  readonly #call: CollectiveCall
  readonly #prefix: KeyPrefix
  readonly #floor: ReadFloor

  constructor(call: CollectiveCall, prefix: KeyPrefix, floor: ReadFloor = noFloor) {
    this.#call = call
    this.#prefix = prefix
    this.#floor = floor
  }

  async get(key: BytesInput, options: KeyReadOptions): Promise<Uint8Array | undefined> {
    const known = knownOf(options)
    return this.#value(this.#prefix.key(plainCopy(key, 'key'), 'key'), known)
  }

  async getMany(
    keys: readonly BytesInput[],
    options: KeyReadOptions & { readonly batchSize?: number | undefined },
  ): Promise<readonly (readonly [key: Uint8Array, value: Uint8Array | undefined])[]> {
    const { batchSize, ...read } = optionsOf(options, [...READ_OPTIONS, 'batchSize'])
    const known = knownOf(read)
    const asked = this.#prefix.keys(plainCopy(keys, 'keys'), 'keys')
    const all: [Uint8Array, Uint8Array | undefined][] = []
    for (let from: number | undefined = 0; from !== undefined;) {
      const reply: ResultOf<'keys.getMany'> = await this.read('keys.getMany', { keys: asked, from, batchSize }, known)
      for (const [key, value] of reply.items)
        all.push([this.#prefix.rest(key), value === null ? undefined : await this.#whole(key, value, known)])
      from = goingOn('keys.getMany', from, reply.next)
    }
    return all
  }

  /** R2. @throws Fault at once for what is no query, and with the first row for what is a bad one */
  range(query: KeyRangeInput, options: KeyReadOptions): AsyncGenerator<readonly [Uint8Array, Uint8Array], undefined> {
    const known = knownOf(options)
    const fields = this.#prefix.range(definedOf(optionsOf(query, RANGE_NAMES)))
    return this.#rows(fields, known)
  }

  async reduce(query: ReduceInput, options: KeyReadOptions): Promise<Reduced> {
    const known = knownOf(options)
    const { start, end, ...rest } = plainMap(query, 'query', { isRequest: true })
    const shifted = shiftedFields(rest, this.#prefix.bytes.length) as RequestBody
    const fields = { ...shifted, ...this.#prefix.range({ start, end }) }
    return reduced(await this.read('keys.reduce', fields, known))
  }

  /** One request; the floor hears what it had reached. @throws Fault */
  async read<Name extends KeyReadName>(
    operation: Name,
    fields: RequestBody,
    { fields: common, options }: Known = { fields: {}, options: {} },
  ) {
    const minSequence = this.#floor.minSequence(common.minSequence)
    const reply = await this.#call.call(operation, { ...fields, minSequence }, options)
    this.#floor.reached(reply.sequence)
    return reply
  }

  async *#rows(fields: RequestBody, known: Known): AsyncGenerator<readonly [Uint8Array, Uint8Array], undefined> {
    let { limit } = fields
    for (let after: Uint8Array | undefined; ;) {
      const reply: ResultOf<'keys.range'> = await this.read('keys.range', { ...fields, limit, after }, known)
      for (const [key, stored] of reply.items) {
        const value = await this.#whole(key, stored, known)
        // Deleted since its page was read.
        if (value === undefined) continue
        if (typeof limit === 'number') limit -= 1
        yield [this.#prefix.rest(key), value]
      }
      const [last] = reply.items.at(-1) ?? []
      if (!reply.more || limit === 0) return undefined
      if (last === undefined) throw noProgress('keys.range')
      after = last
    }
  }

  async #whole(key: Uint8Array, value: KeyValue, known: Known): Promise<Uint8Array | undefined> {
    return value instanceof Uint8Array ? value : this.#value(key, known)
  }

  /** R1. @throws Fault `VALUE_CHANGED` where it is written faster than it can be read */
  async #value(key: unknown, known: Known): Promise<Uint8Array | undefined> {
    for (let attempt = 1; ; attempt += 1)
      try {
        const { value, size, version } = await this.read('keys.get', { key }, known)
        if (size === undefined) return value
        return await joinPieces(value, size, async (offset) => {
          const piece = await this.read('keys.get', { key, offset, version }, known)
          return piece.value
        })
      } catch (error) {
        if (!isFault(error) || error.code !== 'VALUE_CHANGED' || attempt === ATTEMPTS_MAX) throw error
      }
  }
}

/** @throws Fault `INVALID_FIELD`, `UNKNOWN_FIELD` */
export const knownOf = (options: unknown): Known => {
  const { minSequence, ...rest } = optionsOf(options, READ_OPTIONS)
  return { fields: { minSequence }, options: rest }
}

const definedOf = (fields: RequestBody): RequestBody =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => !isAbsent(value)))

/** Where the next request goes on. @throws Fault `INTERNAL` for one that would go on for ever */
export const goingOn = (operation: string, from: number, next: number | undefined): number | undefined => {
  if (next !== undefined && next <= from) throw noProgress(operation)
  return next
}

const noProgress = (operation: string) => fault('INTERNAL', `the reply leads nowhere operation=${operation}`)

import type { Reduced } from './reduced.ts'
import type { BytesInput } from '../inputs.ts'
import type { CollectiveCall } from '../collective-call.ts'
import type { KeyRangeInput, KeyReadOptions, ReduceInput } from './key-inputs.ts'
import type { KeyPrefix } from './key-prefix.ts'
import { KeyReader } from './key-reader.ts'

/**
 * Reads that never see less than the first of them had before it: it fixes a floor, which does not rise afterwards
 * (Exoware's `SerializableReadSession`). It is no snapshot: what is written meanwhile may be seen.
 */
export class KeySession {
  readonly #reader: KeyReader
  #floor: number | undefined

  /** @param floor to begin with; absent: what the first read finds */
  constructor(call: CollectiveCall, prefix: KeyPrefix, floor: number | undefined) {
    this.#floor = floor
    this.#reader = new KeyReader(call, prefix, {
      minSequence: (given) => given ?? this.#floor,
      reached: (sequence) => {
        this.#floor ??= sequence
      },
    })
  }

  /** The sequence that every read asks for; `undefined` before the first one. */
  get sequence(): number | undefined {
    return this.#floor
  }

  async get(key: BytesInput, options: KeyReadOptions = {}): Promise<Uint8Array | undefined> {
    return this.#reader.get(key, options)
  }

  async getMany(
    keys: readonly BytesInput[],
    options: KeyReadOptions & { readonly batchSize?: number | undefined } = {},
  ): Promise<readonly (readonly [key: Uint8Array, value: Uint8Array | undefined])[]> {
    return this.#reader.getMany(keys, options)
  }

  range(
    query: KeyRangeInput = {},
    options: KeyReadOptions = {},
  ): AsyncGenerator<readonly [key: Uint8Array, value: Uint8Array], undefined> {
    return this.#reader.range(query, options)
  }

  async reduce(query: ReduceInput, options: KeyReadOptions = {}): Promise<Reduced> {
    return this.#reader.reduce(query, options)
  }
}

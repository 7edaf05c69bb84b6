import { limits, type ResultOf, type ScoredVector, type VectorDurability } from '@waggle/protocol'
import type { CollectiveCall, Written } from '../collective-call.ts'
import type { EmbeddingInput, PointIdInput } from '../inputs.ts'
import { lifetimeOf, type StoreOptions } from '../lifetime-option.ts'
import { isList, optionsOf, plainCopy, plainMap } from '../plain-data.ts'
import { SESSION_OPTIONS, type CallOptions, type WriteOptions } from '../session.ts'
import { allIds } from './point-ids.ts'
import type { VectorHit, VectorItemInput, VectorSearchInput } from './point-inputs.ts'

export type VectorsStatus = ResultOf<'vectors.status'>

/**
 * Vectors of the collective's dimension by ids of 64 bits (VelesDB's `VectorStorage`). They may be all zero; their
 * components are finite. Ids come out as `bigint`. What was acknowledged is durable, whatever `durability` says.
 */
export class VectorsHandle {
  readonly #call: CollectiveCall

  constructor(call: CollectiveCall) {
    this.#call = call
  }

  /** Stores a vector, in place of the one of that id. */
  async store(id: PointIdInput, vector: EmbeddingInput, options: StoreOptions = {}): Promise<Written> {
    const { lifetime, known } = lifetimeOf(options)
    const items = [{ id: plainCopy(id, 'id'), vector: plainCopy(vector, 'vector') }]
    const { token } = await this.#call.call('vectors.store', { items, ...lifetime }, known)
    return { token }
  }

  /** Stores vectors, all or none; of an id that comes twice the last one stays. `count`: how many were given. */
  async storeMany(
    items: readonly VectorItemInput[],
    options: StoreOptions = {},
  ): Promise<Written & { readonly count: number }> {
    const { lifetime, known } = lifetimeOf(options)
    const { count, token } = await this.#call.call(
      'vectors.store',
      { items: named(plainCopy(items, 'items')), ...lifetime },
      known,
    )
    return { count, token }
  }

  /** The vector, or `undefined`. */
  async get(id: PointIdInput, options: CallOptions = {}): Promise<Float32Array | undefined> {
    const { items } = await this.#call.call('vectors.get', { ids: [plainCopy(id, 'id')] }, options)
    return items[0] ?? undefined
  }

  /** In the order asked; `undefined` where there is none. */
  async getMany(
    ids: readonly PointIdInput[],
    options: CallOptions = {},
  ): Promise<readonly (Float32Array | undefined)[]> {
    const { items } = await this.#call.call('vectors.get', { ids: plainCopy(ids, 'ids') }, options)
    return items.map((item) => item ?? undefined)
  }

  /** Also an id that is not there. */
  async delete(id: PointIdInput, options: WriteOptions = {}): Promise<Written> {
    return this.#call.write('vectors.delete', { ids: [plainCopy(id, 'id')] }, options)
  }

  async deleteMany(ids: readonly PointIdInput[], options: WriteOptions = {}): Promise<Written> {
    return this.#call.write('vectors.delete', { ids: plainCopy(ids, 'ids') }, options)
  }

  /** All of them, ascending. */
  async ids(options: CallOptions = {}): Promise<readonly bigint[]> {
    return allIds(this.#call, 'vectors.ids', optionsOf(options, SESSION_OPTIONS))
  }

  async count(options: CallOptions = {}): Promise<number> {
    return (await this.status(options)).count
  }

  /** Returns when everything that was written before is durable. */
  async flush(options: WriteOptions = {}): Promise<Written> {
    return this.#call.write('vectors.flush', {}, options)
  }

  /** The k nearest whose payload passes, nearest first. */
  async search(
    query: VectorSearchInput,
    options: CallOptions = {},
  ): Promise<{ readonly results: readonly VectorHit[]; readonly token: string }> {
    const fields = plainMap(query, 'query', { isRequest: true })
    const { results, token } = await this.#call.call('vectors.search', fields, options)
    return { results: results.map(hitOf), token }
  }

  async status(options: CallOptions = {}): Promise<VectorsStatus> {
    const { token: _, ...status } = await this.#call.call('vectors.status', {}, options)
    return status
  }

  /** VelesDB's mode that was set; each is as durable as the store is. */
  async durability(options: CallOptions = {}): Promise<VectorDurability> {
    return (await this.status(options)).durability
  }

  async setDurability(durability: VectorDurability, options: WriteOptions = {}): Promise<Written> {
    return this.#call.write('vectors.configure', { durability }, options)
  }
}

const hitOf = ({ id, score, vector, json }: ScoredVector): VectorHit => ({
  ...{ id: BigInt(id), score },
  ...(vector === undefined ? {} : { vector }),
  ...(json === undefined ? {} : { payload: JSON.parse(json) as NonNullable<VectorHit['payload']> }),
})

/** Pairs under the names of their fields. What is no list, or longer than any may be, is left for the decoder. */
const named = (items: unknown): unknown => {
  if (!isList(items) || items.length > limits.POINTS_PER_BATCH_MAX) return items
  return items.map((item) => (isPair(item) ? { id: item[0], vector: item[1] } : item))
}

const isPair = (item: unknown): item is readonly [unknown, unknown] => isList(item) && item.length === 2

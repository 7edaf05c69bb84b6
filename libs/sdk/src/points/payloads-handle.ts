import { invalidField, isMap, limits, tooManyItems, type Json, type ResultOf } from '@waggle/protocol'
import type { CollectiveCall, Written } from '../collective-call.ts'
import type { PointIdInput } from '../inputs.ts'
import { lifetimeOf, type StoreOptions } from '../lifetime-option.ts'
import { isList, optionsOf, plainCopy, plainJson, plainTop } from '../plain-data.ts'
import { SESSION_OPTIONS, type CallOptions, type WriteOptions } from '../session.ts'
import { allIds } from './point-ids.ts'
import type { PayloadItemInput } from './point-inputs.ts'

export type PayloadsStatus = ResultOf<'payloads.status'>

/**
 * JSON by ids of 64 bits (VelesDB's `PayloadStorage`): any value, `null` included, up to 1 MiB as text. It travels as
 * its text, so that names such as `__proto__` and numbers of many digits (`storeJson`, `getJson`) survive.
 */
export class PayloadsHandle {
  readonly #call: CollectiveCall

  constructor(call: CollectiveCall) {
    this.#call = call
  }

  /** Stores a payload, in place of the one of that id. */
  async store(id: PointIdInput, payload: Json, options: StoreOptions = {}): Promise<Written> {
    const { token } = await this.#store([{ id: plainCopy(id, 'id'), json: plainJson(payload, 'payload') }], options)
    return { token }
  }

  /** The same of a JSON text, which is kept as it is. */
  async storeJson(id: PointIdInput, json: string, options: StoreOptions = {}): Promise<Written> {
    const { token } = await this.#store([{ id: plainCopy(id, 'id'), json }], options)
    return { token }
  }

  /** Stores payloads, all or none; of an id that comes twice the last one stays. `count`: how many were given. */
  async storeMany(
    items: readonly PayloadItemInput[],
    options: StoreOptions = {},
  ): Promise<Written & { readonly count: number }> {
    return this.#store(itemsOf(items), options)
  }

  /** The payload, or `undefined`; a payload may be `null`. */
  async get(id: PointIdInput, options: CallOptions = {}): Promise<Json | undefined> {
    const json = await this.getJson(id, options)
    return json === undefined ? undefined : (JSON.parse(json) as Json)
  }

  /** The payload's text as it was stored, or `undefined`. */
  async getJson(id: PointIdInput, options: CallOptions = {}): Promise<string | undefined> {
    const [json] = await this.#texts([plainCopy(id, 'id')], options)
    return json
  }

  /** In the order asked; `undefined` where there is none. */
  async getMany(ids: readonly PointIdInput[], options: CallOptions = {}): Promise<readonly (Json | undefined)[]> {
    const texts = await this.#texts(plainCopy(ids, 'ids'), options)
    return texts.map((json) => (json === undefined ? undefined : (JSON.parse(json) as Json)))
  }

  /** Also an id that is not there. */
  async delete(id: PointIdInput, options: WriteOptions = {}): Promise<Written> {
    return this.#call.write('payloads.delete', { ids: [plainCopy(id, 'id')] }, options)
  }

  async deleteMany(ids: readonly PointIdInput[], options: WriteOptions = {}): Promise<Written> {
    return this.#call.write('payloads.delete', { ids: plainCopy(ids, 'ids') }, options)
  }

  /** All of them, ascending. */
  async ids(options: CallOptions = {}): Promise<readonly bigint[]> {
    return allIds(this.#call, 'payloads.ids', optionsOf(options, SESSION_OPTIONS))
  }

  async count(options: CallOptions = {}): Promise<number> {
    return (await this.status(options)).count
  }

  /** Returns when everything that was written before is durable. */
  async flush(options: WriteOptions = {}): Promise<Written> {
    return this.#call.write('payloads.flush', {}, options)
  }

  async status(options: CallOptions = {}): Promise<PayloadsStatus> {
    const { token: _, ...status } = await this.#call.call('payloads.status', {}, options)
    return status
  }

  async #store(items: unknown, options: StoreOptions): Promise<Written & { readonly count: number }> {
    const { lifetime, known } = lifetimeOf(options)
    const { count, token } = await this.#call.call('payloads.store', { items, ...lifetime }, known)
    return { count, token }
  }

  async #texts(ids: unknown, options: CallOptions): Promise<readonly (string | undefined)[]> {
    const { items } = await this.#call.call('payloads.get', { ids, as: 'json' }, options)
    return items.map((item) => (item !== null && 'json' in item ? item.json : undefined))
  }
}

/** @throws Fault `INVALID_FIELD`, `TOO_MANY_ITEMS`, `CONTENT_TOO_LARGE` */
const itemsOf = (items: unknown): readonly unknown[] => {
  const list = plainTop(items, 'items')
  if (!isList(list)) throw invalidField('items', 'list')
  if (list.length > limits.POINTS_PER_BATCH_MAX) throw tooManyItems('items', list.length, limits.POINTS_PER_BATCH_MAX)
  return list.map((item, index) => {
    const field = `items[${index}]`
    const named = plainTop(item, field)
    if (isList(named)) {
      if (named.length !== 2) throw invalidField(field, 'an id and a payload')
      return { id: plainCopy(named[0], `${field}.id`), json: plainJson(named[1], `${field}.payload`) }
    }
    if (!isMap(named) || named.payload === undefined) return plainCopy(named, field)
    const { payload, ...others } = named
    if (others.json !== undefined) throw invalidField(`${field}.json`, 'absent beside a payload')
    return { ...(plainCopy(others, field) as object), json: plainJson(payload, `${field}.payload`) }
  })
}

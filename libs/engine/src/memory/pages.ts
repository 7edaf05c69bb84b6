/**
 * Pages of what a collective holds, in the order `(createdAt, address)`.
 *
 * G1  A page begins behind a cursor, or, from the beginning of the list, after so many items; what was added or removed
 *     before a cursor does not move it.
 * G2  A cursor belongs to one list of one life of a collective: elsewhere its position would mean nothing.
 * G3  A page ends early where its items reach `PAGE_BYTES_MAX` (DESIGN K8), and says by its cursor that there is more.
 */
import { utf8Size, type Uuid } from '@waggle/kernel'
import {
  decodeListCursor,
  encodeListCursor,
  fault,
  invalidField,
  limits,
  listNumber,
  type Address,
  type CollectiveId,
  type Generation,
  type ListCursor,
} from '@waggle/protocol'
import { engineFault } from '../errors.ts'
import { compareAddresses } from '../state/address-order.ts'
import type { Scope } from '../state/keyspace.ts'
import { decodeRow } from '../state/rows.ts'
import type { KeyRange, StoreReader } from '../store/key-value-store.ts'
import { keyBehind, prefixRange } from '../store/prefix-range.ts'

/** What stands in a list. */
export interface Listed {
  readonly createdAt: number
  readonly address: Address
}

/** Where an order is kept: keys that sort as it does, each over the id of what stands there. */
export interface OrderTable<Row extends Listed> {
  /** What the rows are, in words. */
  readonly entity: string
  readonly prefix: (scope: Scope) => Uint8Array
  readonly key: (scope: Scope, createdAt: number, address: Address) => Uint8Array
  readonly read: (state: StoreReader, scope: Scope, id: Uuid) => Row | undefined
}

/** One moment of a collective. */
export interface Place {
  readonly state: StoreReader
  readonly scope: Scope
  readonly collective: CollectiveId
  readonly generation: Generation
}

export interface PageRequest {
  readonly limit: number
  readonly cursor?: string
  readonly offset?: number
}

export interface PageOptions<Row, Item> {
  /** Absent: everything. */
  readonly matches?: (row: Row) => boolean
  readonly shown: (row: Row) => Item
}

/** Everything in a collective's order. */
export const orderRange = <Row extends Listed>({ prefix }: OrderTable<Row>, scope: Scope): KeyRange =>
  prefixRange(prefix(scope))

/** Ids in a range of an order. */
async function* idsInOrder(state: StoreReader, range: KeyRange): AsyncGenerator<Uuid> {
  for await (const [, bytes] of state.scan(range)) yield decodeRow(bytes)[0] as Uuid
}

/** @throws Fault `CORRUPT` where a place of the order leads to nothing */
const rowAt = <Row extends Listed>(
  table: OrderTable<Row>,
  { state, scope }: Pick<Place, 'state' | 'scope'>,
  id: Uuid,
) => {
  const row = table.read(state, scope, id)
  if (row === undefined)
    throw engineFault('CORRUPT', `record of an ${table.entity} is missing id=${id}`, { entity: table.entity, id })
  return row
}

export async function* rowsInOrder<Row extends Listed>(
  table: OrderTable<Row>,
  place: Pick<Place, 'state' | 'scope'>,
  range: KeyRange,
): AsyncGenerator<Row> {
  for await (const id of idsInOrder(place.state, range)) yield rowAt(table, place, id)
}

/** @throws Fault `INVALID_FIELD`, `INVALID_CURSOR` or `GENERATION_CHANGED` */
export const pageOf = async <Row extends Listed, Item extends SizedItem>(
  table: OrderTable<Row>,
  place: Place,
  { limit, cursor, offset }: PageRequest,
  { matches, shown }: PageOptions<Row, Item>,
): Promise<{ readonly items: readonly Item[]; readonly cursor?: string }> => {
  if (cursor !== undefined && offset !== undefined) throw invalidField('offset', 'absent beside a cursor')
  const { scope, state } = place
  const list = listNumber(table.entity, place.collective)
  const page = new Page<Row, Item>(limit)
  let toSkip = offset ?? 0
  const range = orderRange(table, scope)
  const position = cursor === undefined ? undefined : positionIn([list], cursor, place)
  const rest = position === undefined ? range : { ...range, gte: behind(table, scope, position) }
  for await (const id of idsInOrder(state, rest)) {
    // What no condition asks for need not be read to be skipped.
    if (toSkip > 0 && matches === undefined) {
      toSkip -= 1
      continue
    }
    const row = rowAt(table, place, id)
    if (matches?.(row) === false) continue
    if (toSkip > 0) toSkip -= 1
    else if (page.isFull) return { items: page.items, cursor: page.cursor(list, place.generation) }
    else {
      const item = shown(row)
      page.add(row, item, sizeOnWire(item))
    }
  }
  return { items: page.items }
}

const behind = <Row extends Listed>(table: OrderTable<Row>, scope: Scope, { createdAt, address }: Listed) =>
  keyBehind(table.key(scope, createdAt, address))

/**
 * G2. The position that a cursor of one of these lists names.
 * @throws Fault `INVALID_CURSOR` or `GENERATION_CHANGED`
 */
export const positionIn = (
  lists: readonly number[],
  text: string,
  { scope: { incarnation }, generation }: Pick<Place, 'scope' | 'generation'>,
): ListCursor => {
  const cursor = decodeListCursor(text)
  if (!lists.includes(cursor.list)) throw foreignCursor()
  if (cursor.generation !== generation)
    throw fault('GENERATION_CHANGED', 'the cursor belongs to another life of this store', { field: 'cursor' })
  // What a collective holds came after the collective itself: older positions are of another one that had its id.
  if (compareAddresses(cursor.address, incarnation) < 0) throw foreignCursor()
  return cursor
}

/** The order of every list. */
export const compareListed = (left: Listed, right: Listed): number =>
  left.createdAt - right.createdAt || compareAddresses(left.address, right.address)

const foreignCursor = () => fault('INVALID_CURSOR', 'the cursor belongs to another list', { field: 'cursor' })

/** Items of a page that is being filled. */
export class Page<Row extends Listed, Item> {
  readonly items: Item[] = []
  readonly #limit: number
  #bytes = 0
  #last: Row | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Whether the next item belongs on the next page (G3). The first one always fits. */
  get isFull(): boolean {
    return this.#last !== undefined && (this.items.length >= this.#limit || this.#bytes >= limits.PAGE_BYTES_MAX)
  }

  /** @param bytes what the item takes on the wire */
  add(row: Row, item: Item, bytes: number): void {
    this.items.push(item)
    this.#bytes += bytes
    this.#last = row
  }

  /** Behind the last item of a page that has one. */
  cursor(list: number, generation: Generation): string {
    const { createdAt, address } = this.#last as Row
    return encodeListCursor({ list, generation, createdAt, address })
  }
}

/** An item of a page; the embedding is all that takes much more room in JSON than its own bytes. */
export type SizedItem = object & { readonly embedding?: Float32Array }

/** Characters that a component takes in JSON, with its comma. */
const COMPONENT_BYTES_MAX = 24

/** What an item takes in the larger of both encodings, JSON, where a control character takes six bytes. */
export const sizeOnWire = ({ embedding, ...fields }: SizedItem): number =>
  utf8Size(JSON.stringify(fields)) + (embedding?.length ?? 0) * COMPONENT_BYTES_MAX

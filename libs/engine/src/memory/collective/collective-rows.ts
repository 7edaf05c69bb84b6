/** A tenant's collectives as rows of the state. */
import { present } from '@waggle/kernel'
import type { Address, Collective, CollectiveId, DecayConfig, Sequence, TenantId, TextLanguage } from '@waggle/protocol'
import { compareAddresses } from '../../state/address-order.ts'
import { collectiveKey, collectiveNameKey, collectivePrefix, idOfKey, type Scope } from '../../state/keyspace.ts'
import type { MutableState, StateView } from '../../state/overlay.ts'
import { decodeRow, encodeRow, readRow } from '../../state/rows.ts'
import type { StoreReader } from '../../store/key-value-store.ts'
import { prefixRange } from '../../store/prefix-range.ts'

/** A collective and where this life of it keeps its rows. */
export interface StoredCollective {
  readonly collective: Collective
  readonly scope: Scope
}

const decayRow = ({ halfLifeMs, freqWeight, floor, weights }: DecayConfig): readonly number[] => [
  ...[halfLifeMs, freqWeight, floor],
  ...(weights === undefined ? [] : [weights.similarity, weights.energy]),
]

const decayFrom = (row: readonly number[]): DecayConfig => {
  const [halfLifeMs, freqWeight, floor, similarity, energy] = row as [number, number, number, number?, number?]
  const weights = similarity === undefined || energy === undefined ? undefined : { similarity, energy }
  return { halfLifeMs, freqWeight, floor, ...(weights === undefined ? {} : { weights }) }
}

const encodeCollective = (collective: Collective, incarnation: Address): Uint8Array =>
  encodeRow([
    collective.name,
    collective.owner ?? null,
    collective.dimension,
    collective.embedder ?? null,
    collective.createdAt,
    collective.updatedAt,
    incarnation.sequence,
    incarnation.index,
    ...optionalFields(collective),
  ])

/** What most collectives do not have stands at the end: as far as something is there. */
const optionalFields = ({ decay, language }: Collective): readonly unknown[] => {
  const fades = decay === undefined ? null : decayRow(decay)
  if (language !== undefined) return [fades, language]
  return fades === null ? [] : [fades]
}

export const decodeCollective = (tenant: TenantId, id: CollectiveId, bytes: Uint8Array): StoredCollective => {
  const [name, owner, dimension, embedder, createdAt, updatedAt, sequence, index, decay, language] = decodeRow(bytes)
  const collective: Collective = {
    id,
    name: name as string,
    ...(owner === null ? {} : { owner: owner as string }),
    dimension: dimension as number,
    ...(embedder === null ? {} : { embedder: embedder as string }),
    ...(language === undefined ? {} : { language: language as TextLanguage }),
    ...(decay === undefined || decay === null ? {} : { decay: decayFrom(decay as number[]) }),
    createdAt: createdAt as number,
    updatedAt: updatedAt as number,
  }
  return { collective, scope: { tenant, incarnation: { sequence: sequence as Sequence, index: index as number } } }
}

/** A tenant's collectives, by id. */
export async function* scanCollectives(state: StoreReader, tenant: TenantId): AsyncGenerator<StoredCollective> {
  for await (const [key, bytes] of state.scan(prefixRange(collectivePrefix(tenant))))
    yield decodeCollective(tenant, idOfKey(key), bytes)
}

/** The row that was read last, and the scope in it, which no caller gets: a write asks for it four times. */
let lastRow: Uint8Array | undefined
let lastScope: Scope | undefined

export const readCollective = (state: StateView, tenant: TenantId, id: CollectiveId): StoredCollective | undefined => {
  const bytes = state.get(collectiveKey(tenant, id))
  if (bytes === undefined) return undefined
  const { collective, scope } = decodeCollective(tenant, id, bytes)
  if (bytes !== lastRow || lastScope === undefined) [lastRow, lastScope] = [bytes, scope]
  return { collective, scope: lastScope }
}

/** Where a collective keeps its rows; `undefined`: it is not there. */
export const readScope = (state: StateView, tenant: TenantId, id: CollectiveId): Scope | undefined => {
  const bytes = state.get(collectiveKey(tenant, id))
  if (bytes === undefined) return undefined
  if (bytes !== lastRow || lastScope === undefined)
    [lastRow, lastScope] = [bytes, decodeCollective(tenant, id, bytes).scope]
  return lastScope
}

/** Ids of the tenant's collectives of that name, oldest first: in the order of their incarnations. */
export const readCollectiveIds = (state: StateView, tenant: TenantId, name: string): readonly CollectiveId[] =>
  (readRow(state, collectiveNameKey(tenant, name)) ?? []) as readonly CollectiveId[]

/** Stores a collective that has just come to be, and so is the youngest of its name. */
export const putCollective = (state: MutableState, { collective, scope }: StoredCollective): void => {
  const { tenant, incarnation } = scope
  state.put(collectiveKey(tenant, collective.id), encodeCollective(collective, incarnation))
  const ids = readCollectiveIds(state, tenant, collective.name)
  state.put(collectiveNameKey(tenant, collective.name), encodeRow([...ids, collective.id]))
}

/** Stores the new form of a collective, whose name may have changed. */
export const replaceCollective = (state: MutableState, stored: StoredCollective, before: string): void => {
  const { collective, scope } = stored
  const { tenant, incarnation } = scope
  state.put(collectiveKey(tenant, collective.id), encodeCollective(collective, incarnation))
  if (collective.name === before) return
  removeName(state, tenant, collective.id, before)
  const ids = readCollectiveIds(state, tenant, collective.name)
  const place = placeOf(state, tenant, incarnation, ids)
  state.put(collectiveNameKey(tenant, collective.name), encodeRow(ids.toSpliced(place, 0, collective.id)))
}

export const removeCollective = (state: MutableState, tenant: TenantId, id: CollectiveId): StoredCollective => {
  const stored = present(readCollective(state, tenant, id), 'collective to remove')
  state.delete(collectiveKey(tenant, id))
  removeName(state, tenant, id, stored.collective.name)
  return stored
}

const removeName = (state: MutableState, tenant: TenantId, id: CollectiveId, name: string): void => {
  const others = readCollectiveIds(state, tenant, name).filter((other) => other !== id)
  if (others.length === 0) state.delete(collectiveNameKey(tenant, name))
  else state.put(collectiveNameKey(tenant, name), encodeRow(others))
}

/** How many of `ids`, oldest first, began before `incarnation`: by halving, since each look costs a read. */
const placeOf = (state: StateView, tenant: TenantId, incarnation: Address, ids: readonly CollectiveId[]): number => {
  let [from, to] = [0, ids.length]
  while (from < to) {
    const middle = (from + to) >> 1
    const { scope } = present(readCollective(state, tenant, ids[middle] as CollectiveId), 'collective of a name')
    if (compareAddresses(scope.incarnation, incarnation) < 0) from = middle + 1
    else to = middle
  }
  return from
}

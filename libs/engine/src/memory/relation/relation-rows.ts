/**
 * A relation as rows of the state.
 *
 * T1  Every relation has four things beside its record: a place in the order, its triple, a link at its source and one
 *     at its target. They come and go with it, so none of them ever leads to nothing.
 * T2  The triple (source, target, type) is a key: at most one relation of a type leads from one experience to another.
 * T3  Links are lists in single rows, so whoever decides or applies finds an experience's relations without a scan.
 * T4  They stand in the order of relations, `(createdAt, address)`, so a page of them needs no more than its own rows;
 *     what is restored may be older than what was there.
 */
import { formatUuid, uuidBytes } from '@waggle/kernel'
import {
  relationTypes,
  type Address,
  type CollectiveId,
  type ExperienceId,
  type Relation,
  type RelationId,
  type RelationType,
  type Sequence,
} from '@waggle/protocol'
import { engineFault } from '../../errors.ts'
import { forgetExpiry } from '../../expiry/expiry-rows.ts'
import { expiryField, expiryFrom } from '../../expiry/is-expired.ts'
import { insertId, placeIn, readIds, removeId } from '../../state/id-list.ts'
import { LINK, linksKey, relationKey, relationOrderKey, relationTripleKey, type Scope } from '../../state/keyspace.ts'
import type { MutableState, StateView } from '../../state/overlay.ts'
import { decodeRow, encodeRow } from '../../state/rows.ts'
import { compareListed, type Listed } from '../pages.ts'

/** What the state holds of a relation; `Relation` is what it shows of it. */
export interface RelationRow extends Omit<Relation, 'collective'> {
  readonly address: Address
}

/** What tells a relation apart from all others of its collective. */
export type RelationTriple = Pick<Relation, 'source' | 'target' | 'type'>

const numberOf = (type: RelationType): number => relationTypes.indexOf(type)

const encodeRelation = (row: RelationRow): Uint8Array =>
  encodeRow([
    uuidBytes(row.source),
    uuidBytes(row.target),
    numberOf(row.type),
    row.strength,
    row.metadata ?? null,
    row.createdAt,
    row.address.sequence,
    row.address.index,
    ...expiryField(row),
  ])

const decodeRelation = (id: RelationId, bytes: Uint8Array): RelationRow => {
  const [source, target, type, strength, metadata, createdAt, sequence, index, expiresAt] = decodeRow(bytes)
  return {
    id,
    source: formatUuid(source as Uint8Array),
    target: formatUuid(target as Uint8Array),
    type: relationTypes[type as number] as RelationType,
    strength: strength as number,
    ...(metadata === null ? {} : { metadata: metadata as string }),
    createdAt: createdAt as number,
    address: { sequence: sequence as Sequence, index: index as number },
    ...expiryFrom(expiresAt),
  }
}

export const readRelation = (state: StateView, scope: Scope, id: RelationId): RelationRow | undefined => {
  const bytes = state.get(relationKey(scope, id))
  return bytes === undefined ? undefined : decodeRelation(id, bytes)
}

const tripleKey = (scope: Scope, { source, target, type }: RelationTriple): Uint8Array =>
  relationTripleKey(scope, source, target, numberOf(type))

/** T2. The relation of that type between the two, if there is one. */
/** The relation of an id that a list of links holds. @throws Fault `CORRUPT` */
export const linkedRelation = (state: StateView, scope: Scope, id: RelationId): RelationRow => {
  const row = readRelation(state, scope, id)
  if (row === undefined)
    throw engineFault('CORRUPT', `record of a relation is missing id=${id}`, { entity: 'relation', id })
  return row
}

export const findRelation = (state: StateView, scope: Scope, triple: RelationTriple): RelationId | undefined => {
  const bytes = state.get(tripleKey(scope, triple))
  return bytes === undefined ? undefined : formatUuid(bytes)
}

/** T3, T4. Ids of the relations that leave an experience, oldest first. */
export const outgoingOf = (state: StateView, scope: Scope, id: ExperienceId): readonly RelationId[] =>
  readIds(state, linksKey(scope, LINK.outgoing, id))

/** T3, T4. Ids of the relations that end at an experience, oldest first. */
export const incomingOf = (state: StateView, scope: Scope, id: ExperienceId): readonly RelationId[] =>
  readIds(state, linksKey(scope, LINK.incoming, id))

/** Whether a relation is of one of the types, and strong enough; without a condition every one is. */
export const matchesRelation = (
  row: Pick<RelationRow, 'type' | 'strength'>,
  types: readonly RelationType[] | undefined,
  minStrength = 0,
): boolean => row.strength >= minStrength && (types === undefined || types.includes(row.type))

/** What a caller sees of a row. */
export const relationOf = (collective: CollectiveId, { address: _address, ...fields }: RelationRow): Relation => ({
  ...fields,
  collective,
})

/** T1. Stores a relation that was not there; returns its size in bytes. */
export const insertRelation = (state: MutableState, scope: Scope, row: RelationRow): number => {
  const bytes = encodeRelation(row)
  state.put(relationKey(scope, row.id), bytes)
  state.put(relationOrderKey(scope, row.createdAt, row.address), encodeRow([row.id]))
  state.put(tripleKey(scope, row), uuidBytes(row.id))
  putLinks(state, scope, row)
  return bytes.length
}

/** T4. */
const putLinks = (state: MutableState, scope: Scope, row: RelationRow): void => {
  const isBehind = (other: RelationId): boolean => isRelationBehind(state, scope, other, row)
  for (const key of linkKeys(scope, row)) insertId(state, key, row.id, placeIn(state, key, isBehind))
}

const removeLinks = (state: MutableState, scope: Scope, row: RelationRow): void => {
  for (const key of linkKeys(scope, row)) removeId(state, key, row.id)
}

const linkKeys = (scope: Scope, { source, target }: RelationTriple): readonly Uint8Array[] => [
  linksKey(scope, LINK.outgoing, source),
  linksKey(scope, LINK.incoming, target),
]

/** Whether a relation comes after a position of the order. */
export const isRelationBehind = (state: StateView, scope: Scope, id: RelationId, position: Listed): boolean => {
  const row = readRelation(state, scope, id)
  return row !== undefined && compareListed(row, position) > 0
}

/** T1. Removes a relation and all that belongs to it; returns how many bytes went. */
export const eraseRelation = (state: MutableState, scope: Scope, row: RelationRow): number => {
  const key = relationKey(scope, row.id)
  const bytes = state.get(key)?.length ?? 0
  for (const each of [key, relationOrderKey(scope, row.createdAt, row.address), tripleKey(scope, row)])
    state.delete(each)
  removeLinks(state, scope, row)
  forgetExpiry(state, scope, 'relation', row.id, row.expiresAt)
  return bytes
}

/** Stores a relation with another lifetime: all else about it stays. Returns by how many bytes it grew. */
export const putRelation = (state: MutableState, scope: Scope, row: RelationRow): number => {
  const key = relationKey(scope, row.id)
  const before = state.get(key)?.length ?? 0
  const bytes = encodeRelation(row)
  state.put(key, bytes)
  return bytes.length - before
}

/** T1, T4. Stores the new form of a relation. Returns by how many bytes it grew. */
export const replaceRelation = (state: MutableState, scope: Scope, before: RelationRow, after: RelationRow): number => {
  const gone = eraseRelation(state, scope, before)
  return insertRelation(state, scope, after) - gone
}

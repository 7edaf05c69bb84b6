/** An experience as rows of the state: the record, its embedding, and its place in the order. */
import type { Writable } from '@waggle/kernel'
import type { Address, CollectiveId, Experience, ExperienceId, ExperienceType, Sequence } from '@waggle/protocol'
import { float32Bytes, float32FromBytes, limits } from '@waggle/protocol'
import { forgetExpiry } from '../../expiry/expiry-rows.ts'
import { expiryField, isExpired, unexpired } from '../../expiry/is-expired.ts'
import { embeddingKey, experienceKey, orderKey, type Scope } from '../../state/keyspace.ts'
import type { MutableState, StateView } from '../../state/overlay.ts'
import { decodeRow, encodeRow } from '../../state/rows.ts'

/** What the state holds of an experience; `Experience` is what it shows of it. */
export interface ExperienceRow extends Omit<Experience, 'collective' | 'applications' | 'embedding'> {
  /** Reinforcements per instance of the store: each counts its own, so that copies can be merged. */
  readonly applications: Readonly<Record<string, number>>
  readonly address: Address
}

/** The sum over all instances, saturating at 2^32 - 1. */
export const totalApplications = (row: Pick<ExperienceRow, 'applications'>): number =>
  Math.min(
    limits.UINT32_MAX,
    Object.values(row.applications).reduce((sum, count) => sum + count, 0),
  )

const encodeExperience = (row: ExperienceRow): Uint8Array =>
  encodeRow([
    row.content,
    row.type,
    row.importance,
    row.confidence,
    row.applications,
    row.domain,
    row.relatedFiles,
    row.sourceAgent,
    row.sourceTask ?? null,
    row.createdAt,
    row.lastReinforced,
    row.archived,
    row.version,
    row.address.sequence,
    row.address.index,
    ...expiryField(row),
  ])

export const decodeExperience = (id: ExperienceId, bytes: Uint8Array): ExperienceRow => {
  const row = decodeRow(bytes)
  const decoded: Writable<ExperienceRow> = {
    id,
    content: row[0] as string,
    type: row[1] as ExperienceType,
    importance: row[2] as number,
    confidence: row[3] as number,
    applications: row[4] as Record<string, number>,
    domain: row[5] as string[],
    relatedFiles: row[6] as string[],
    sourceAgent: row[7] as string,
    createdAt: row[9] as number,
    lastReinforced: row[10] as number,
    archived: row[11] as boolean,
    version: row[12] as number,
    address: { sequence: row[13] as Sequence, index: row[14] as number },
  }
  // Assigned: to spread them would copy the object for every row.
  if (row[8] !== null) decoded.sourceTask = row[8] as string
  if (row[15] !== undefined) decoded.expiresAt = row[15] as number
  return decoded
}

export const readExperience = (state: StateView, scope: Scope, id: ExperienceId): ExperienceRow | undefined => {
  const bytes = state.get(experienceKey(scope, id))
  return bytes === undefined ? undefined : decodeExperience(id, bytes)
}

/** Whether there is such an experience, without decoding it. */
export const isExperience = (state: StateView, scope: Scope, id: ExperienceId): boolean =>
  state.get(experienceKey(scope, id)) !== undefined

/** An experience that has not expired. */
export const liveExperience = (
  state: StateView,
  scope: Scope,
  id: ExperienceId,
  atMs: number,
): ExperienceRow | undefined => unexpired(readExperience(state, scope, id), atMs)

/** MessagePack's head of a list of 15: of the row of an experience without a lifetime. */
const HEAD_WITHOUT_EXPIRY = 0x9f

/** Whether there is such an experience that has not expired; without decoding it, unless it has a lifetime. */
export const isLiveExperience = (state: StateView, scope: Scope, id: ExperienceId, atMs: number): boolean => {
  const bytes = state.get(experienceKey(scope, id))
  if (bytes === undefined) return false
  return bytes[0] === HEAD_WITHOUT_EXPIRY || !isExpired(decodeExperience(id, bytes).expiresAt, atMs)
}

/** The embedding as a copy of its own: what a caller does to it changes nothing here. */
export const readEmbedding = (state: StateView, scope: Scope, id: ExperienceId): Float32Array | undefined => {
  const bytes = state.get(embeddingKey(scope, id))
  return bytes === undefined ? undefined : float32FromBytes(bytes)
}

/** What a caller sees of a row. Field by field: every record that is read passes here, and a rest costs six of it. */
export const experienceOf = (collective: CollectiveId, row: ExperienceRow, embedding?: Float32Array): Experience => {
  const experience: Writable<Experience> = {
    id: row.id,
    content: row.content,
    type: row.type,
    importance: row.importance,
    confidence: row.confidence,
    applications: totalApplications(row),
    domain: row.domain,
    relatedFiles: row.relatedFiles,
    sourceAgent: row.sourceAgent,
    createdAt: row.createdAt,
    lastReinforced: row.lastReinforced,
    archived: row.archived,
    version: row.version,
    collective,
  }
  if (row.sourceTask !== undefined) experience.sourceTask = row.sourceTask
  if (row.expiresAt !== undefined) experience.expiresAt = row.expiresAt
  if (embedding !== undefined) experience.embedding = embedding
  return experience
}

/** Stores a row that was not there; returns its size in bytes. */
export const insertExperience = (
  state: MutableState,
  scope: Scope,
  row: ExperienceRow,
  embedding: Float32Array,
): number => {
  const bytes = encodeExperience(row)
  state.put(experienceKey(scope, row.id), bytes)
  state.put(embeddingKey(scope, row.id), float32Bytes(embedding))
  state.put(orderKey(scope, row.createdAt, row.address), encodeRow([row.id]))
  return bytes.length + embedding.byteLength
}

/** Stores the new form of a row; returns by how many bytes it grew. */
export const replaceExperience = (state: MutableState, scope: Scope, row: ExperienceRow): number => {
  const key = experienceKey(scope, row.id)
  const before = state.get(key)?.length ?? 0
  const bytes = encodeExperience(row)
  state.put(key, bytes)
  return bytes.length - before
}

/** Removes a row and what belongs to it; returns how many bytes went. */
export const eraseExperience = (state: MutableState, scope: Scope, row: ExperienceRow): number => {
  const keys = [experienceKey(scope, row.id), embeddingKey(scope, row.id)]
  const bytes = keys.reduce((sum, key) => sum + (state.get(key)?.length ?? 0), 0)
  for (const key of [...keys, orderKey(scope, row.createdAt, row.address)]) state.delete(key)
  forgetExpiry(state, scope, 'experience', row.id, row.expiresAt)
  return bytes
}

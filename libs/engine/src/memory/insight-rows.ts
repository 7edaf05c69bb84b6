/**
 * An insight as rows of the state.
 *
 * N1  What an insight lost is a row of its own: one deletion may take evidence from thousands of insights, and must not
 *     write the content of each anew.
 * N2  An insight has one link at each of its sources that is not lost, however often the source is named, so whoever
 *     deletes an experience finds what rests on it; a lost source has no link, also when the experience comes back.
 */
import { formatUuid, uuidBytes } from '@waggle/kernel'
import {
  float32Bytes,
  float32FromBytes,
  insightTypes,
  type Address,
  type CollectiveId,
  type ExperienceId,
  type Insight,
  type InsightId,
  type InsightType,
  type Sequence,
} from '@waggle/protocol'
import { appendId, readIds, removeId } from '../state/id-list.ts'
import {
  insightEmbeddingKey,
  insightKey,
  insightLossKey,
  insightOrderKey,
  LINK,
  linksKey,
  type Scope,
} from '../state/keyspace.ts'
import type { MutableState, StateView } from '../state/overlay.ts'
import { decodeRow, encodeRow, readRow } from '../state/rows.ts'

/** What the state holds of an insight; `Insight` is what it shows of it. */
export interface InsightRow extends Omit<Insight, 'collective' | 'stale' | 'embedding'> {
  readonly address: Address
}

const idsRow = (ids: readonly ExperienceId[]): readonly Uint8Array[] => ids.map(uuidBytes)

const idsFrom = (row: unknown): readonly ExperienceId[] => (row as readonly Uint8Array[]).map(formatUuid)

const encodeInsight = (row: InsightRow): Uint8Array =>
  encodeRow([
    row.content,
    idsRow(row.sources),
    insightTypes.indexOf(row.type),
    row.confidence,
    row.domain,
    row.createdAt,
    row.updatedAt,
    row.address.sequence,
    row.address.index,
  ])

/** N1. Absent as long as nothing was lost. */
const readLoss = (state: StateView, scope: Scope, id: InsightId) => {
  const row = readRow(state, insightLossKey(scope, id))
  return row === undefined ? undefined : { updatedAt: row[0] as number, lostSources: idsFrom(row[1]) }
}

export const decodeInsight = (state: StateView, scope: Scope, id: InsightId, bytes: Uint8Array): InsightRow => {
  const [content, sources, type, confidence, domain, createdAt, updatedAt, sequence, index] = decodeRow(bytes)
  return {
    id,
    content: content as string,
    sources: idsFrom(sources),
    type: insightTypes[type as number] as InsightType,
    confidence: confidence as number,
    domain: domain as string[],
    createdAt: createdAt as number,
    address: { sequence: sequence as Sequence, index: index as number },
    ...(readLoss(state, scope, id) ?? { updatedAt: updatedAt as number, lostSources: [] }),
  }
}

export const readInsight = (state: StateView, scope: Scope, id: InsightId): InsightRow | undefined => {
  const bytes = state.get(insightKey(scope, id))
  return bytes === undefined ? undefined : decodeInsight(state, scope, id, bytes)
}

/** The embedding as a copy of its own: what a caller does to it changes nothing here. */
export const readInsightEmbedding = (state: StateView, scope: Scope, id: InsightId): Float32Array | undefined => {
  const bytes = state.get(insightEmbeddingKey(scope, id))
  return bytes === undefined ? undefined : float32FromBytes(bytes)
}

/** N2. Ids of the insights that rest on an experience, in the order in which they came. */
export const insightsOn = (state: StateView, scope: Scope, id: ExperienceId): readonly InsightId[] =>
  readIds(state, linksKey(scope, LINK.evidence, id))

/** What a caller sees of a row. */
export const insightOf = (
  collective: CollectiveId,
  { address: _address, ...fields }: InsightRow,
  embedding?: Float32Array,
): Insight => {
  const insight = { ...fields, collective, stale: fields.lostSources.length > 0 }
  return embedding === undefined ? insight : { ...insight, embedding }
}

/** Stores an insight that was not there; returns its size in bytes. */
export const insertInsight = (state: MutableState, scope: Scope, row: InsightRow, embedding: Float32Array): number => {
  const bytes = encodeInsight(row)
  state.put(insightKey(scope, row.id), bytes)
  state.put(insightEmbeddingKey(scope, row.id), float32Bytes(embedding))
  state.put(insightOrderKey(scope, row.createdAt, row.address), encodeRow([row.id]))
  for (const source of keptSources(row)) appendId(state, linksKey(scope, LINK.evidence, source), row.id)
  return bytes.length + embedding.byteLength + (row.lostSources.length > 0 ? putLoss(state, scope, row) : 0)
}

/** Takes a source from an insight; returns by how many bytes it grew. */
export const loseSource = (
  state: MutableState,
  scope: Scope,
  row: InsightRow,
  loss: { readonly source: ExperienceId; readonly timeMs: number },
): number => {
  const before = state.get(insightLossKey(scope, row.id))?.length ?? 0
  removeId(state, linksKey(scope, LINK.evidence, loss.source), row.id)
  const lostSources = [...row.lostSources, loss.source]
  return putLoss(state, scope, { id: row.id, updatedAt: loss.timeMs, lostSources }) - before
}

/** Removes an insight and all that belongs to it; returns how many bytes went. */
export const eraseInsight = (state: MutableState, scope: Scope, row: InsightRow): number => {
  const keys = [insightKey, insightEmbeddingKey, insightLossKey].map((keyOf) => keyOf(scope, row.id))
  const bytes = keys.reduce((sum, key) => sum + (state.get(key)?.length ?? 0), 0)
  for (const key of [...keys, insightOrderKey(scope, row.createdAt, row.address)]) state.delete(key)
  for (const source of keptSources(row)) removeId(state, linksKey(scope, LINK.evidence, source), row.id)
  return bytes
}

const putLoss = (
  state: MutableState,
  scope: Scope,
  { id, updatedAt, lostSources }: Pick<InsightRow, 'id' | 'updatedAt' | 'lostSources'>,
): number => {
  const bytes = encodeRow([updatedAt, idsRow(lostSources)])
  state.put(insightLossKey(scope, id), bytes)
  return bytes.length
}

/** N2. */
const keptSources = ({ sources, lostSources }: Pick<InsightRow, 'sources' | 'lostSources'>): Iterable<ExperienceId> => {
  const lost = new Set(lostSources)
  return new Set(sources.filter((source) => !lost.has(source)))
}

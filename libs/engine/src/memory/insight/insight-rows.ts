/**
 * An insight as rows of the state.
 *
 * N1  The content is a row of its own: one deletion may take evidence from thousands of insights, and must neither read
 *     nor write the text of each.
 * N2  An insight has one link at each of its sources that is not lost, however often the source is named, so whoever
 *     deletes an experience finds what rests on it; a lost source has no link, also when the experience comes back.
 */
import { formatUuid, uuidBytes, type Writable } from '@waggle/kernel'
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
import { engineFault } from '../../errors.ts'
import { forgetExpiry } from '../../expiry/expiry-rows.ts'
import { expiryField, expiryFrom } from '../../expiry/is-expired.ts'
import { appendId, readIds, removeId } from '../../state/id-list.ts'
import {
  insightContentKey,
  insightEmbeddingKey,
  insightKey,
  insightOrderKey,
  LINK,
  linksKey,
  type Scope,
} from '../../state/keyspace.ts'
import type { MutableState, StateView } from '../../state/overlay.ts'
import { encodeRow, readRow } from '../../state/rows.ts'

/** What the state holds of an insight; `Insight` is what it shows of it. */
export interface InsightRow extends Omit<Insight, 'collective' | 'stale' | 'embedding'> {
  readonly address: Address
}

const idsRow = (ids: readonly ExperienceId[]): readonly Uint8Array[] => ids.map(uuidBytes)

const idsFrom = (row: unknown): readonly ExperienceId[] => (row as readonly Uint8Array[]).map(formatUuid)

/** N1. An insight without its content. */
export type InsightHead = Omit<InsightRow, 'content'>

const encodeHead = (head: InsightHead): Uint8Array =>
  encodeRow([
    idsRow(head.sources),
    insightTypes.indexOf(head.type),
    head.confidence,
    head.domain,
    head.createdAt,
    head.updatedAt,
    idsRow(head.lostSources),
    head.address.sequence,
    head.address.index,
    ...expiryField(head),
  ])

export const readInsightHead = (state: StateView, scope: Scope, id: InsightId): InsightHead | undefined => {
  const row = readRow(state, insightKey(scope, id))
  if (row === undefined) return undefined
  const [sources, type, confidence, domain, createdAt, updatedAt, lostSources, sequence, index, expiresAt] = row
  return {
    id,
    sources: idsFrom(sources),
    type: insightTypes[type as number] as InsightType,
    confidence: confidence as number,
    domain: domain as string[],
    createdAt: createdAt as number,
    updatedAt: updatedAt as number,
    lostSources: idsFrom(lostSources),
    address: { sequence: sequence as Sequence, index: index as number },
    ...expiryFrom(expiresAt),
  }
}

/** @throws Fault `CORRUPT` where the content is missing */
export const readInsight = (state: StateView, scope: Scope, id: InsightId): InsightRow | undefined => {
  const head = readInsightHead(state, scope, id)
  if (head === undefined) return undefined
  const content = readRow(state, insightContentKey(scope, id))
  if (content === undefined)
    throw engineFault('CORRUPT', `content of an insight is missing id=${id}`, {
      ...{ entity: 'insight', id, part: 'content' },
    })
  // Assigned: a copy of the head would cost more than reading it.
  return Object.assign(head, { content: content[0] as string })
}

/** The embedding as a copy of its own: what a caller does to it changes nothing here. */
export const readInsightEmbedding = (state: StateView, scope: Scope, id: InsightId): Float32Array | undefined => {
  const bytes = state.get(insightEmbeddingKey(scope, id))
  return bytes === undefined ? undefined : float32FromBytes(bytes)
}

/** N2. Ids of the insights that rest on an experience, in the order in which they came. */
export const insightsOn = (state: StateView, scope: Scope, id: ExperienceId): readonly InsightId[] =>
  readIds(state, linksKey(scope, LINK.evidence, id))

/** What a caller sees of a row. Field by field, as `experienceOf`. */
export const insightOf = (collective: CollectiveId, row: InsightRow, embedding?: Float32Array): Insight => {
  const insight: Writable<Insight> = {
    id: row.id,
    sources: row.sources,
    type: row.type,
    confidence: row.confidence,
    domain: row.domain,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    lostSources: row.lostSources,
    content: row.content,
    collective,
    stale: row.lostSources.length > 0,
  }
  if (row.expiresAt !== undefined) insight.expiresAt = row.expiresAt
  if (embedding !== undefined) insight.embedding = embedding
  return insight
}

/** Stores an insight that was not there; returns its size in bytes. */
export const insertInsight = (
  state: MutableState,
  scope: Scope,
  { content, ...head }: InsightRow,
  embedding: Float32Array,
): number => {
  const { id } = head
  const [headBytes, contentBytes] = [encodeHead(head), encodeRow([content])]
  state.put(insightKey(scope, id), headBytes)
  state.put(insightContentKey(scope, id), contentBytes)
  state.put(insightEmbeddingKey(scope, id), float32Bytes(embedding))
  state.put(insightOrderKey(scope, head.createdAt, head.address), encodeRow([id]))
  for (const source of keptSources(head)) appendId(state, linksKey(scope, LINK.evidence, source), id)
  return headBytes.length + contentBytes.length + embedding.byteLength
}

/** N1. Takes a source from an insight; returns by how many bytes it grew. */
export const loseSource = (
  state: MutableState,
  scope: Scope,
  head: InsightHead,
  { source, timeMs }: { readonly source: ExperienceId; readonly timeMs: number },
): number => {
  removeId(state, linksKey(scope, LINK.evidence, source), head.id)
  return putInsightHead(state, scope, { ...head, updatedAt: timeMs, lostSources: [...head.lostSources, source] })
}

/** N1. Stores the new form of an insight that keeps its evidence; returns by how many bytes it grew. */
export const putInsightHead = (state: MutableState, scope: Scope, head: InsightHead): number => {
  const key = insightKey(scope, head.id)
  const before = state.get(key)?.length ?? 0
  const bytes = encodeHead(head)
  state.put(key, bytes)
  return bytes.length - before
}

/** Removes an insight and all that belongs to it; returns how many bytes went. */
export const eraseInsight = (state: MutableState, scope: Scope, head: InsightHead): number => {
  const keys = [insightKey, insightContentKey, insightEmbeddingKey].map((keyOf) => keyOf(scope, head.id))
  const bytes = keys.reduce((sum, key) => sum + (state.get(key)?.length ?? 0), 0)
  for (const key of [...keys, insightOrderKey(scope, head.createdAt, head.address)]) state.delete(key)
  for (const source of keptSources(head)) removeId(state, linksKey(scope, LINK.evidence, source), head.id)
  forgetExpiry(state, scope, 'insight', head.id, head.expiresAt)
  return bytes
}

/** N2. */
const keptSources = ({ sources, lostSources }: InsightHead): Iterable<ExperienceId> => {
  const lost = new Set(lostSources)
  return new Set(sources.filter((source) => !lost.has(source)))
}

/** What conditions on changes may ask of an insight. */
export const insightFacets = ({
  createdAt,
  confidence,
  domain,
}: Pick<InsightHead, 'createdAt' | 'confidence' | 'domain'>) => ({
  ...{ createdAt, confidence, domain },
})

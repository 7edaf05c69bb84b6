/** The shapes of what hangs on experiences: relations and insights. */
import { insightTypes } from '../insight.ts'
import { BATCH_ITEMS_MAX, REQUEST_BYTES_MAX } from '../limits.ts'
import { relationTypes } from '../relation.ts'
import { optional, withDefault } from '../schema/decoder.ts'
import { embedding } from '../schema/embedding.ts'
import { map } from '../schema/map.ts'
import { float, list, oneOf, text, time, uuid } from '../schema/values.ts'

/** Texts and lists whose published limits are checked in order by the engine; here only against hostile sizes. */
const anyText = text({ bytesMax: REQUEST_BYTES_MAX })

export const newRelationFields = {
  id: optional(uuid),
  source: uuid,
  target: uuid,
  type: oneOf(relationTypes),
  strength: withDefault(float, 1),
  metadata: optional(anyText),
} as const

export const restoredRelation = map({ ...newRelationFields, id: uuid, createdAt: time, expiresAt: optional(time) })

export const newInsightFields = {
  id: optional(uuid),
  content: withDefault(anyText, ''),
  embedding: optional(embedding),
  sources: withDefault(list(uuid, { itemsMax: BATCH_ITEMS_MAX }), []),
  type: oneOf(insightTypes),
  confidence: withDefault(float, 0.5),
  domain: withDefault(list(anyText, { itemsMax: BATCH_ITEMS_MAX }), []),
} as const

export const restoredInsight = map({
  ...newInsightFields,
  id: uuid,
  embedding,
  createdAt: time,
  updatedAt: time,
  lostSources: withDefault(list(uuid, { itemsMax: BATCH_ITEMS_MAX }), []),
  expiresAt: optional(time),
})

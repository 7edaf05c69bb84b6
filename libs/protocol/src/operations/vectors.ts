import { FILTER_DEPTH_MAX, POINTS_PER_BATCH_MAX, RESULTS_DEFAULT } from '../limits.ts'
import { optional, withDefault } from '../schema/decoder.ts'
import { embedding } from '../schema/embedding.ts'
import { map } from '../schema/map.ts'
import { list, oneOf, uint64, uuid } from '../schema/values.ts'
import { vectorDurabilities, vectorMetrics } from '../vector-store.ts'
import { operation } from './operation.ts'
import { resultCount } from './page-fields.ts'
import { payloadFilter } from './payload-filter.ts'
import { jsonPayload } from './json-payload.ts'
import { ttlMs } from './ttl-fields.ts'

const ids = list(uint64, { itemsMax: POINTS_PER_BATCH_MAX })

/** The writes of vectors and payloads that a batch may mix with others. */
export const pointWriteFields = {
  'vectors.store': { items: list(map({ id: uint64, vector: embedding }), { itemsMax: POINTS_PER_BATCH_MAX }), ttlMs },
  'vectors.delete': { ids },
  'payloads.store': { items: list(jsonPayload, { itemsMax: POINTS_PER_BATCH_MAX }), ttlMs },
  'payloads.delete': { ids },
} as const

const page = { collective: uuid, limit: withDefault(resultCount, 1_000), after: optional(uint64) } as const

export const vectorOperations = {
  'vectors.store': operation('write', { collective: uuid, ...pointWriteFields['vectors.store'] }),
  'vectors.delete': operation('write', { collective: uuid, ...pointWriteFields['vectors.delete'] }),
  /** Answered when everything before it is durable. */
  'vectors.flush': operation('write', { collective: uuid }),
  'vectors.configure': operation('write', { collective: uuid, durability: oneOf(vectorDurabilities) }),
  'vectors.get': operation('read', { collective: uuid, ids }),
  /** Ascending. */
  'vectors.ids': operation('read', page),
  'vectors.status': operation('read', { collective: uuid }),
  'vectors.search': operation('read', {
    collective: uuid,
    vector: embedding,
    k: withDefault(resultCount, RESULTS_DEFAULT),
    metric: withDefault(oneOf(vectorMetrics), 'cosine'),
    filter: optional(payloadFilter(FILTER_DEPTH_MAX)),
    include: withDefault(list(oneOf(['vector', 'payload']), { itemsMax: 2 }), []),
  }),
  'payloads.store': operation('write', { collective: uuid, ...pointWriteFields['payloads.store'] }),
  'payloads.delete': operation('write', { collective: uuid, ...pointWriteFields['payloads.delete'] }),
  /** Answered when everything before it is durable. */
  'payloads.flush': operation('write', { collective: uuid }),
  'payloads.get': operation('read', {
    collective: uuid,
    ids,
    as: withDefault(oneOf(['payload', 'json']), 'payload'),
  }),
  /** Ascending. */
  'payloads.ids': operation('read', page),
  'payloads.status': operation('read', { collective: uuid }),
} as const

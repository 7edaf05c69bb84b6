import { memoryTypes } from '../page-store.ts'
import { BATCH_ITEMS_MAX, PAGE_DATA_BYTES, PAGES_MAX } from '../limits.ts'
import { bytes } from '../schema/bytes.ts'
import { optional, withDefault } from '../schema/decoder.ts'
import { map } from '../schema/map.ts'
import { integer, list, oneOf, uuid } from '../schema/values.ts'
import { memoryNodeFields } from './memory-fields.ts'
import { operation } from './operation.ts'
import { resultCount } from './page-fields.ts'
import { ttlMs } from './ttl-fields.ts'

const page = integer({ min: 1, max: PAGES_MAX })
const memory = map(memoryNodeFields(oneOf(memoryTypes)))

export const pageOperations = {
  'pages.allocate': operation('write', { collective: uuid }),
  'pages.write': operation('write', { collective: uuid, page, bytes: bytes({ bytesMax: PAGE_DATA_BYTES }) }),
  /** All or none; an id that is there keeps its page and gets the new memory. */
  'pages.store': operation('write', { collective: uuid, memories: list(memory, { itemsMax: BATCH_ITEMS_MAX }), ttlMs }),
  /** Replaces the memory of a page. */
  'pages.update': operation('write', { collective: uuid, page, memory }),
  /** Forgets the memory of a page, or of an id. */
  'pages.delete': operation('write', { collective: uuid, page: optional(page), id: optional(uuid) }),
  /** Answered when everything before it is durable. */
  'pages.checkpoint': operation('write', { collective: uuid }),
  'pages.read': operation('read', { collective: uuid, page }),
  /** The memory of a page, or of an id. */
  'pages.load': operation('read', { collective: uuid, page: optional(page), id: optional(uuid) }),
  /** Memories by their pages, ascending; each is read and its checksum verified. */
  'pages.scan': operation('read', { collective: uuid, limit: withDefault(resultCount, 1_000), after: optional(page) }),
  'pages.status': operation('read', { collective: uuid }),
} as const

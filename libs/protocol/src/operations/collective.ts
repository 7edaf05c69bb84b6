import {
  BATCH_ITEMS_MAX,
  COLLECTIVE_EMBEDDER_BYTES_MAX,
  COLLECTIVE_OWNER_BYTES_MAX,
  DIMENSION_MAX,
  REQUEST_BYTES_MAX,
} from '../limits.ts'
import { optional, withDefault } from '../schema/decoder.ts'
import { integer, list, oneOf, text, uuid } from '../schema/values.ts'
import { TEXT_LANGUAGES } from '../text-language.ts'
import { decayConfig, restoredExperience } from './experience-fields.ts'
import { restoredInsight, restoredRelation } from './link-fields.ts'
import { operation } from './operation.ts'

/** The name's own rules (empty, white space, length) are checked in their published order by the engine. */
const name = withDefault(text({ bytesMax: REQUEST_BYTES_MAX }), '')
const owner = text({ bytesMin: 1, bytesMax: COLLECTIVE_OWNER_BYTES_MAX })
const language = oneOf(TEXT_LANGUAGES)

export const newCollective = {
  name,
  dimension: integer({ min: 1, max: DIMENSION_MAX }),
  owner: optional(owner),
  embedder: optional(text({ bytesMin: 1, bytesMax: COLLECTIVE_EMBEDDER_BYTES_MAX })),
  language: optional(language),
}

export const collectiveOperations = {
  'collective.create': operation('write', { id: optional(uuid), ...newCollective }),
  'collective.getOrCreate': operation('write', newCollective),
  'collective.get': operation('read', { collective: optional(uuid), name: optional(text({ bytesMin: 1 })) }),
  'collective.list': operation('read', { owner: optional(owner) }),
  'collective.stats': operation('read', { collective: uuid }),
  'collective.update': operation('admin', {
    collective: uuid,
    name: optional(text({ bytesMax: REQUEST_BYTES_MAX })),
    owner: optional(owner),
    decay: optional(decayConfig),
    language: optional(language),
  }),
  'collective.delete': operation('admin', { collective: uuid }),
  'collective.restore': operation('admin', {
    collective: uuid,
    experiences: withDefault(list(restoredExperience, { itemsMax: BATCH_ITEMS_MAX }), []),
    relations: withDefault(list(restoredRelation, { itemsMax: BATCH_ITEMS_MAX }), []),
    insights: withDefault(list(restoredInsight, { itemsMax: BATCH_ITEMS_MAX }), []),
  }),
  'tenant.usage': operation('admin', {}),
} as const

import { PATH_BUDGET_DEFAULT, PATH_BUDGET_MAX, PATH_DEPTH_DEFAULT, PATH_DEPTH_MAX, RESULTS_DEFAULT } from '../limits.ts'
import { relationDirections, relationTypes } from '../relation.ts'
import { optional, withDefault } from '../schema/decoder.ts'
import { integer, list, oneOf, text, threshold, uuid } from '../schema/values.ts'
import { include } from './experience-fields.ts'
import { newRelationFields } from './link-fields.ts'
import { operation } from './operation.ts'
import { pageFields, resultCount } from './page-fields.ts'
import { ttlMs } from './ttl-fields.ts'

const address = { collective: uuid, id: uuid }
const type = oneOf(relationTypes)
const direction = oneOf(relationDirections)

export const relationOperations = {
  'relation.create': operation('write', { collective: uuid, ...newRelationFields, ttlMs }),
  'relation.delete': operation('write', address),
  'relation.get': operation('read', address),
  'relation.list': operation('read', { collective: uuid, ...pageFields }),
  'relation.related': operation('read', {
    ...address,
    direction: withDefault(direction, 'both'),
    type: optional(type),
    minStrength: optional(threshold),
    limit: withDefault(resultCount, 100),
    cursor: optional(text({ bytesMax: 200 })),
    include,
  }),
  'relation.paths': operation('read', {
    collective: uuid,
    from: uuid,
    to: optional(uuid),
    direction: withDefault(direction, 'outgoing'),
    types: optional(list(type, { itemsMax: relationTypes.length })),
    minStrength: optional(threshold),
    maxDepth: withDefault(integer({ min: 1, max: PATH_DEPTH_MAX }), PATH_DEPTH_DEFAULT),
    limit: withDefault(resultCount, RESULTS_DEFAULT),
    budget: withDefault(integer({ min: 1, max: PATH_BUDGET_MAX }), PATH_BUDGET_DEFAULT),
  }),
} as const

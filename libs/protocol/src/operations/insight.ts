import { RESULTS_DEFAULT, RESULTS_MAX } from '../limits.ts'
import { withDefault } from '../schema/decoder.ts'
import { embedding } from '../schema/embedding.ts'
import { integer, uuid } from '../schema/values.ts'
import { include } from './experience-fields.ts'
import { newInsightFields } from './link-fields.ts'
import { operation } from './operation.ts'
import { pageFields } from './page-fields.ts'
import { ttlMs } from './ttl-fields.ts'

const address = { collective: uuid, id: uuid }

export const insightOperations = {
  'insight.store': operation('write', { collective: uuid, ...newInsightFields, ttlMs }),
  'insight.delete': operation('write', address),
  'insight.get': operation('read', address),
  'insight.list': operation('read', { collective: uuid, ...pageFields, include }),
  'insight.search': operation('read', {
    collective: uuid,
    // 0 finds nothing: PulseDB takes it here, and nowhere else.
    k: withDefault(integer({ min: 0, max: RESULTS_MAX }), RESULTS_DEFAULT),
    embedding,
    include,
  }),
} as const

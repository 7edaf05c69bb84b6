import { BATCH_ITEMS_MAX, RESULTS_DEFAULT } from '../limits.ts'
import { optional, withDefault } from '../schema/decoder.ts'
import { map } from '../schema/map.ts'
import { float, integer, list, time, uuid } from '../schema/values.ts'
import { experienceFilter, experiencePatch, include, newExperienceFields } from './experience-fields.ts'
import { operation, withEither } from './operation.ts'
import { pageFields, resultCount } from './page-fields.ts'
import { searchFields, SOUGHT } from './search-fields.ts'
import { changedTtlMs, ttlMs } from './ttl-fields.ts'

const address = { collective: uuid, id: uuid }

export const experienceOperations = {
  'experience.record': operation('write', { collective: uuid, ...newExperienceFields, ttlMs }),
  'experience.recordMany': operation('write', {
    collective: uuid,
    experiences: list(map({ ...newExperienceFields, ttlMs }), { itemsMax: BATCH_ITEMS_MAX }),
  }),
  'experience.update': operation('write', {
    ...address,
    patch: experiencePatch,
    ifVersion: optional(integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
    ttlMs: changedTtlMs,
  }),
  'experience.archive': operation('write', address),
  'experience.unarchive': operation('write', address),
  'experience.delete': operation('write', address),
  'experience.reinforce': operation('write', address),
  'experience.get': operation('read', address),
  'experience.getMany': operation('read', {
    collective: uuid,
    ids: list(uuid, { itemsMax: BATCH_ITEMS_MAX }),
    include,
  }),
  'experience.list': operation('read', {
    collective: uuid,
    ...pageFields,
    filter: optional(experienceFilter),
    include,
  }),
  'experience.recent': operation('read', {
    collective: uuid,
    limit: withDefault(resultCount, RESULTS_DEFAULT),
    filter: optional(experienceFilter),
    include,
  }),
  'experience.search': withEither(
    operation('read', { collective: uuid, k: withDefault(resultCount, RESULTS_DEFAULT), ...searchFields }),
    SOUGHT,
  ),
  'experience.energy': operation('read', { ...address, now: optional(time) }),
  'experience.cold': operation('read', {
    limit: withDefault(resultCount, RESULTS_DEFAULT),
    below: optional(float),
    collective: uuid,
    now: optional(time),
  }),
} as const

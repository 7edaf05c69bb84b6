import { BATCH_ITEMS_MAX, PAGE_ITEMS_DEFAULT, RESULTS_DEFAULT, RESULTS_MAX } from '../limits.ts'
import { optional, withDefault } from '../schema/decoder.ts'
import { embedding } from '../schema/embedding.ts'
import { integer, list, text, uuid } from '../schema/values.ts'
import { experienceFilter, experiencePatch, include, newExperience, newExperienceFields } from './experience-fields.ts'
import { operation } from './operation.ts'

const address = { collective: uuid, id: uuid }
const results = integer({ min: 1, max: RESULTS_MAX })

export const experienceOperations = {
  'experience.record': operation('write', { collective: uuid, ...newExperienceFields }),
  'experience.recordMany': operation('write', {
    collective: uuid,
    experiences: list(newExperience, { itemsMax: BATCH_ITEMS_MAX }),
  }),
  'experience.update': operation('write', {
    ...address,
    patch: experiencePatch,
    ifVersion: optional(integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
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
    limit: withDefault(results, PAGE_ITEMS_DEFAULT),
    cursor: optional(text({ bytesMax: 200 })),
    filter: optional(experienceFilter),
    include,
  }),
  'experience.recent': operation('read', {
    collective: uuid,
    limit: withDefault(results, RESULTS_DEFAULT),
    filter: optional(experienceFilter),
    include,
  }),
  'experience.search': operation('read', {
    collective: uuid,
    k: withDefault(results, RESULTS_DEFAULT),
    embedding,
    filter: optional(experienceFilter),
    include,
  }),
} as const

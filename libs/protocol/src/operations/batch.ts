import { BATCH_ITEMS_MAX } from '../limits.ts'
import { taggedUnion, type MapOf } from '../schema/map.ts'
import { integer, list, uuid } from '../schema/values.ts'
import { optional } from '../schema/decoder.ts'
import { experiencePatch, newExperienceFields } from './experience-fields.ts'
import { keyWriteFields } from './keys.ts'
import { newInsightFields, newRelationFields } from './link-fields.ts'
import { operation } from './operation.ts'
import { changedTtlMs, ttlMs } from './ttl-fields.ts'
import { pointWriteFields } from './vectors.ts'

const id = { id: uuid }

/** The writes that a batch may mix, each without the collective that all of them share. */
const commandFields = {
  'experience.record': { ...newExperienceFields, ttlMs },
  'experience.update': {
    ...id,
    patch: experiencePatch,
    ifVersion: optional(integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
    ttlMs: changedTtlMs,
  },
  'experience.archive': id,
  'experience.unarchive': id,
  'experience.delete': id,
  'experience.reinforce': id,
  'relation.create': { ...newRelationFields, ttlMs },
  'relation.delete': id,
  'insight.store': { ...newInsightFields, ttlMs },
  'insight.delete': id,
  ...keyWriteFields,
  ...pointWriteFields,
} as const

export type BatchCommandName = keyof typeof commandFields

/** A command of a batch: the operation's name, and its fields beside it. */
export type BatchCommand = {
  [Name in BatchCommandName]: { readonly operation: Name } & MapOf<(typeof commandFields)[Name]>
}[BatchCommandName]

export const batchOperations = {
  'batch.commit': operation('write', {
    collective: uuid,
    commands: list(taggedUnion('operation', commandFields), { itemsMax: BATCH_ITEMS_MAX }),
  }),
} as const

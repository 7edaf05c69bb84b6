/**
 * The shapes of what PulseDB's storage port takes: whole records with the fields that the server owns. The rules of
 * their fields are the engine's to check, as those of requests.
 */
import { activityFields } from './activity.ts'
import { newCollective } from './collective.ts'
import { decayConfig, experiencePatch, newExperienceFields } from './experience-fields.ts'
import { newInsightFields, newRelationFields } from './link-fields.ts'
import { APPLICATION_INSTANCES_MAX, UINT32_MAX } from '../limits.ts'
import { relationTypes } from '../relation.ts'
import { invalidField, optional, tooManyItems, type Decoder } from '../schema/decoder.ts'
import { embedding } from '../schema/embedding.ts'
import { isMap, map } from '../schema/map.ts'
import { boolean, integer, oneOf, text, time, uuid } from '../schema/values.ts'

const INSTANCE = /^[A-Za-z0-9-]{1,64}$/

const count = integer({ min: 0, max: UINT32_MAX })

/** Reinforcements per instance. Each is named in every form that the row takes, so there is a limit to how many. */
const applications: Decoder<Readonly<Record<string, number>>> = (value, field) => {
  if (!isMap(value)) throw invalidField(field, 'map')
  const entries = Object.entries(value)
  if (entries.length > APPLICATION_INSTANCES_MAX) throw tooManyItems(field, entries.length, APPLICATION_INSTANCES_MAX)
  return Object.fromEntries(
    entries.map(([instance, counted]) => {
      if (!INSTANCE.test(instance)) throw invalidField(field, `instances as ${String(INSTANCE)}`)
      return [instance, count(counted, `${field}.${instance}`)]
    }),
  )
}

const address = map({ sequence: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), index: count })

const decoders = {
  collective: map({ ...newCollective, id: uuid, decay: optional(decayConfig), createdAt: time, updatedAt: time }),
  experience: map({
    ...newExperienceFields,
    ...{ id: uuid, collective: uuid, embedding, applications },
    ...{ timestamp: time, lastReinforced: time, archived: boolean },
  }),
  update: experiencePatch,
  embedding,
  relation: map({ ...newRelationFields, id: uuid, createdAt: time }),
  relationType: oneOf(relationTypes),
  insight: map({ ...newInsightFields, id: uuid, collective: uuid, embedding, createdAt: time, updatedAt: time }),
  activity: map({ collective: uuid, ...activityFields, startedAt: time, lastHeartbeat: time }),
  cursor: map({ instanceId: uuid, lastSequence: address }),
  address,
  id: uuid,
  agent: text(),
  /** A `limit` or an `offset`. */
  count: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
} as const

export type StoredRecordName = keyof typeof decoders

type Decoded<Name extends StoredRecordName> = ReturnType<(typeof decoders)[Name]>

/** Decodes what a caller of the storage port handed in as `field`. @throws Fault `INVALID_FIELD` and its kin */
export const storedRecord = <Name extends StoredRecordName>(name: Name, value: unknown, field: string): Decoded<Name> =>
  (decoders[name] as Decoder<Decoded<Name>>)(value, field)

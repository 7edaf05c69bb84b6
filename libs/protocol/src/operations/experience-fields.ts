/** The shapes of an experience and of what speaks about experiences, shared by several operations. */
import { DECAY_DEFAULT } from '../decay.ts'
import { experienceKinds, severities } from '../experience.ts'
import {
  BATCH_ITEMS_MAX,
  FILTER_VALUES_MAX,
  REQUEST_BYTES_MAX,
  SOURCE_TASK_BYTES_MAX,
  TYPE_TEXT_BYTES_MAX,
} from '../limits.ts'
import { optional, withDefault } from '../schema/decoder.ts'
import { embedding } from '../schema/embedding.ts'
import { map, taggedUnion } from '../schema/map.ts'
import { boolean, float, integer, list, number, oneOf, text, threshold, time, uuid } from '../schema/values.ts'

const typeText = text({ bytesMax: TYPE_TEXT_BYTES_MAX })

const experienceType = taggedUnion('kind', {
  difficulty: { description: typeText, severity: oneOf(severities) },
  solution: { problemRef: optional(uuid), approach: typeText, worked: boolean },
  errorPattern: { signature: typeText, fix: typeText, prevention: typeText },
  successPattern: { taskType: typeText, approach: typeText, quality: float },
  userPreference: { category: typeText, preference: typeText, strength: float },
  architecturalDecision: { decision: typeText, rationale: typeText },
  techInsight: { technology: typeText, insight: typeText },
  fact: { statement: typeText, source: typeText },
  generic: { category: optional(typeText) },
})

const VERSION_MAX = 2 ** 40

/** Lists and texts whose published limits are checked in order by the engine; here only against hostile sizes. */
const anyText = text({ bytesMax: REQUEST_BYTES_MAX })
const anyTexts = list(anyText, { itemsMax: BATCH_ITEMS_MAX })

const sourceTask = text({ bytesMax: SOURCE_TASK_BYTES_MAX })

export const newExperienceFields = {
  id: optional(uuid),
  content: withDefault(anyText, ''),
  type: withDefault(experienceType, { kind: 'generic' }),
  embedding: optional(embedding),
  importance: withDefault(float, 0.5),
  confidence: withDefault(float, 0.5),
  domain: withDefault(anyTexts, []),
  relatedFiles: withDefault(anyTexts, []),
  sourceAgent: withDefault(anyText, 'anonymous'),
  sourceTask: optional(sourceTask),
} as const

export const restoredExperience = map({
  ...newExperienceFields,
  id: uuid,
  embedding,
  applications: integer({ min: 0, max: 0xffff_ffff }),
  createdAt: time,
  lastReinforced: time,
  archived: boolean,
  // Far below what a number can count to: a record at the end of its numbers could never be changed again.
  version: integer({ min: 1, max: VERSION_MAX }),
  expiresAt: optional(time),
})

export const experiencePatch = map({
  importance: optional(float),
  confidence: optional(float),
  domain: optional(anyTexts),
  relatedFiles: optional(anyTexts),
  archived: optional(boolean),
})

const filterTexts = list(anyText, { itemsMax: FILTER_VALUES_MAX })

export const experienceFilterFields = {
  domains: optional(filterTexts),
  types: optional(list(oneOf(experienceKinds), { itemsMax: FILTER_VALUES_MAX })),
  minImportance: optional(threshold),
  minConfidence: optional(threshold),
  since: optional(time),
  until: optional(time),
  agents: optional(filterTexts),
  tasks: optional(filterTexts),
  files: optional(filterTexts),
  includeArchived: optional(boolean),
} as const

export const experienceFilter = map(experienceFilterFields)

/** That they are finite, not negative and sum to 1 is a rule of the field. */
const recallWeights = map({ similarity: number, energy: number })

/** Its ranges are rules of the fields. */
export const decayConfig = map({
  halfLifeMs: withDefault(number, DECAY_DEFAULT.halfLifeMs),
  freqWeight: withDefault(number, DECAY_DEFAULT.freqWeight),
  floor: withDefault(number, DECAY_DEFAULT.floor),
  weights: optional(recallWeights),
})

/** What a list of experiences carries beside the record; the embedding only where it is asked for. */
export const include = withDefault(list(oneOf(['embedding']), { itemsMax: 1 }), [])

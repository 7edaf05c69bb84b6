/**
 * The rules of an experience's fields, in PulseDB's published order of checks: the first failure wins. They come after
 * the question whether the collective is there. Beyond PulseDB, an embedding must be finite and not all zero.
 */
import { fault } from '../errors.ts'
import type { ExperiencePatch, ExperienceType, NewExperience } from '../experience.ts'
import {
  CONTENT_BYTES_MAX,
  DOMAIN_TAG_BYTES_MAX,
  DOMAIN_TAGS_MAX,
  RELATED_FILE_BYTES_MAX,
  RELATED_FILES_MAX,
  SOURCE_AGENT_BYTES_MAX,
} from '../limits.ts'
import { invalidField, requiredField } from '../schema/decoder.ts'
import { checkAgent, checkContent, checkTexts, checkUnitRange } from './field-rules.ts'

/** @param prefix path of the experience inside the request: empty, or `experiences[3].` */
export function checkNewExperience(
  experience: NewExperience,
  dimension: number,
  prefix: string,
): asserts experience is NewExperience & { readonly embedding: Float32Array } {
  checkContent(experience.content, `${prefix}content`, CONTENT_BYTES_MAX)
  checkChangeable(experience, prefix)
  checkEmbedding(experience.embedding, dimension, `${prefix}embedding`)
  checkAgent(experience.sourceAgent, `${prefix}sourceAgent`, SOURCE_AGENT_BYTES_MAX)
  checkType(experience.type, `${prefix}type`)
}

/** @param prefix path of the patch inside the request */
export const checkPatch = (patch: ExperiencePatch, prefix = 'patch.'): void => {
  checkChangeable(patch, prefix)
}

const checkChangeable = (fields: ExperiencePatch, prefix: string): void => {
  checkUnitRange(fields.importance, `${prefix}importance`)
  checkUnitRange(fields.confidence, `${prefix}confidence`)
  checkTexts(fields.domain, `${prefix}domain`, DOMAIN_TAGS_MAX, DOMAIN_TAG_BYTES_MAX)
  checkTexts(fields.relatedFiles, `${prefix}relatedFiles`, RELATED_FILES_MAX, RELATED_FILE_BYTES_MAX)
}

const checkEmbedding = (embedding: Float32Array | undefined, dimension: number, field: string): void => {
  if (embedding === undefined) throw requiredField(field)
  checkVector(embedding, dimension, field)
}

/** The dimension, then that the vector has a direction: finite components, not all zero. */
export const checkVector = (vector: Float32Array, dimension: number, field: string): void => {
  if (vector.length !== dimension)
    throw fault(
      'DIMENSION_MISMATCH',
      `embedding has another dimension field=${field} expected=${dimension} got=${vector.length}`,
      { field, expected: dimension, got: vector.length },
    )
  let isZero = true
  for (let index = 0; index < vector.length; index += 1) {
    const component = vector[index] as number
    if (!Number.isFinite(component))
      throw invalidField(`${field}[${index}]`, 'a finite single-precision number', { value: String(component) })
    if (component !== 0) isZero = false
  }
  if (isZero) throw invalidField(field, 'a vector that is not all zero')
}

const checkType = (type: ExperienceType, field: string): void => {
  if (type.kind === 'successPattern') checkUnitRange(type.quality, `${field}.quality`)
  if (type.kind === 'userPreference') checkUnitRange(type.strength, `${field}.strength`)
}

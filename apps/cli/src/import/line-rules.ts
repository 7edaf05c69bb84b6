/**
 * The rules of a new experience, asked before the line is sent. The store has the last word and says the same; but it
 * says so when the lines behind are already on their way, and a bad line must stop those.
 */
import { utf8Size } from '@waggle/kernel'
import {
  contentTooLarge,
  decodeRequest,
  fault,
  invalidField,
  limits,
  requiredField,
  tooManyItems,
  type Collective,
  type ExperienceType,
  type NewExperience,
} from '@waggle/protocol'

/**
 * The experience that a line asks for, in the form in which the store keeps it: numbers in single precision, what is
 * absent filled in.
 * @throws Fault of kind `invalid` that names the field
 */
export const checkedExperience = (
  { id: collective, dimension, embedder }: Collective,
  fields: Readonly<Record<string, unknown>>,
): NewExperience => {
  const request = decodeRequest('experience.record', { ...fields, collective })
  const { collective: _, ...experience } = request.fields as NewExperience & { readonly collective: string }
  checkContent(experience.content)
  for (const field of ['importance', 'confidence'] as const) checkShare(experience[field], field)
  checkTexts(experience.domain, 'domain', limits.DOMAIN_TAGS_MAX, limits.DOMAIN_TAG_BYTES_MAX)
  checkTexts(experience.relatedFiles, 'relatedFiles', limits.RELATED_FILES_MAX, limits.RELATED_FILE_BYTES_MAX)
  if (experience.embedding !== undefined) checkVector(experience.embedding, dimension)
  else if (embedder === undefined) throw requiredField('embedding')
  checkAgent(experience.sourceAgent)
  checkType(experience.type)
  return experience
}

const checkContent = (content: string): void => {
  if (content === '') throw requiredField('content')
  const size = utf8Size(content)
  if (size > limits.CONTENT_BYTES_MAX) throw contentTooLarge('content', size, limits.CONTENT_BYTES_MAX)
}

const checkShare = (value: number, field: string): void => {
  if (!(value >= 0 && value <= 1)) throw invalidField(field, 'number 0..1', { min: 0, max: 1, value: String(value) })
}

const checkTexts = (texts: readonly string[], field: string, itemsMax: number, bytesMax: number): void => {
  if (texts.length > itemsMax) throw tooManyItems(field, texts.length, itemsMax)
  texts.forEach((text, index) => {
    const size = utf8Size(text)
    if (size > bytesMax)
      throw invalidField(`${field}[${index}]`, `at most ${bytesMax} bytes`, { size, limit: bytesMax })
  })
}

const checkVector = (vector: Float32Array, dimension: number): void => {
  const field = 'embedding'
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

const checkAgent = (agent: string): void => {
  if (agent === '') throw requiredField('sourceAgent')
  const size = utf8Size(agent)
  const limit = limits.SOURCE_AGENT_BYTES_MAX
  if (size > limit) throw invalidField('sourceAgent', `at most ${limit} bytes`, { size, limit })
}

const checkType = (type: ExperienceType): void => {
  if (type.kind === 'successPattern') checkShare(type.quality, 'type.quality')
  if (type.kind === 'userPreference') checkShare(type.strength, 'type.strength')
}

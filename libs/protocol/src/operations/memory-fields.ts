/** The shape of a memory of the page store. */
import { utf8Size, type Uuid } from '@waggle/kernel'
import { fault } from '../errors.ts'
import {
  ATTRIBUTE_NAME_BYTES_MAX,
  MEMORY_ATTRIBUTES_MAX,
  MEMORY_BYTES_MAX,
  MEMORY_TAGS_MAX,
  UINT32_MAX,
} from '../limits.ts'
import type { AttributeValue, MemoryType } from '../page-store.ts'
import { checkUnitRange } from '../rules/field-rules.ts'
import { bytes } from '../schema/bytes.ts'
import { contentTooLarge, invalidField, optional, tooManyItems, withDefault, type Decoder } from '../schema/decoder.ts'
import { embeddingOrNone } from '../schema/embedding.ts'
import { isMap } from '../schema/map.ts'
import { excerpt, isWellFormed } from '../schema/unicode.ts'
import { float, integer, list, text, uuid } from '../schema/values.ts'

const NIL = '00000000-0000-0000-0000-000000000000' as Uuid
const anyText = text({ bytesMax: MEMORY_BYTES_MAX })
const anyBytes = bytes({ bytesMax: MEMORY_BYTES_MAX })
const micros = integer({ min: 0, max: Number.MAX_SAFE_INTEGER })

/** 0..1, in single precision. */
const unit: Decoder<number> = (value, field) => {
  const number = float(value, field)
  checkUnitRange(number, field)
  return number
}

/** Finite components; there may be none. */
const memoryEmbedding: Decoder<Float32Array> = (value, field) => {
  const vector = embeddingOrNone(value, field)
  const odd = vector.findIndex((component) => !Number.isFinite(component))
  if (odd !== -1) throw invalidField(`${field}[${odd}]`, 'finite number')
  return vector
}

const attributeValue: Decoder<AttributeValue> = (value, field) => {
  if (typeof value === 'string') return anyText(value, field)
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw invalidField(field, 'finite number')
    // -0 has no form in JSON.
    return value + 0
  }
  if (value instanceof Uint8Array || isMap(value)) return anyBytes(value, field)
  throw invalidField(field, 'text, number, boolean or bytes')
}

const attributes: Decoder<Readonly<Record<string, AttributeValue>>> = (value, field) => {
  if (!isMap(value)) throw invalidField(field, 'map')
  const entries = Object.entries(value)
  if (entries.length > MEMORY_ATTRIBUTES_MAX) throw tooManyItems(field, entries.length, MEMORY_ATTRIBUTES_MAX)
  return Object.fromEntries(
    entries.map(([name, each]) => {
      checkAttributeName(name, field)
      return [name, attributeValue(each, `${field}.${excerpt(name)}`)]
    }),
  )
}

/** MessagePack's decoder refuses maps with the one name that would change the map itself. */
const checkAttributeName = (name: string, field: string): void => {
  if (!isWellFormed(name)) throw invalidField(field, 'names of well-formed Unicode')
  if (name === '__proto__') throw fault('INVALID_FIELD', `field has no such name field=${field}`, { field, name })
  const size = utf8Size(name)
  if (size > ATTRIBUTE_NAME_BYTES_MAX) throw contentTooLarge(field, size, ATTRIBUTE_NAME_BYTES_MAX)
}

export const memoryNodeFields = (memoryType: Decoder<MemoryType>) =>
  ({
    id: uuid,
    agentId: uuid,
    userId: withDefault(uuid, NIL),
    spaceId: withDefault(uuid, NIL),
    memoryType,
    content: anyText,
    context: optional(anyText),
    embedding: withDefault(memoryEmbedding, new Float32Array(0)),
    createdAt: micros,
    accessedAt: micros,
    accessCount: withDefault(integer({ min: 0, max: UINT32_MAX }), 0),
    salience: withDefault(unit, 1),
    confidence: withDefault(unit, 1),
    tags: withDefault(list(anyText, { itemsMax: MEMORY_TAGS_MAX }), []),
    attributes: withDefault(attributes, {}),
    validFrom: optional(micros),
    validUntil: optional(micros),
  }) as const

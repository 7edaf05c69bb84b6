/** The shape of a memory of the page store. */
import type { Uuid } from '@waggle/kernel'
import type { MemoryType } from '../page-store.ts'
import { DIMENSION_MAX, REQUEST_BYTES_MAX } from '../limits.ts'
import { optional, withDefault, type Decoder } from '../schema/decoder.ts'
import { float, integer, list, number, text, uuid } from '../schema/values.ts'

const NIL = '00000000-0000-0000-0000-000000000000' as Uuid
const anyText = text({ bytesMax: REQUEST_BYTES_MAX })
const micros = integer({ min: 0, max: Number.MAX_SAFE_INTEGER })

export const memoryNodeFields = (memoryType: Decoder<MemoryType>) =>
  ({
    id: uuid,
    agentId: uuid,
    userId: withDefault(uuid, NIL),
    spaceId: withDefault(uuid, NIL),
    memoryType,
    content: anyText,
    context: optional(anyText),
    embedding: withDefault(list(number, { itemsMax: DIMENSION_MAX }), []),
    createdAt: micros,
    accessedAt: micros,
    accessCount: withDefault(integer({ min: 0, max: 0xffff_ffff }), 0),
    salience: withDefault(float, 1),
    confidence: withDefault(float, 1),
    tags: withDefault(list(anyText, { itemsMax: 1_000 }), []),
    validFrom: optional(micros),
    validUntil: optional(micros),
  }) as const

/**
 * A memory as the bytes that its pages hold: the length of what follows, the id, and its fields as a list. The id can
 * be read without the rest, which may lie in other pages.
 *
 * Attributes are a list of names and values, for a map's names would meet the rules of MessagePack's decoder.
 */
import { concatBytes, formatUuid, uuidBytes, type Uuid } from '@waggle/kernel'
import {
  decodeMessagePack,
  encodeMessagePack,
  float32Bytes,
  float32FromBytes,
  type AttributeValue,
  type MemoryNode,
  type MemoryType,
} from '@waggle/protocol'

const LENGTH_BYTES = 4
const ID_BYTES = 16

export const encodeMemory = (memory: MemoryNode): Uint8Array => {
  const fields = encodeMessagePack([
    ...[memory.agentId, memory.userId, memory.spaceId].map(uuidBytes),
    memory.memoryType,
    memory.content,
    memory.context ?? null,
    float32Bytes(memory.embedding),
    memory.createdAt,
    memory.accessedAt,
    memory.accessCount,
    memory.salience,
    memory.confidence,
    memory.tags,
    Object.entries(memory.attributes),
    memory.validFrom ?? null,
    memory.validUntil ?? null,
  ])
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32LE(ID_BYTES + fields.length)
  return concatBytes(length, uuidBytes(memory.id), fields)
}

/** How long the record is that begins with these bytes. */
export const recordLength = (bytes: Uint8Array): number =>
  LENGTH_BYTES + new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES).getUint32(0, true)

/** The id of the memory whose record begins with these bytes. */
export const memoryIdOf = (bytes: Uint8Array): Uuid => formatUuid(bytes.subarray(LENGTH_BYTES))

/** The memory of a whole record; nothing of it is a view into the record. */
export const decodeMemory = (record: Uint8Array): MemoryNode => {
  const row = decodeMessagePack(record.subarray(LENGTH_BYTES + ID_BYTES)) as readonly unknown[]
  return {
    id: memoryIdOf(record),
    agentId: formatUuid(row[0] as Uint8Array),
    userId: formatUuid(row[1] as Uint8Array),
    spaceId: formatUuid(row[2] as Uint8Array),
    memoryType: row[3] as MemoryType,
    content: row[4] as string,
    ...(row[5] === null ? {} : { context: row[5] as string }),
    embedding: float32FromBytes(row[6] as Uint8Array),
    createdAt: row[7] as number,
    accessedAt: row[8] as number,
    accessCount: row[9] as number,
    salience: row[10] as number,
    confidence: row[11] as number,
    tags: row[12] as string[],
    attributes: Object.fromEntries((row[13] as [string, AttributeValue][]).map(owned)),
    ...(row[14] === null ? {} : { validFrom: row[14] as number }),
    ...(row[15] === null ? {} : { validUntil: row[15] as number }),
  }
}

const owned = ([name, value]: readonly [string, AttributeValue]): readonly [string, AttributeValue] => [
  name,
  value instanceof Uint8Array ? new Uint8Array(value) : value,
]

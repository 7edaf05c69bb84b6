/**
 * The log record: one message of a shard's log, the events of one or more commands that take effect together
 * (DESIGN F1-F3, F5).
 *
 * R1  The checksum is SHA-256 over every byte before it. Those bytes hold the predecessor's hash, so the checksum *is*
 *     the chain hash: whoever knows the last one can verify the whole log.
 * R2  The first three bytes tell the format, and every format ends in that checksum. An unknown one is refused, never
 *     skipped.
 * R3  The payload is opaque here and may be cut into parts; a record that is not part of a longer batch is part 0 of 1.
 * R4  Published formats are never edited: `golden/` holds bytes of each, which must stay readable for ever.
 *
 * Layout: `W` `R` format:u8 · MessagePack list [generation, position, epoch sequence, epoch id, previous sequence,
 * previous hash, batch id, part index, part count, timeMs, payload] · SHA-256 (32 bytes).
 */
import { assert, equalBytes, isUuid, sha256, type Uuid } from '@waggle/kernel'
import { isGeneration, type Generation, type Sequence } from './address.ts'
import { decodeForeignMessagePack, decodeMessagePack, useMessagePack } from './codec/message-pack.ts'
import type { CollectiveId, TenantId } from './collective.ts'
import { RECORD_BYTES_MAX } from './limits.ts'

export const RECORD_FORMAT = 1
const MAGIC = [0x57, 0x52] as const
const HEAD_BYTES = 3
const HASH_BYTES = 32

/** A record that took effect: what the next one must name as its predecessor. */
export interface Tip {
  readonly sequence: Sequence
  readonly hash: Uint8Array
}

/** The predecessor of a log's first record. */
export const GENESIS_TIP: Tip = { sequence: 0 as Sequence, hash: new Uint8Array(HASH_BYTES) }

/** A term of leadership, named by its barrier record. */
export interface Epoch {
  readonly sequence: Sequence
  readonly id: Uuid
}

export interface LogRecord {
  readonly generation: Generation
  /** The sequence that the writer expects this record to get. */
  readonly position: Sequence
  /** The term it was written in; a barrier names itself. */
  readonly epoch: Epoch
  readonly previous: Tip
  readonly batchId: Uuid
  /** `index` of `count` pieces of one batch. */
  readonly part: { readonly index: number; readonly count: number }
  /** Time of everything in this record, epoch milliseconds, never lower than the predecessor's. */
  readonly timeMs: number
  /** This part's piece of the encoded entries. */
  readonly payload: Uint8Array
}

/** One event: what happened, as data that `apply` understands. */
export type LogEvent = readonly [kind: string, body: Readonly<Record<string, unknown>>]

/** What one command did. */
export interface LogEntry {
  readonly tenant: TenantId
  /** Absent for what belongs to no collective. */
  readonly collective?: CollectiveId | undefined
  readonly command: string
  /** Idempotency: the caller's key and the hash of the decoded fields; absent for internal commands. */
  readonly key?: string | undefined
  readonly requestHash?: Uint8Array | undefined
  readonly events: readonly LogEvent[]
  /** The request's `traceparent`, of 55 characters; absent where it has none. It decides nothing. */
  readonly trace?: string | undefined
  /** What the caller was told: a result, or the plain form of a fault. */
  readonly result: LogResult
}

export type LogResult = { readonly ok: unknown } | { readonly fault: unknown }

/** A record with its bytes and its chain hash. */
export interface EncodedRecord {
  readonly record: LogRecord
  readonly bytes: Uint8Array
  readonly hash: Uint8Array
}

/** Why bytes are not a record that this version can apply. */
export type RecordDefect = 'format' | 'checksum' | 'structure'

export const encodeRecord = (record: LogRecord): EncodedRecord => {
  assert(isSound(record), 'a record that is written is one that can be read')
  const { generation, position, epoch, previous, batchId, part, timeMs, payload } = record
  const body = [
    ...[generation, position, epoch.sequence, epoch.id, previous.sequence, previous.hash, batchId],
    ...[part.index, part.count, timeMs, payload],
  ]
  const bytes = useMessagePack(body, (encoded) => {
    const whole = Buffer.allocUnsafeSlow(HEAD_BYTES + encoded.length + HASH_BYTES)
    whole.set([...MAGIC, RECORD_FORMAT])
    whole.set(encoded, HEAD_BYTES)
    return whole
  })
  const hashed = bytes.length - HASH_BYTES
  const hash = sha256(bytes.subarray(0, hashed))
  bytes.set(hash, hashed)
  assert(bytes.length <= RECORD_BYTES_MAX, 'what is larger than a record travels in parts')
  return { record, bytes, hash }
}

export const decodeRecord = (bytes: Uint8Array): EncodedRecord | { readonly defect: RecordDefect } => {
  if (bytes.length < HEAD_BYTES + HASH_BYTES || bytes[0] !== MAGIC[0] || bytes[1] !== MAGIC[1])
    return { defect: 'structure' }
  // The hash outlives the record, as the tip: a view of `bytes` would keep all of them.
  const hash = sha256(bytes.subarray(0, bytes.length - HASH_BYTES))
  if (!equalBytes(hash, bytes.subarray(bytes.length - HASH_BYTES))) return { defect: 'checksum' }
  if (bytes[2] !== RECORD_FORMAT) return { defect: 'format' }
  const decoded = decodeForeignMessagePack(bytes.subarray(HEAD_BYTES, bytes.length - HASH_BYTES))
  if ('defect' in decoded || !Array.isArray(decoded.value) || decoded.value.length !== BODY_FIELDS)
    return { defect: 'structure' }
  const record = recordOf(decoded.value)
  return isSound(record) ? { record, bytes, hash } : { defect: 'structure' }
}

const BODY_FIELDS = 11

/** The record as its bytes claim it; `isSound` checks the claim. */
const recordOf = (body: readonly unknown[]): LogRecord => {
  const [generation, position, epochSequence, epochId, previousSequence, previousHash, batchId, index, count, timeMs] =
    body
  return {
    generation: generation as Generation,
    position: position as Sequence,
    epoch: { sequence: epochSequence as Sequence, id: epochId as Uuid },
    previous: { sequence: previousSequence as Sequence, hash: previousHash as Uint8Array },
    batchId: batchId as Uuid,
    part: { index: index as number, count: count as number },
    timeMs: timeMs as number,
    payload: body[10] as Uint8Array,
  }
}

/** A checksum says that bytes are as they were written, not who wrote them: checked at both ends of the log. */
const isSound = ({ generation, position, epoch, previous, batchId, part, timeMs, payload }: LogRecord): boolean =>
  isGeneration(generation) &&
  [position, epoch.sequence, previous.sequence, part.index, part.count, timeMs].every(isCount) &&
  previous.sequence < position &&
  epoch.sequence >= 1 &&
  epoch.sequence <= position &&
  isUuid(epoch.id) &&
  isBytes(previous.hash) &&
  previous.hash.length === HASH_BYTES &&
  isUuid(batchId) &&
  part.index < part.count &&
  isBytes(payload)

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array

/** The bytes of one entry; `joinEntries` makes the payload of a batch from several. */
export const encodeEntry = (entry: LogEntry): Uint8Array => {
  const { tenant, collective, command, key, requestHash, events, result, trace } = entry
  const fields = [tenant, collective ?? null, command, key ?? null, requestHash ?? null, events, result]
  // Until its batch is joined: a short one takes its place in the process' pool of buffers.
  return useMessagePack(trace === undefined ? fields : [...fields, trace], (bytes) => Buffer.from(bytes))
}

/** The payload of a whole batch from its encoded entries. A barrier and an empty record have none. */
export const joinEntries = (entries: readonly Uint8Array[]): Uint8Array => {
  assert(entries.length <= ENTRIES_MAX, "the number of a batch's entries fits into two bytes")
  const head = Buffer.alloc(ENTRIES_HEAD_BYTES)
  head.writeUInt8(MESSAGE_PACK_ARRAY_16, 0)
  head.writeUInt16BE(entries.length, 1)
  return Buffer.concat([head, ...entries])
}

const ENTRIES_HEAD_BYTES = 3
const MESSAGE_PACK_ARRAY_16 = 0xdc
const ENTRIES_MAX = 0xffff

/** The entries of a payload that `joinEntries` made and a record's checksum vouched for. */
export const decodeEntries = (payload: Uint8Array): readonly LogEntry[] =>
  (decodeMessagePack(payload) as readonly unknown[][]).map(
    ([tenant, collective, command, key, requestHash, events, result, trace]) => ({
      tenant: tenant as TenantId,
      ...(collective === null ? {} : { collective: collective as CollectiveId }),
      command: command as string,
      ...(key === null ? {} : { key: key as string }),
      ...(requestHash === null ? {} : { requestHash: requestHash as Uint8Array }),
      events: events as readonly LogEvent[],
      result: result as LogResult,
      ...(trace === undefined ? {} : { trace: trace as string }),
    }),
  )

/** Cuts a payload into pieces of at most `bytesMax`; an empty payload is one empty piece. */
export const cutPayload = (payload: Uint8Array, bytesMax: number): readonly Uint8Array[] => {
  assert(Number.isInteger(bytesMax) && bytesMax >= 1, 'a piece holds at least one byte')
  const pieces: Uint8Array[] = []
  for (let start = 0; start === 0 || start < payload.length; start += bytesMax)
    pieces.push(payload.subarray(start, start + bytesMax))
  return pieces
}

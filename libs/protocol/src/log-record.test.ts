import { AssertionError, hexOf, sha256, type Uuid } from '@waggle/kernel'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Generation, Sequence } from './address.ts'
import { encodeMessagePack } from './codec/message-pack.ts'
import type { CollectiveId, TenantId } from './collective.ts'
import { RECORD_BYTES_MAX, RECORD_OVERHEAD_BYTES_MAX } from './limits.ts'
import {
  cutPayload,
  decodeEntries,
  decodeRecord,
  encodeEntry,
  encodeRecord,
  GENESIS_TIP,
  joinEntries,
  RECORD_FORMAT,
  type EncodedRecord,
  type LogEntry,
  type LogRecord,
} from './log-record.ts'

/** Without the Buffer around them, so that bytes compare as bytes. */
const plain = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes)

const golden = (name: string): Uint8Array => plain(readFileSync(new URL(`../golden/${name}`, import.meta.url)))

const HASH_BYTES = 32
const generation = '0123456789abcdef' as Generation
const epoch = { sequence: 1 as Sequence, id: '0190b2c0-0000-7abc-8def-0123456789ab' as Uuid }
const collective = '0190b2c0-1111-7abc-8def-0123456789ab' as CollectiveId
const experience = '0190b2c0-2222-7abc-8def-0123456789ab' as Uuid
const batchId = (number: number): Uuid => `0190b2c0-333${number}-7abc-8def-0123456789ab` as Uuid
const upTo = (start: number, end: number): Uint8Array => Uint8Array.from({ length: end - start }, (_, at) => start + at)

const decoded = (bytes: Uint8Array): EncodedRecord => {
  const record = decodeRecord(plain(bytes))
  if ('defect' in record) throw new Error(record.defect)
  return record
}

const barrier: LogRecord = {
  generation,
  position: 1 as Sequence,
  epoch,
  previous: GENESIS_TIP,
  batchId: batchId(1),
  part: { index: 0, count: 1 },
  timeMs: 1_700_000_000_000,
  payload: plain(joinEntries([])),
}

const entries: readonly LogEntry[] = [
  {
    tenant: 'default' as TenantId,
    collective,
    command: 'experience.record',
    key: 'key-1',
    requestHash: upTo(0, 16),
    events: [
      [
        'experienceRecorded',
        {
          id: experience,
          content: 'Zürich 🐝',
          importance: 0.5,
          applications: 0,
          domain: ['payments', ''],
          archived: false,
          sourceTask: null,
          embedding: new Uint8Array(Float32Array.of(0.25, -0.5, 1).buffer),
        },
      ],
    ],
    result: { ok: { id: experience } },
  },
  {
    tenant: 'default' as TenantId,
    command: 'collective.delete',
    key: 'key-2',
    requestHash: upTo(16, 32),
    events: [],
    result: {
      fault: {
        code: 'NOT_FOUND',
        kind: 'notFound',
        message: 'collective not found',
        details: { limit: 300, at: 4_294_967_296 },
      },
    },
  },
  {
    tenant: 'team-7' as TenantId,
    collective,
    command: 'collective.sweep',
    events: [
      ['swept', { rows: 256 }],
      ['tombstoneRemoved', {}],
    ],
    result: { ok: {} },
  },
]

const batch: LogRecord = {
  ...barrier,
  position: 2 as Sequence,
  previous: { sequence: 1 as Sequence, hash: plain(encodeRecord(barrier).hash) },
  batchId: batchId(2),
  timeMs: 1_700_000_000_250,
  payload: plain(joinEntries(entries.map(encodeEntry))),
}

const part: LogRecord = {
  ...batch,
  position: 70_000 as Sequence,
  previous: { sequence: 69_999 as Sequence, hash: plain(encodeRecord(batch).hash) },
  batchId: batchId(3),
  part: { index: 1, count: 3 },
  timeMs: 1_700_000_001_000,
  payload: Uint8Array.of(...upTo(0, 256), ...upTo(0, 256)),
}

/** Written by a Python transcription of the layout, never by the code under test. */
const published = [
  ['a barrier', 'record-1-barrier.bin', barrier],
  ['a batch of entries with events', 'record-1.bin', batch],
  ['the second part of three', 'record-1-part.bin', part],
] as const

/** The bytes with another body and a checksum that is right again. */
const rebuilt = (bytes: Uint8Array, change: (unsealed: Buffer) => void): Uint8Array => {
  const unsealed = Buffer.from(bytes.subarray(0, -HASH_BYTES))
  change(unsealed)
  return Buffer.concat([unsealed, sha256(unsealed)])
}

describe('the published format 1', () => {
  it.each(published)('F1 R4 of %s is written byte by byte as ever', (_what, file, record) => {
    expect(hexOf(encodeRecord(record).bytes)).toBe(hexOf(golden(file)))
  })

  it.each(published)('F1 R4 of %s stays readable', (_what, file, record) => {
    const { record: read, hash, bytes } = decoded(golden(file))
    expect(read).toEqual(record)
    expect(hexOf(hash)).toBe(hexOf(bytes.subarray(-HASH_BYTES)))
  })

  it('F1 R3 of a batch holds its entries', () => {
    expect(decodeEntries(decoded(golden('record-1.bin')).record.payload)).toEqual(entries)
    expect(decodeEntries(decoded(golden('record-1-barrier.bin')).record.payload)).toEqual([])
  })

  it('F1 R4 of a batch may name the trace of an entry; one that names none has the bytes of ever', () => {
    const [entry] = entries as [LogEntry]
    const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const traced = { ...entry, trace }
    expect(decodeEntries(joinEntries([encodeEntry(traced), encodeEntry(entry)]))).toEqual([traced, entry])
    expect(encodeEntry(traced).length - encodeEntry(entry).length).toBe(2 + trace.length)
    expect(hexOf(encodeEntry({ ...entry, trace: undefined }))).toBe(hexOf(encodeEntry(entry)))
  })

  it('R2 begins with WR and the format', () => {
    expect([...golden('record-1.bin').subarray(0, 3)]).toEqual([0x57, 0x52, RECORD_FORMAT])
  })
})

describe('the checksum', () => {
  it('F1 R1 is SHA-256 over all before it, and is the chain hash', () => {
    const { bytes, hash } = encodeRecord(batch)
    expect(hexOf(hash)).toBe(hexOf(sha256(bytes.subarray(0, -HASH_BYTES))))
    expect(hexOf(bytes.subarray(-HASH_BYTES))).toBe(hexOf(hash))
    expect(hexOf(decoded(bytes).hash)).toBe(hexOf(hash))
  })

  it('F1 R1 holds the predecessor fast: another predecessor, another hash', () => {
    const other = { ...batch, previous: { ...batch.previous, hash: encodeRecord(part).hash } }
    expect(hexOf(encodeRecord(other).hash)).not.toBe(hexOf(encodeRecord(batch).hash))
  })

  it('F1 R1 finds every single flipped bit', () => {
    const { bytes } = encodeRecord(barrier)
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Uint8Array.from(bytes)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect(decodeRecord(flipped)).toEqual({ defect: bit < 16 ? 'structure' : 'checksum' })
    }
  })

  it('F1 R1 finds every cut, and what was added', () => {
    const { bytes } = encodeRecord(barrier)
    for (let length = 0; length < bytes.length; length += 1)
      expect(decodeRecord(bytes.subarray(0, length))).toHaveProperty('defect')
    expect(decodeRecord(Buffer.concat([bytes, Uint8Array.of(0)]))).toEqual({ defect: 'checksum' })
    expect(decodeRecord(Buffer.concat([Uint8Array.of(0), bytes]))).toEqual({ defect: 'structure' })
  })

  it('is kept without the record: a tip does not hold a megabyte', () => {
    const { hash } = decoded(encodeRecord({ ...part, payload: new Uint8Array(900_000) }).bytes)
    expect(hash.buffer.byteLength).toBeLessThan(10_000)
  })
})

describe('decodeRecord', () => {
  it.each([0, 2, 3, 127, 255])('F5 R2 refuses the unknown format %i as such, since its checksum is right', (format) => {
    const bytes = rebuilt(encodeRecord(batch).bytes, (unsealed) => unsealed.writeUInt8(format, 2))
    expect(decodeRecord(bytes)).toEqual({ defect: 'format' })
  })

  it.each([
    ['nothing', new Uint8Array(0)],
    ['zeros', new Uint8Array(200)],
    ['text', Buffer.from('{"format":1}'.repeat(10))],
    ['a head and no body', Uint8Array.of(0x57, 0x52, 1)],
  ])('refuses %s', (_what, bytes) => {
    expect(decodeRecord(bytes)).toEqual({ defect: 'structure' })
  })

  it('reads a view at any offset', () => {
    const { bytes } = encodeRecord(batch)
    for (const offset of [1, 2, 3, 5])
      expect(decoded(Buffer.concat([new Uint8Array(offset), bytes]).subarray(offset)).record.batchId).toBe(
        batch.batchId,
      )
  })

  const body = (changes: Readonly<Record<number, unknown>>): unknown[] => {
    const { previous, payload } = batch
    const fields = [generation, 2, 1, epoch.id, 1, previous.hash, batch.batchId, 0, 1, batch.timeMs, payload]
    return fields.map((field, index) => (index in changes ? changes[index] : field))
  }
  const written = (value: unknown): Uint8Array => {
    const unsealed = Buffer.concat([Uint8Array.of(0x57, 0x52, 1), encodeMessagePack(value)])
    return Buffer.concat([unsealed, sha256(unsealed)])
  }

  it.each([
    ['no list', { position: 2 }],
    ['a field too few', body({}).slice(0, 10)],
    ['a field too many', [...body({}), 1]],
    ['a generation that is none', body({ 0: 'ABCDEF0123456789' })],
    ['a position of 0', body({ 1: 0, 2: 0, 4: 0 })],
    ['a position that is text', body({ 1: '2' })],
    ['a position beyond what is exact', body({ 1: 2 ** 60 })],
    ['an epoch that begins behind it', body({ 2: 3 })],
    ['an epoch of 0', body({ 2: 0 })],
    ['an epoch without an id', body({ 3: null })],
    ['a predecessor behind it', body({ 4: 2 })],
    ['a predecessor of -1', body({ 4: -1 })],
    ['a short hash', body({ 5: new Uint8Array(31) })],
    ['a hash that is text', body({ 5: 'x'.repeat(32) })],
    ['a batch id that is none', body({ 6: 'batch' })],
    ['a part beyond the last', body({ 7: 1 })],
    ['no parts', body({ 8: 0 })],
    ['a fraction of a part', body({ 8: 1.5 })],
    ['a time before 1970', body({ 9: -1 })],
    ['a time that is none', body({ 9: null })],
    ['a payload that is no bytes', body({ 10: [1] })],
  ])('R2 P10 refuses %s, though the checksum is right', (_what, value) => {
    expect(decoded(written(body({}))).record.position).toBe(2)
    expect(decodeRecord(written(value))).toEqual({ defect: 'structure' })
  })

  it('P10 refuses a body that is nested, or claims more than there is, though the checksum is right', () => {
    for (const wrong of [[0xdd, 255, 255, 255, 255], new Array<number>(100).fill(0x91), [0x9b], [0xc7, 0, 0]]) {
      const unsealed = Buffer.from([0x57, 0x52, 1, ...wrong])
      expect(decodeRecord(Buffer.concat([unsealed, sha256(unsealed)]))).toEqual({ defect: 'structure' })
    }
  })
})

describe('encodeRecord', () => {
  it.each<[string, Partial<LogRecord>]>([
    ['at position 0', { position: 0 as Sequence }],
    ['that precedes its predecessor', { previous: { sequence: 2 as Sequence, hash: new Uint8Array(32) } }],
    ['whose predecessor has half a hash', { previous: { sequence: 1 as Sequence, hash: new Uint8Array(16) } }],
    ['of an epoch to come', { epoch: { ...epoch, sequence: 9 as Sequence } }],
    ['that is part 3 of 3', { part: { index: 3, count: 3 } }],
    ['without a generation', { generation: '' as Generation }],
    ['without a batch', { batchId: '' as Uuid }],
    ['at a fraction of a millisecond', { timeMs: 0.5 }],
  ])('never writes a record %s, which nobody would read', (_what, change) => {
    expect(() => encodeRecord({ ...batch, ...change })).toThrow(AssertionError)
  })

  it('F3 leaves room for a full piece inside the largest record, and writes no larger one', () => {
    const largest = RECORD_BYTES_MAX - RECORD_OVERHEAD_BYTES_MAX
    const { bytes } = encodeRecord({
      ...part,
      position: Number.MAX_SAFE_INTEGER as Sequence,
      previous: { ...part.previous, sequence: (Number.MAX_SAFE_INTEGER - 1) as Sequence },
      payload: new Uint8Array(largest),
    })
    expect(bytes.length).toBeLessThanOrEqual(RECORD_BYTES_MAX)
    expect(() => encodeRecord({ ...part, payload: new Uint8Array(RECORD_BYTES_MAX) })).toThrow(AssertionError)
  })
})

describe('joinEntries', () => {
  const small = encodeMessagePack(0)

  it('F3 counts up to 65,535 entries, and refuses more instead of counting from 0 again', () => {
    const entriesMax = 65_535
    const payload = joinEntries(new Array<Uint8Array>(entriesMax).fill(small))
    expect(payload).toHaveLength(3 + entriesMax)
    expect([...payload.subarray(0, 3)]).toEqual([0xdc, 255, 255])
    expect(() => joinEntries(new Array<Uint8Array>(entriesMax + 1).fill(small))).toThrow(AssertionError)
  })

  it('R3 has three bytes where there is no entry', () => {
    expect([...joinEntries([])]).toEqual([0xdc, 0, 0])
    expect(decodeEntries(joinEntries([]))).toEqual([])
  })
})

describe('cutPayload', () => {
  const payload = upTo(0, 10)
  const sizes = (bytesMax: number, of = payload) => cutPayload(of, bytesMax).map(({ length }) => length)

  it('F3 R3 cuts into full pieces and a rest, never an empty one behind', () => {
    expect(sizes(11)).toEqual([10])
    expect(sizes(10)).toEqual([10])
    expect(sizes(9)).toEqual([9, 1])
    expect(sizes(5)).toEqual([5, 5])
    expect(sizes(1)).toEqual(new Array(10).fill(1))
  })

  it('F3 R3 makes one empty piece of an empty payload', () => {
    expect(sizes(5, new Uint8Array(0))).toEqual([0])
  })

  it.each([0, -1, 0.5, NaN, Infinity])('F3 has no pieces of %d bytes', (bytesMax) => {
    expect(() => cutPayload(payload, bytesMax)).toThrow(AssertionError)
  })
})

import type { Uuid } from '@waggle/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Sequence } from './address.ts'
import type { TenantId } from './collective.ts'
import {
  cutPayload,
  decodeEntries,
  decodeRecord,
  encodeEntry,
  encodeRecord,
  joinEntries,
  type LogEntry,
  type LogRecord,
} from './log-record.ts'
import { generationFrom } from './token.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const uuids = fc.uuid().map((id) => id as Uuid)
const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((name) => name !== '__proto__')
const numbers = fc.oneof(fc.maxSafeInteger(), fc.float({ noNaN: true })).map((number) => number + 0)
const scalars = fc.oneof(fc.constantFrom(null, true, false), numbers, fc.string({ unit: 'grapheme' }))
const bodies = fc.dictionary(names, fc.oneof(scalars, fc.array(scalars, { maxLength: 4 })), {
  maxKeys: 5,
  noNullPrototype: true,
})

const records: fc.Arbitrary<LogRecord> = fc
  .record({
    generation: bytes(8).map(generationFrom),
    position: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    behind: fc.tuple(fc.maxSafeNat(), fc.maxSafeNat()),
    epochId: uuids,
    hash: bytes(32),
    batchId: uuids,
    parts: fc.tuple(fc.nat(50), fc.nat(50)),
    timeMs: fc.maxSafeNat(),
    payload: fc.uint8Array({ maxLength: 300 }),
  })
  .map(({ position, behind: [epoch, previous], epochId, hash, parts: [one, other], ...rest }) => ({
    ...rest,
    position: position as Sequence,
    epoch: { sequence: (1 + (epoch % position)) as Sequence, id: epochId },
    previous: { sequence: (previous % position) as Sequence, hash },
    part: { index: Math.min(one, other), count: Math.max(one, other) + 1 },
  }))

const entryLists: fc.Arbitrary<readonly LogEntry[]> = fc.array(
  fc
    .record(
      {
        tenant: names.map((name) => name as TenantId),
        collective: uuids,
        command: names,
        key: names,
        requestHash: bytes(16),
        events: fc.array(fc.tuple(names, bodies), { maxLength: 4 }),
        result: fc.oneof(fc.record({ ok: bodies }), fc.record({ fault: bodies })),
      },
      { requiredKeys: ['tenant', 'command', 'events', 'result'], noNullPrototype: true },
    )
    .map((entry) => entry as LogEntry),
  { maxLength: 8 },
)

describe('log records', () => {
  it('F1 come back as they were written, with the same hash', () => {
    fc.assert(
      fc.property(records, (record) => {
        const written = encodeRecord(record)
        const bytes = Uint8Array.from(written.bytes)
        expect(decodeRecord(bytes)).toEqual({ record, bytes, hash: written.hash })
      }),
    )
  })

  it('F1 R1 with any byte changed are refused', () => {
    fc.assert(
      fc.property(records, fc.nat(), fc.integer({ min: 1, max: 255 }), (record, place, change) => {
        const changed = Uint8Array.from(encodeRecord(record).bytes)
        changed[place % changed.length]! ^= change
        expect(decodeRecord(changed)).toHaveProperty('defect')
      }),
    )
  })

  it('P10 no noise is a record, nor crashes the reader', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (noise, withHead) => {
        if (withHead) noise.set([0x57, 0x52, 1].slice(0, noise.length))
        expect(decodeRecord(noise)).toHaveProperty('defect')
      }),
    )
  })

  it('F1 F3 R3 entries come back from the pieces of any size that they were cut into', () => {
    fc.assert(
      fc.property(entryLists, fc.integer({ min: 1, max: 400 }), (entries, bytesMax) => {
        const payload = joinEntries(entries.map(encodeEntry))
        const pieces = cutPayload(payload, bytesMax)
        expect(pieces.slice(0, -1).every(({ length }) => length === bytesMax)).toBe(true)
        expect(pieces.at(-1)!.length).toBeGreaterThan(0)
        expect(pieces.at(-1)!.length).toBeLessThanOrEqual(bytesMax)
        const joined = Uint8Array.from(Buffer.concat(pieces))
        expect(joined).toEqual(Uint8Array.from(payload))
        expect(decodeEntries(joined)).toEqual(entries)
      }),
    )
  })
})

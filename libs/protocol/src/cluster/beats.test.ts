import type { Uuid } from '@waggle/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Generation, Sequence } from '../address.ts'
import { encodeMessagePack } from '../codec/message-pack.ts'
import {
  decodeClusterMessage,
  encodeClusterMessage,
  type ClusterMessage,
  type CompactorBeat,
  type NodeBeat,
  type ShardAlarm,
  type ShardBeat,
} from './beats.ts'

const router = '0190b2c0-2222-7abc-8def-0123456789ab'
const epoch = { sequence: 41 as Sequence, id: '0190b2c0-1111-7abc-8def-0123456789ab' as Uuid }
const fault = { code: 'LOG_DIVERGED', kind: 'corrupt', message: 'diverged', details: { shard: 3 } } as const

const shard: ShardBeat = {
  kind: 'shard',
  shard: 3,
  shards: 16,
  generation: '00112233445566aa' as Generation,
  epoch,
  node: 'shard-1',
  pid: 4711,
  leading: true,
  applied: 99 as Sequence,
  first: 2 as Sequence,
  last: 99 as Sequence,
  stream: 'WAGGLE_3_00112233445566aa',
  streamBytes: 12_345,
  holds: { 'shard-1': 50, 'shard-2': 40 },
  trouble: 'STORAGE_FULL',
  answered: { [router]: 17 },
  open: { [router]: [4, 9] },
}

const node: NodeBeat = {
  kind: 'node',
  node: 'shard-1',
  pid: 4711,
  version: '0.1.0',
  draining: false,
  leads: [3, 5],
  halted: [{ shard: 7, fault }],
}

const compactor: CompactorBeat = {
  kind: 'compactor',
  compactor: 'compactor-1',
  pid: 4712,
  active: true,
  safePoints: { 3: { sequence: 40, reason: 'hold of shard-2' } },
  servers: [
    { name: 'n1', version: '2.14.5', syncAlways: true, syncInterval: 0, storeBytes: 1_000, storeBytesMax: 1_000_000 },
  ],
}

const alarm: ShardAlarm = { kind: 'alarm', shard: 3, epoch, node: 'shard-2', fault }

const messages: readonly ClusterMessage[] = [shard, node, compactor, alarm]

describe.each(messages)('the message of kind $kind', (message) => {
  const bytes = encodeClusterMessage(message)

  it('reads as what was written, and as no other kind', () => {
    for (const { kind } of messages)
      expect(decodeClusterMessage(kind, bytes)).toEqual(kind === message.kind ? message : undefined)
  })

  const optional = new Set(['trouble', 'open'])

  it.each(Object.keys(message))('P10 without %s it is none, unless it may be left out', (field) => {
    const rest = Object.fromEntries(Object.entries(message).filter(([name]) => name !== field))
    expect(decodeClusterMessage(message.kind, encodeMessagePack(rest)) !== undefined).toBe(optional.has(field))
  })

  it.each(Object.keys(message).filter((field) => field !== 'trouble'))(
    'P10 with another sort of %s it is none',
    (field) => {
      for (const other of [null, NaN, -1.5, [[]], ['x'], [-1], { x: 'y' }])
        expect(
          decodeClusterMessage(message.kind, encodeMessagePack({ ...message, [field]: other })),
          `${field} ${JSON.stringify(other)}`,
        ).toBeUndefined()
    },
  )
})

describe('a beat', () => {
  it.each([
    { shard: 16 },
    { shards: 0, shard: 0 },
    { epoch: { ...epoch, id: 'no' } },
    { epoch: { ...epoch, sequence: -1 } },
    { generation: 'no' },
    { answered: { [router]: 0.5 } },
    { open: { [router]: 4 } },
    { open: { [router]: [4, 'x'] } },
  ])('P10 of a shard with %o is none', (fields) => {
    expect(decodeClusterMessage('shard', encodeMessagePack({ ...shard, ...fields }))).toBeUndefined()
  })

  it('P10 of noise is none', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (noise) => {
        for (const { kind } of messages) expect(decodeClusterMessage(kind, noise)).toBeUndefined()
      }),
    )
    for (const value of [null, 7, [], {}, { kind: 'shard' }, { kind: 'toString' }])
      expect(decodeClusterMessage('shard', encodeMessagePack(value))).toBeUndefined()
  })
})

import { utf8 } from '@waggle/kernel'
import { faultOf } from '@waggle/kernel/testing'
import type { Generation, Sequence } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { decodeClusterEntry, encodeClusterEntry } from './cluster-entry.ts'
import { decodeShardEntry, encodeShardEntry, newShardEntry } from './shard-entry.ts'

const cluster = { shards: 16, replicas: 3, copies: 2, durability: 'synced', createdAtMs: 1_700_000_000_000 } as const
const shard = newShardEntry(3, '00000000000000aa' as Generation, 1_000 as Sequence)

describe('entries of the directory', () => {
  test('come back as they were written, and are text', () => {
    expect(decodeClusterEntry(encodeClusterEntry(cluster))).toEqual(cluster)
    expect(decodeShardEntry(3, encodeShardEntry(shard))).toEqual(shard)
    const seen = { ...shard, created: '2026-11-21T15:00:00Z' }
    expect(decodeShardEntry(3, encodeShardEntry(seen))).toEqual(seen)
    expect(Buffer.from(encodeShardEntry(shard)).toString()).toBe(
      '{"format":1,"generation":"00000000000000aa","stream":"WAGGLE_3_00000000000000aa","firstSequence":1000}',
    )
  })

  test.each([
    ['deleted', undefined],
    ['empty', ''],
    ['null', 'null'],
    ['of another format', JSON.stringify({ format: 2, ...cluster })],
    ['without shards', JSON.stringify({ format: 1, replicas: 1, createdAtMs: 1 })],
    ['with too many shards', JSON.stringify({ format: 1, ...cluster, shards: 129 })],
    ['with half a shard', JSON.stringify({ format: 1, ...cluster, shards: 1.5 })],
  ])('a cluster entry that is %s cannot be read', (_, text) => {
    const value = text === undefined ? undefined : utf8(text)
    expect(faultOf(() => decodeClusterEntry(value)).code).toBe('DIRECTORY_UNREADABLE')
  })

  test.each([
    ['deleted', undefined],
    ['of another format', { format: 2 }],
    ['of a generation that is none', { generation: 'x' }],
    ['of another shard', { stream: 'WAGGLE_4_00000000000000aa' }],
    ['without a first sequence', { firstSequence: undefined }],
    ['with a first sequence of 0', { firstSequence: 0 }],
    ['with a number for a time', { created: 5 }],
  ])('a shard entry that is %s cannot be read', (_, change) => {
    const value = change && utf8(JSON.stringify({ format: 1, ...shard, ...change }))
    expect(faultOf(() => decodeShardEntry(3, value)).code).toBe('DIRECTORY_UNREADABLE')
  })
})

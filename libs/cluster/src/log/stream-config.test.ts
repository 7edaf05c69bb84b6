import type { StreamConfig } from '@nats-io/jetstream'
import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, test } from 'vitest'
import { bucketConfig, checkStreamConfig, LOG_BYTES_MAX_DEFAULT, logStreamConfig } from './stream-config.ts'

const log = logStreamConfig({
  stream: 'WAGGLE_3_00000000000000aa',
  subject: 'wal.3',
  liveSubject: 'live.3',
  replicas: 3,
  bytesMax: LOG_BYTES_MAX_DEFAULT,
  firstSequence: 1,
})
const bucket = bucketConfig({ bucket: 'waggle_leases', replicas: 3, ttlMs: 15_000 })

/** What a server says of it: empty fields left out, and some of its own. */
const echo = (config: object, change: Record<string, unknown> = {}): Partial<StreamConfig> => {
  const said: Record<string, unknown> = { ...config, compression: 'none', sources: [], sealed: false, ...change }
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== false && value !== 0))
}

const isTakenWith = (config: typeof log, change: Record<string, unknown>): string => {
  try {
    checkStreamConfig(config, echo(config, change))
    return 'taken'
  } catch {
    return String(faultOf(() => checkStreamConfig(config, echo(config, change))).details.field)
  }
}

describe('configuration of streams', () => {
  test('what a server echoes is taken', () => {
    for (const config of [log, bucket]) expect(isTakenWith(config, {})).toBe('taken')
  })

  test('C1 C2 the log’s fields are these', () => {
    expect(log).toEqual({
      name: 'WAGGLE_3_00000000000000aa',
      subjects: ['wal.3'],
      storage: 'file',
      retention: 'limits',
      discard: 'new',
      num_replicas: 3,
      max_bytes: 1_073_741_824,
      max_age: 0,
      max_msgs: -1,
      max_msgs_per_subject: -1,
      max_consumers: -1,
      max_msg_size: 1_004_096,
      duplicate_window: 120_000_000_000,
      deny_delete: true,
      deny_purge: false,
      allow_direct: true,
      allow_rollup_hdrs: false,
      republish: { src: 'wal.3', dest: 'live.3' },
    })
    expect(bucket).toMatchObject({ name: 'KV_waggle_leases', max_age: 15_000_000_000, max_msgs_per_subject: 1 })
  })

  test.each([
    ['storage', 'memory'],
    ['retention', 'workqueue'],
    ['discard', 'old'],
    ['subjects', ['wal.3', 'wal.4']],
    ['num_replicas', 1],
    ['max_bytes', -1],
    ['max_age', 1_000_000_000],
    ['max_msgs', 100],
    ['max_msgs_per_subject', 1],
    ['max_msg_size', 1_000],
    ['deny_delete', false],
    ['deny_purge', true],
    ['allow_direct', false],
    ['allow_rollup_hdrs', true],
    ['mirror', { name: 'OTHER' }],
    ['sources', [{ name: 'OTHER' }]],
    ['subject_transform', { src: 'wal.3', dest: 'wal.4' }],
    ['sealed', true],
    ['no_ack', true],
    ['allow_msg_ttl', true],
    ['allow_msg_counter', true],
    ['persist_mode', 'async'],
  ])('C1 C2 C3 C4 a log whose %s is %j is refused by that name', (field, value) => {
    expect(isTakenWith(log, { [field]: value })).toBe(field)
  })

  test.each([
    ['num_replicas', 5],
    ['max_bytes', 4_096],
    ['max_msg_size', 8_000_000],
    ['duplicate_window', 60_000_000_000],
    ['first_seq', 1],
    ['description', 'hello'],
    ['placement', { tags: ['fast'] }],
    ['persist_mode', 'default'],
  ])('an operator may set %s to %j', (field, value) => {
    expect(isTakenWith(log, { [field]: value })).toBe('taken')
  })

  test.each([
    ['max_age', 0],
    ['max_age', 60_000_000_000],
    ['allow_direct', true],
    ['max_msgs_per_subject', 64],
    ['allow_rollup_hdrs', true],
  ])('a bucket whose %s is %j is refused by that name', (field, value) => {
    expect(isTakenWith(bucket, { [field]: value })).toBe(field)
  })
})

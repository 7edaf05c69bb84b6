import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, test } from 'vitest'
import { fault } from '../errors.ts'
import { TIME_MS_MAX } from '../limits.ts'
import {
  decodeInternalRequest,
  decodeMoveHorizonReply,
  decodePruneJournalsReply,
  decodeTakeCheckpointReply,
  encodeInternalRequest,
} from './internal.ts'
import { encodeFault, encodeReply } from './reply.ts'

describe('internal requests', () => {
  test.each([0, 1, 604_800_000, TIME_MS_MAX])('keep %i ms goes there and back', (keepMs) => {
    const request = { kind: 'pruneJournals', keepMs } as const
    expect(decodeInternalRequest(encodeInternalRequest(request))).toEqual(request)
  })

  test.each([
    '',
    'pruneJournals',
    'pruneJournals ',
    'pruneJournals -1',
    'pruneJournals 1.5',
    'pruneJournals 1e3',
    'pruneJournals NaN',
    'pruneJournals 1 2',
    'pruneJournals  1',
    `pruneJournals ${TIME_MS_MAX + 1}`,
    'PruneJournals 1',
    'toString 1',
  ])('P10 %j is none', (header) => {
    expect(decodeInternalRequest(header)).toBeUndefined()
  })

  test('a result is told, and a fault is thrown', () => {
    const result = { pruned: 7, done: false }
    expect(decodePruneJournalsReply(encodeReply(result, 'messagePack', 1_000).bytes)).toEqual(result)
    const refusal = encodeFault(fault('NOT_LEADING', 'not me'), 'messagePack')
    expect(faultOf(() => decodePruneJournalsReply(refusal.bytes)).code).toBe('NOT_LEADING')
  })

  test.each([{}, { pruned: 1 }, { done: true }, { pruned: -1, done: true }, { pruned: '1', done: true }])(
    'P10 %j is no result',
    (result) => {
      const { bytes } = encodeReply(result, 'messagePack', 1_000)
      expect(faultOf(() => decodePruneJournalsReply(bytes)).code).toBe('INTERNAL')
    },
  )

  test('what a horizon and a checkpoint are told as is read, and a fault is thrown', () => {
    const horizon = { horizon: 7, reason: 'hold of node-2' }
    expect(decodeMoveHorizonReply(encodeReply(horizon, 'messagePack', 1_000).bytes)).toEqual(horizon)
    const taken = { sequence: 9, digest: 'ab', replicas: [{ node: 'n', digest: 'ab' }], verified: true }
    expect(decodeTakeCheckpointReply(encodeReply(taken, 'messagePack', 1_000).bytes)).toEqual(taken)
    const unverified = { ...taken, replicas: [], verified: false, reason: 'one copy' }
    expect(decodeTakeCheckpointReply(encodeReply(unverified, 'messagePack', 1_000).bytes)).toEqual(unverified)
    const refusal = encodeFault(fault('NOT_LEADING', 'not me'), 'messagePack')
    for (const decode of [decodeMoveHorizonReply, decodeTakeCheckpointReply])
      expect(faultOf(() => decode(refusal.bytes)).code).toBe('NOT_LEADING')
  })

  test.each([
    ...[{}, { horizon: -1, reason: '' }, { horizon: 1 }, { sequence: 1, digest: 'a' }],
    ...[
      { sequence: 1, digest: 'a', verified: true },
      { sequence: 1, digest: 'a', verified: true, replicas: [{}] },
    ],
    { sequence: 1, digest: 'a', verified: false, replicas: [], reason: 3 },
  ])('P10 %j is neither', (result) => {
    const { bytes } = encodeReply(result, 'messagePack', 1_000)
    for (const decode of [decodeMoveHorizonReply, decodeTakeCheckpointReply])
      expect(faultOf(() => decode(bytes)).code).toBe('INTERNAL')
  })
})

import { describe, expect, test } from 'vitest'
import { SILENCE_MS_MAX, SILENCE_MS_MAX_TIGHT, silentReplicas, type Silence } from './strike-off.ts'

const NOW_MS = 1e9

/** A leader that has led for long, and a replica `b` that was silent for so long. */
const silence = (silentMs: number | undefined, more: Partial<Silence> = {}): Silence => ({
  ...{ holds: ['a', 'b'], self: 'a', sinceMs: 0, nowMs: NOW_MS, bytes: 10, bytesMax: 100 },
  heardAtMs: new Map(silentMs === undefined ? [] : [['b', NOW_MS - silentMs]]),
  ...more,
})

describe('K1 which replicas are struck off', () => {
  const tight = { bytes: 76 }
  test.each<readonly [string, Silence, readonly string[]]>([
    ['Z1 none that was heard within the hour', silence(SILENCE_MS_MAX), []],
    ['Z1 one that was silent for longer', silence(SILENCE_MS_MAX + 1), ['b']],
    ['Z1 none that may be restarting, however full the stream', silence(SILENCE_MS_MAX_TIGHT, tight), []],
    ['Z1 one that was silent for minutes while the stream is tight', silence(SILENCE_MS_MAX_TIGHT + 1, tight), ['b']],
    ['Z1 none while the stream has no bound', silence(SILENCE_MS_MAX_TIGHT + 1, { bytes: 1e9, bytesMax: -1 }), []],
    ['Z2 none while the leader has not listened for so long', silence(undefined, { sinceMs: NOW_MS - 1_000 }), []],
    ['Z2 one that was never heard, once it has', silence(undefined), ['b']],
    ['Z3 never the leader itself', silence(0, { heardAtMs: new Map() }), ['b']],
    ['Z3 nobody before the leader is registered', silence(undefined, { holds: ['b', 'c'] }), []],
    [
      'the longest silent first',
      silence(SILENCE_MS_MAX + 5, { holds: ['a', 'b', 'c'], sinceMs: 0, heardAtMs: new Map([['b', 7]]) }),
      ['c', 'b'],
    ],
  ])('%s', (_, given, struck) => {
    expect(silentReplicas(given)).toEqual(struck)
  })
})

import { JetStreamApiError } from '@nats-io/jetstream'
import { errors } from '@nats-io/transport-node'
import { describe, expect, test } from 'vitest'
import { apiCode, isTransient, LeaderlessStreamError, refusalOf } from './api-errors.ts'

const apiError = (code: number) => new JetStreamApiError({ code: 400, err_code: code, description: 'text' })

/** As the client makes it: for a subject without a listener, and for an account without JetStream. */
const nobody = (cause?: unknown): Error =>
  Object.assign(new Error('jetstream is not enabled', { cause }), { name: 'JetStreamNotEnabled' })

describe('errors of JetStream', () => {
  test.each([
    [10_071, 'wrongSequence', false],
    [10_164, 'wrongSequence', false],
    [10_077, 'full', false],
    [10_023, 'full', false],
    [10_047, 'full', false],
    [10_060, 'wrongStream', false],
    [10_008, 'transient', true],
    [10_009, 'transient', true],
    [10_063, 'transient', true],
    [10_158, 'transient', true],
    [10_163, 'transient', true],
    [10_059, 'unknown', false],
    [10_054, 'unknown', false],
    [99_999, 'unknown', false],
  ])('code %i is %s', (code, refusal, transient) => {
    expect(apiCode(apiError(code))).toBe(code)
    expect(refusalOf(apiError(code))).toBe(refusal)
    expect(isTransient(apiError(code))).toBe(transient)
  })

  test('no answer in time proves nothing, and nobody there may be an election', () => {
    expect(refusalOf(new errors.TimeoutError())).toBe('noAnswer')
    expect(refusalOf(nobody())).toBe('transient')
    expect(refusalOf(new LeaderlessStreamError('S'))).toBe('transient')
    expect([new errors.TimeoutError(), nobody(), new LeaderlessStreamError('S')].every(isTransient)).toBe(true)
  })

  test('JetStream that is off is told by its code', () => {
    expect(apiCode(nobody(apiError(10_039)))).toBe(10_039)
    expect(isTransient(nobody(apiError(10_039)))).toBe(false)
  })

  test('everything else is unknown, and not worth another try', () => {
    for (const error of [new errors.ClosedConnectionError(), new Error('other'), 'text', undefined]) {
      expect(refusalOf(error)).toBe('unknown')
      expect(isTransient(error)).toBe(false)
    }
  })
})

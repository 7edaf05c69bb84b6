import { faultOf } from '@waggle/kernel/testing'
import { limits } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { checkFeatures, isAtLeast, MESSAGE_BYTES_MAX } from './jetstream-gate.ts'

const ample = 8_065_536

describe('the gate', () => {
  test.each([
    ['2.12.14', 3, '2.12.15'],
    ['2.9.25', 3, '2.12.15'],
    ['2.11.99', 5, '2.12.15'],
    ['2.9.9', 1, '2.9.10'],
    ['2.8.4', 1, '2.9.10'],
    ['', 1, '2.9.10'],
    ['unknown', 3, '2.12.15'],
  ])('refuses version %j for %i replicas, naming %s', (version, replicas, needed) => {
    const { code, details, message } = faultOf(() => {
      checkFeatures({ version, maxPayload: ample }, replicas)
    })
    expect([code, details]).toEqual(['SERVER_UNSUITABLE', { version, needed, replicas }])
    expect(message).toContain(`version=${version} needed=${needed}`)
  })

  test.each([
    ['2.12.15', 3],
    ['2.12.15-RC.1', 3],
    ['2.14.0', 3],
    ['2.14.5', 5],
    ['3.0.0', 3],
    ['2.9.10', 1],
    ['2.10.0', 1],
  ])('takes version %s for %i replicas', (version, replicas) => {
    expect(() => {
      checkFeatures({ version, maxPayload: ample }, replicas)
    }).not.toThrow()
  })

  test.each([
    ['2.11.0', '2.11.15'],
    ['2.11.14', '2.11.15'],
    ['2.12.0', '2.12.6'],
    ['2.12.5', '2.12.6'],
  ])('P12 refuses version %s, which lets a client write to a log', (version, needed) => {
    const { code, details } = faultOf(() => {
      checkFeatures({ version, maxPayload: ample }, 1)
    })
    expect([code, details]).toEqual(['SERVER_UNSUITABLE', { version, needed }])
    expect(() => {
      checkFeatures({ version: needed, maxPayload: ample }, 1)
    }).not.toThrow()
  })

  test('refuses a server whose messages may not be as large as a record, naming the setting', () => {
    const check = (maxPayload: number) => () => {
      checkFeatures({ version: '2.14.5', maxPayload }, 1)
    }
    expect(faultOf(check(MESSAGE_BYTES_MAX - 1)).details).toEqual({
      setting: 'max_payload',
      value: MESSAGE_BYTES_MAX - 1,
      needed: MESSAGE_BYTES_MAX,
    })
    expect(check(MESSAGE_BYTES_MAX)).not.toThrow()
    // What servers have when nobody sets it.
    expect(MESSAGE_BYTES_MAX).toBeLessThanOrEqual(1_048_576)
    expect(MESSAGE_BYTES_MAX).toBeGreaterThan(limits.RECORD_BYTES_MAX)
  })

  test('versions are compared by their numbers', () => {
    expect(isAtLeast('2.10.0', '2.9.10')).toBe(true)
    expect(isAtLeast('2.9.10', '2.10.0')).toBe(false)
    expect(isAtLeast('2.14', '2.14.0')).toBe(false)
  })
})

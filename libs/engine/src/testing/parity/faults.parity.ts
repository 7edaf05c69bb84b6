/** PulseDB's `src/error.rs`: its predicates are the kinds of our faults. */
import { expect } from 'vitest'
import type { Cases } from './parity-store.ts'
import { refusal, record, unknownId, vectorOf } from './samples.ts'

export const faultsParity = (it: Cases): void => {
  it('src/error.rs test_error_display: the message and the details say what and how much', async (given) => {
    const { message, details } = await refusal(record(given, { embedding: vectorOf(1, 768) }))
    expect(message).toContain('dimension')
    expect(details).toEqual({ field: 'embedding', expected: 384, got: 768 })
  })

  it('src/error.rs test_validation_error_display: names the field and the limit', async (given) => {
    const { message, details } = await refusal(record(given, { content: 'x'.repeat(102_401) }))
    for (const part of ['content', '102401', '102400']) expect(message).toContain(part)
    expect(details).toEqual({ field: 'content', size: 102_401, limit: 102_400 })
  })

  it('src/error.rs test_not_found_error_display: says not found, and names the id', async ({ call, collective }) => {
    const { message } = await refusal(call('experience.delete', { collective, id: unknownId() }))
    expect(message).toContain('not found')
    expect(message).toContain(unknownId())
  })

  it('src/error.rs test_is_not_found: of each sort of entity', async ({ call, collective }) => {
    const id = unknownId()
    const faults = [
      await refusal(call('collective.delete', { collective: id })),
      await refusal(call('experience.delete', { collective, id })),
      await refusal(call('relation.delete', { collective, id })),
      await refusal(call('insight.delete', { collective, id })),
      await refusal(call('activity.end', { collective, agent: 'nobody' })),
    ]
    expect(faults.map(({ kind, details }) => [kind, details.entity])).toEqual(
      ['collective', 'experience', 'relation', 'insight', 'activity'].map((entity) => ['notFound', entity]),
    )
  })

  it('src/error.rs test_is_validation: of each sort of refusal', async (given) => {
    const faults = [
      await refusal(record(given, { embedding: vectorOf(1, 3) })),
      await refusal(record(given, { importance: 2 })),
      await refusal(record(given, { content: 'x'.repeat(102_401) })),
      await refusal(record(given, { content: '' })),
      await refusal(record(given, { domain: new Array(51).fill('d') })),
    ]
    expect(faults.map(({ kind, code }) => [kind, code])).toEqual(
      ['DIMENSION_MISMATCH', 'INVALID_FIELD', 'CONTENT_TOO_LARGE', 'REQUIRED_FIELD', 'TOO_MANY_ITEMS'].map((code) => [
        'invalid',
        code,
      ]),
    )
  })

  it('src/error.rs test_is_watch: a cursor that is none is refused as such', async ({ call, collective }) => {
    const fault = await refusal(call('watch.next', { collective, from: 'nonsense' }))
    expect([fault.code, fault.kind]).toEqual(['INVALID_CURSOR', 'invalid'])
  })

  it('src/error.rs test_watch_error_display: a watcher’s fault names its field', async ({ call, collective }) => {
    const { message, details } = await refusal(call('watch.next', { collective, from: 'nonsense' }))
    expect(message).toContain('cursor')
    expect(details.field).toBe('from')
  })
}

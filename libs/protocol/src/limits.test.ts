import { describe, expect, it } from 'vitest'
import * as limits from './limits.ts'

describe('limits', () => {
  it('are those that are published: a smaller one would refuse what a caller relies on', () => {
    expect(limits).toMatchObject({
      REQUEST_BYTES_MAX: 8_000_000,
      RECORD_BYTES_MAX: 1_000_000,
      BODY_DEPTH_MAX: 32,
      DIMENSION_MAX: 4_096,
      CONTENT_BYTES_MAX: 102_400,
      DOMAIN_TAGS_MAX: 50,
      DOMAIN_TAG_BYTES_MAX: 100,
      RELATED_FILES_MAX: 100,
      RELATED_FILE_BYTES_MAX: 500,
      SOURCE_AGENT_BYTES_MAX: 256,
      RESULTS_MAX: 1_000,
      RESULTS_DEFAULT: 10,
      IDEMPOTENCY_WINDOW_MS: 604_800_000,
      TIMEOUT_MS_DEFAULT: 20_000,
    })
  })

  it('are whole numbers above zero', () => {
    for (const [name, limit] of Object.entries(limits)) {
      expect(Number.isSafeInteger(limit), name).toBe(true)
      expect(limit, name).toBeGreaterThan(0)
    }
  })

  it('end time with the year 9999, the last that four digits can write', () => {
    expect(new Date(limits.TIME_MS_MAX).toISOString()).toBe('9999-12-31T23:59:59.999Z')
  })
})

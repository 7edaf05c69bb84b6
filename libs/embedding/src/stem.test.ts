import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stemOf } from './stem.ts'

/** Each line holds forms of one word; the stem itself is nobody's business. */
const FAMILIES = [
  'timeout timeouts',
  'time times timed timing',
  'retry retries retried retrying',
  'cache caches cached caching',
  'class classes',
  'process processes processed processing',
  'status statuses',
  'house houses',
  'run running runner runs ran',
  'write written wrote writes',
  'break broke broken breaking',
  'index indexes indices indexed',
  'deploy deployed deploys deployment deployments',
  'migrate migrated migrating migration migrations',
  'config configure configured configuring configuration',
  'fail fails failed failing failure failures',
  'notify notified notifies notification notifications notifier',
  'duplicate duplicates duplicated duplication',
  'optimise optimize optimised optimizing optimisation optimization optimizer',
  'idempotent idempotency idempotence',
  'rotate rotated rotation',
  'settle settled settlement settles',
  'use uses used using',
  'pay pays paid paying',
  'quick quickly',
  'safe safely',
  'setting settings',
]

/** Words that rules for suffixes are tempted to cut down too far, or to one another. */
const STRANGERS = [
  'this',
  'string',
  'speed',
  'need',
  'bus',
  'gas',
  'analysis',
  'partition',
  'part',
  'signal',
  'sign',
  'ring',
  'red',
]

describe('stemOf', () => {
  it.each(FAMILIES)('gives one stem to %s', (family) => {
    expect(new Set(family.split(' ').map(stemOf)).size).toBe(1)
  })

  it('keeps different words apart', () => {
    const words = [...FAMILIES.map((family) => family.split(' ')[0] ?? ''), ...STRANGERS]
    expect(new Set(words.map(stemOf)).size).toBe(words.length)
  })

  it('T2 leaves a word with digits, accents or another script alone', () => {
    for (const word of ['naïves', 'sha256', 'überprüfungen', 'базы', '数据', 'p99s']) expect(stemOf(word)).toBe(word)
  })

  it('T3 leaves two letters and a vowel at least, and T1 is pure', () => {
    const letters = fc.string({
      unit: fc.mapToConstant({ num: 26, build: (at) => String.fromCharCode(97 + at) }),
      minLength: 2,
      maxLength: 14,
    })
    const suffix = fc.constantFrom(
      '',
      's',
      'es',
      'ies',
      'ing',
      'ed',
      'ly',
      'er',
      'ation',
      'ization',
      'ment',
      'able',
      'ure',
      'ised',
    )
    fc.assert(
      fc.property(letters, suffix, (start, end) => {
        const word = start + end
        const stem = stemOf(word)
        expect(stem.length).toBeGreaterThanOrEqual(2)
        if (/[aeiouy]/.test(word)) expect(stem).toMatch(/[aeiouy]/)
        expect(stemOf(word)).toBe(stem)
      }),
      { examples: [['bfx', 'es']] },
    )
  })
})

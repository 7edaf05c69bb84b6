import { seededRandom } from '@waggle/kernel/testing'
import { describe, expect, test } from 'vitest'
import { LikePattern } from './like-pattern.ts'

/** The verdict and the steps that it took. */
const judged = (pattern: LikePattern, text: string): { readonly verdict: boolean; readonly steps: number } => {
  const judging = pattern.matches(text)
  let steps = 0
  for (;;) {
    const step = judging.next()
    if (step.done === true) return { verdict: step.value, steps }
    steps += step.value
  }
}

const like = (pattern: string, text: string): boolean => judged(LikePattern.like(pattern, false), text).verdict
const ilike = (pattern: string, text: string): boolean => judged(LikePattern.like(pattern, true), text).verdict
const contains = (part: string, text: string): boolean => judged(LikePattern.containing(part), text).verdict

/** Another way to the same verdict: a regular expression, which may take long but is right. */
const byRegex = (pattern: string, text: string): boolean => {
  const source = pattern.replace(/\\(.)|([%_])|([^%_\\])/gsu, (_, escaped?: string, wild?: string, plain?: string) =>
    wild === '%' ? '.*' : wild === '_' ? '.' : ((escaped ?? plain) as string).replace(/[$()*+.?[\\\]^{|}/-]/u, '\\$&'),
  )
  return new RegExp(`^${source}$`, 'su').test(text)
}

describe('like', () => {
  test.each([
    ['', '', true],
    ['', 'a', false],
    ['%', '', true],
    ['_', '', false],
    ['_', 'a', true],
    ['_', '⚘', true],
    ['_', '🐝', true],
    ['__', '🐝', false],
    ['a', 'A', false],
    ['vec%', 'vector', true],
    ['%base', 'database', true],
    ['%data%', 'a database', true],
    ['v_les', 'veles', true],
    ['v_les', 'vles', false],
    ['ab%ba', 'aba', false],
    ['ab%ba', 'abba', true],
    ['%ab%ab%', 'aab', false],
    ['%a_c%', 'xxabcxx', true],
    ['%%%', 'a', true],
    ['100\\%', '100%', true],
    ['100\\%', '1000', false],
    ['a\\_b', 'a_b', true],
    ['a\\_b', 'axb', false],
    ['\\\\', '\\', true],
    ['%\n%', 'a\nb', true],
    ['a.c', 'abc', false],
    ['ü', 'u\u0308', false],
  ])('%j of %j: %j', (pattern, text, expected) => {
    expect(like(pattern, text)).toBe(expected)
  })

  test.each([
    ['%SCIENCE%', 'computer science', true],
    ['straße', 'STRAßE', true],
    ['STRASSE', 'straße', false],
    ['Σίσυφος', 'ΣΊΣΥΦΟΣ', true],
    ['%ς', 'ΟΔΟΣ', true],
    ['ÀÉÎ', 'àéî', true],
    ['\u{10400}', '\u{10428}', true],
    ['_', 'İ', true],
    ['K', '\u212a', true],
    ['日%', '日本', true],
    ['a', 'ä', false],
    ['\\%A', '%a', true],
  ])('in any case %j of %j: %j', (pattern, text, expected) => {
    expect(ilike(pattern, text)).toBe(expected)
    expect(like(pattern, text)).toBe(byRegex(pattern, text))
  })

  test('contains takes its text for itself', () => {
    expect([contains('', ''), contains('', 'a'), contains('a%', 'ba%'), contains('a%', 'bab')]).toEqual([
      ...[true, true, true, false],
    ])
    expect([contains('_', 'a'), contains('\\%', 'a%'), contains('ab', 'AB')]).toEqual([false, false, false])
  })

  test('agrees with a regular expression on random patterns and texts', () => {
    const random = seededRandom(7)
    const pick = (from: readonly string[], most: number): string =>
      Array.from({ length: random.uint32() % (most + 1) }, () => from[random.uint32() % from.length]).join('')
    let matched = 0
    for (let round = 0; round < 5_000; round += 1) {
      const pattern = pick(['a', 'b', 'ü', '🐝', '%', '%', '_', '\\%', '\\_', '\\\\'], 8)
      const text = pick(['a', 'b', 'ü', '🐝', '%', '_', '\\'], 12)
      const verdict = like(pattern, text)
      if (verdict) matched += 1
      expect([pattern, text, verdict]).toEqual([pattern, text, byRegex(pattern, text)])
    }
    expect(matched).toBeGreaterThan(250)
  })

  test('finds runs that are longer than a word of bits, wherever they begin', () => {
    for (const length of [31, 32, 33, 63, 64, 65, 200])
      for (const before of [0, 1, 31, 40]) {
        const run = `${'a'.repeat(length - 2)}_b`
        const text = `${'a'.repeat(before)}${'a'.repeat(length - 2)}xb`
        expect(like(`%${run}%`, `${text}tail`)).toBe(true)
        expect(like(`%${run}%`, `${text.slice(0, -1)}c`)).toBe(false)
        expect(contains(`${'a'.repeat(length - 1)}b`, `${'a'.repeat(length + before)}b`)).toBe(true)
      }
  })

  test.each([
    ['%'.repeat(1_024), 'a', true],
    ['%a'.repeat(512), 'a', true],
    ['%a'.repeat(511) + '%b', 'a', false],
    ['%' + 'a'.repeat(511) + 'b' + 'a'.repeat(510) + '%', 'a', false],
    ['%' + '_a'.repeat(510) + 'b%', 'a', false],
    ['_'.repeat(1_024), 'a', false],
    ['%' + 'a_'.repeat(255) + '%' + 'a_'.repeat(255) + 'c%', 'ü', false],
  ])('M2 P11 a hostile pattern takes time in proportion to the text: %#', (pattern, letter, expected) => {
    const sizes = [2 ** 14, 2 ** 17] as const
    const [short, long] = sizes.map((size) => judged(LikePattern.like(pattern, false), letter.repeat(size)))
    expect([short?.verdict, long?.verdict]).toEqual([expected, expected])
    // Steps grow as the text does; two for each of 32 words of bits and some for the rest is the most for a character.
    expect(long?.steps).toBeLessThanOrEqual(8.01 * (short?.steps ?? 0) + 80 * 16_384)
    expect(long?.steps).toBeLessThanOrEqual(2 ** 17 * 80)
  })
})

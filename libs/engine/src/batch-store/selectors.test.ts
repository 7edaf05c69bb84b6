import { systemTimers } from '@waggle/kernel'
import { limits } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { RegexCache } from './regex/regex-cache.ts'
import { EntryMatcher } from './selectors.ts'
import { Work } from './work.ts'

/** As if each step were many. */
class DearWork extends Work {
  override spend(steps: number): void {
    super.spend(steps * 10_000)
  }
}

const matcherOf = (regex: string) => new EntryMatcher({ valueFilters: [{ regex }] }, new RegexCache())

describe('S3 what expressions may cost', () => {
  test('P10 P11 a value whose judging costs more than may be is refused, naming the limit', async () => {
    const value = Buffer.alloc(1_000_000, 'a')
    const refused = matcherOf('b$').takesValue(value, new DearWork(systemTimers))
    await expect(refused).rejects.toMatchObject({
      code: 'INVALID_FIELD',
      details: { field: 'valueFilters', size: value.length, limit: limits.VALUE_FILTER_STEPS_MAX },
    })
  })

  test('P11 others have their turn while a large value is looked through', async () => {
    let turns = 0
    const timers = {
      async yield() {
        turns += 1
        await systemTimers.yield()
      },
    }
    const work = new Work(timers)
    expect(await matcherOf('b$').takesValue(Buffer.alloc(2_000_000, 'a'), work)).toBe(false)
    // A turn is 100,000 steps, and a byte is one.
    expect(turns).toBeGreaterThanOrEqual(19)
    expect(work.spent).toBeGreaterThanOrEqual(2_000_000)
  })

  test('P11 an expression that leads to ever new places costs its size for each byte, in turns', async () => {
    // Two letters of equal chance: what may follow is never the same twice.
    const value = Uint8Array.from({ length: 3_000 }, (_, n) => (Math.imul(n + 7, 2_654_435_761) >>> 17) & 1).map(
      (bit) => 0x61 + bit,
    )
    let turns = 0
    const work = new Work({
      async yield() {
        turns += 1
      },
    })
    expect(await matcherOf('a[ab]{900}c').takesValue(value, work)).toBe(false)
    expect(work.spent).toBeLessThan(value.length * limits.REGEX_SIZE_MAX)
    expect(turns).toBeGreaterThan(work.spent / 1_000_000)
  })
})

describe('RegexCache', () => {
  test('compiles an expression once, as long as it is among the last that were used', () => {
    const regexes = new RegexCache()
    const first = regexes.get('a+', 'f')
    for (let n = 0; n < 40; n++) regexes.get(`b${n}`, 'f')
    expect(regexes.get('a+', 'f')).toBe(first)
    for (let n = 0; n < 100; n++) regexes.get(`c${n}`, 'f')
    expect(regexes.get('a+', 'f')).not.toBe(first)
    expect(() => regexes.get('(', 'f')).toThrow()
  })
})

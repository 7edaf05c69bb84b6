import type { Uuid } from '@waggle/kernel'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AnswerAccount, OPEN_MAX } from './answer-account.ts'

const router = '00000000-0000-7000-8000-00000000000a' as Uuid

describe('AnswerAccount', () => {
  test('C1 C2 in whatever order, only the answered is told as such, and each is taken once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ number: fc.integer({ min: 1, max: 400 }), answer: fc.boolean() }), { maxLength: 600 }),
        (steps) => {
          const account = new AnswerAccount()
          const came = new Set<number>()
          const answered = new Set<number>()
          for (const { number, answer } of steps) {
            expect(account.take(router, number, 1, 0)).toBe(!came.has(number))
            came.add(number)
            if (answer) {
              account.answered(router, number)
              answered.add(number)
            }
          }
          const { answered: below, open } = account.numbers(0)
          const named = new Set(open[router] ?? [])
          expect(named.size).toBeLessThanOrEqual(OPEN_MAX)
          for (let number = 1; number < (below[router] ?? 1); number += 1)
            expect(named.has(number)).toBe(!answered.has(number))
        },
      ),
    )
  })

  test('what the router settled itself is not open any more', () => {
    const account = new AnswerAccount()
    account.take(router, 3, 3, 0)
    account.take(router, 5, 3, 0)
    expect(account.numbers(0)).toEqual({ answered: { [router]: 6 }, open: { [router]: [3, 4, 5] } })
    account.take(router, 7, 5, 0)
    expect(account.numbers(0).open[router]).toEqual([5, 6, 7])
    account.answered(router, 5)
    expect(account.take(router, 5, 5, 0)).toBe(false)
    expect(account.take(router, 4, 5, 0)).toBe(false)
  })

  test('C3 P11 a router that went silent is forgotten, but not while it waits for an answer', () => {
    const account = new AnswerAccount()
    account.take(router, 1, 1, 0)
    expect(account.numbers(70_000).answered).toEqual({ [router]: 2 })
    account.answered(router, 1)
    expect(account.numbers(70_000).answered).toEqual({})
  })

  test('C3 P11 a router that died with a request on its way is forgotten like any other', () => {
    const account = new AnswerAccount()
    account.take(router, 2, 1, 0)
    account.answered(router, 2)
    expect(account.numbers(50_000)).toEqual({ answered: { [router]: 3 }, open: { [router]: [1] } })
    expect(account.numbers(70_000)).toEqual({ answered: {}, open: {} })
  })

  test('P11 numbers beyond the bound hold the watermark down', () => {
    const account = new AnswerAccount()
    account.take(router, 10_000, 1, 0)
    const { answered, open } = account.numbers(0)
    expect([answered[router], open[router]?.length]).toEqual([OPEN_MAX + 1, OPEN_MAX])
  })
})

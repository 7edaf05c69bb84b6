/** JSON by ids of 64 bits: any value comes back as it was. */
import { limits, type Json } from '@waggle/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectRefusal } from './samples.ts'
import { DIMENSION, sharedStore, withStore, type OpenStore } from './store-under-test.ts'

export const payloadsContract = (open: OpenStore): void => {
  describe('payloads', () => {
    const store = sharedStore(open)
    const payloadsOf = async () => (await store.collective()).payloads

    it('any JSON comes back as it was: a property', async () => {
      const payloads = await payloadsOf()
      await fc.assert(
        fc.asyncProperty(fc.jsonValue({ maxDepth: 4 }), async (value) => {
          const payload = JSON.parse(JSON.stringify(value)) as Json
          await payloads.store(1, payload)
          expect(await payloads.get(1)).toEqual(payload)
        }),
        { numRuns: 60 },
      )
    })

    it('`null` is a payload, names are only names, and a text keeps every digit', async () => {
      const payloads = await payloadsOf()
      await payloads.store(1, null)
      expect([await payloads.get(1), await payloads.get(2)]).toEqual([null, undefined])
      const odd = JSON.parse('{"__proto__":{"polluted":1},"constructor":2,"":3}') as Json
      await payloads.store(2, odd)
      const found = (await payloads.get(2)) as Record<string, unknown>
      expect([Object.keys(found), found.polluted]).toEqual([['__proto__', 'constructor', ''], undefined])
      const text = '{ "big": 123456789012345678901234567890, "a": [1.10] }'
      await payloads.storeJson(3, text)
      expect(await payloads.getJson(3)).toBe(text)
      expect(await payloads.get(3)).toEqual(JSON.parse(text))
    })

    it('P3 many go all or none, as pairs, values and texts; the last of a repeated id wins', async () => {
      const payloads = await payloadsOf()
      const { count } = await payloads.storeMany([
        [1n, { a: 1 }],
        { id: 2 ** 53 - 1, payload: [null] },
        { id: '18446744073709551615', json: '"text"' },
        [1, { a: 2 }],
      ])
      expect([count, await payloads.count()]).toEqual([4, 3])
      expect(await payloads.ids()).toEqual([1n, 2n ** 53n - 1n, 2n ** 64n - 1n])
      expect(await payloads.getMany([2n ** 64n - 1n, 9, 1])).toEqual(['text', undefined, { a: 2 }])
      await expectRefusal(payloads.storeMany([[5, 1], [6, NaN] as never]), 'INVALID_FIELD', 'items[1].payload')
      await expectRefusal(
        payloads.storeMany([{ id: 5, payload: 1, json: '1' }]),
        ...(['INVALID_FIELD', 'items[0].json'] as const),
      )
      await expectRefusal(payloads.storeMany([[5] as never]), 'INVALID_FIELD', 'items[0]')
      expect(await payloads.get(5)).toBeUndefined()
      await payloads.deleteMany([1, 77])
      await payloads.delete('18446744073709551615')
      expect(await payloads.ids()).toEqual([2n ** 53n - 1n])
    })

    it('P10 what is no JSON is refused with its place, and nothing of it is kept', async () => {
      const payloads = await payloadsOf()
      const cyclic: Record<string, unknown> = {}
      cyclic.self = cyclic
      const hostile = Object.defineProperty({}, 'a', {
        enumerable: true,
        get: () => {
          throw new Error('hostile')
        },
      })
      for (const value of [undefined, NaN, 5n, () => 1, Symbol('x'), new Date(0), new Map(), cyclic, hostile])
        expect((await payloads.store(1, value as never).catch((error: unknown) => error)) as object).toMatchObject({
          kind: 'invalid',
        })
      await expectRefusal(payloads.store(1, { a: [1, Infinity] }), 'INVALID_FIELD', 'payload.a[1]')
      await expectRefusal(payloads.storeJson(1, '{"a":1'), 'INVALID_FIELD', 'items[0].json')
      await expectRefusal(payloads.storeJson(1, '{"a":1,"a":2}'), 'INVALID_FIELD', 'items[0].json')
      const deep = JSON.parse('['.repeat(200) + ']'.repeat(200)) as Json
      expect((await expectRefusalOf(payloads.store(1, deep))).code).toBe('INVALID_FIELD')
      const large = 'x'.repeat(limits.PAYLOAD_BYTES_MAX)
      await expectRefusal(payloads.store(1, large), 'CONTENT_TOO_LARGE', 'payload')
      await payloads.store(1, large.slice(2))
      expect(((await payloads.get(1)) as string).length).toBe(limits.PAYLOAD_BYTES_MAX - 2)
    })

    it('P1 P2 are there after a restart, once', async () => {
      await withStore(open, async (own) => {
        const hive = await own.waggle.createCollective({ name: 'kept', dimension: DIMENSION })
        const options = { idempotencyKey: 'once' }
        const first = await hive.payloads.store(1, { a: 1 }, options)
        await hive.payloads.store(1, { a: 2 })
        expect(await hive.payloads.store(1, { a: 1 }, options)).toEqual(first)
        await hive.payloads.flush()
        const { payloads } = await (await own.reopen()).collective('kept')
        expect([await payloads.get(1), await payloads.ids()]).toEqual([{ a: 2 }, [1n]])
        await expectRefusal(payloads.store(1, { a: 3 }, options), 'IDEMPOTENCY_KEY_REUSED', 'idempotencyKey')
      })
    })
  })
}

const expectRefusalOf = async (call: Promise<unknown>): Promise<{ readonly code: string }> =>
  call.then(
    () => ({ code: 'none' }),
    (error: unknown) => error as { code: string },
  )

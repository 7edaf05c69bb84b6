import type { Json } from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { openPoints, rebuilt, type PointStore } from '../testing/point-store.ts'

let points: PointStore
beforeEach(async () => {
  points = await openPoints(2)
})

const store = (...items: readonly object[]) => points.ask('payloads.store', { items })
const values = async (...ids: readonly unknown[]) =>
  (await points.ask('payloads.get', { ids })).items.map((item) =>
    item !== null && 'payload' in item ? [item.payload] : item,
  )
const texts = async (...ids: readonly unknown[]) =>
  (await points.ask('payloads.get', { ids, as: 'json' })).items.map((item) =>
    item !== null && 'json' in item ? item.json : item,
  )

/** A list in a list, and so on. */
const nested = (depth: number): string => `${'['.repeat(depth)}1${']'.repeat(depth)}`

describe('payloads', () => {
  test('E.9 a payload of any shape comes back as it was stored', async () => {
    const complex = {
      ...{ title: 'Bees ⚘ "dance"\n', n: -1.5e-300, yes: true, no: null, '': [], 'a.b': {} },
      nested: { list: [1, [2, { three: [] }], 'four'], constructor: 'x', toString: 0 },
    }
    const all: readonly Json[] = [complex, [], {}, '', 0, false, null, [null], 'null', 2 ** 60]
    await store(...all.map((payload, id) => ({ id, payload })))
    expect(await values(...all.keys())).toEqual(all.map((payload) => [payload]))
    expect(await texts(...all.keys())).toEqual(all.map((payload) => JSON.stringify(payload)))
  })

  test('a text comes back to the letter, with digits that no double holds and names that mean much here', async () => {
    const json = ' {"__proto__": {"a": 1}, "n": 12345678901234567890, "m": 1.0,\n"u": "\\u00fc"}'
    await store({ id: 1, json })
    expect(await texts(1)).toEqual([json])
    const [[payload]] = (await values(1)) as unknown as [[Record<string, unknown>]]
    expect(Object.keys(payload)).toEqual(['__proto__', 'n', 'm', 'u'])
    expect(Object.getPrototypeOf(payload)).toBe(Object.prototype)
    expect(({} as { a?: number }).a).toBeUndefined()
  })

  test('a payload that is null is one, and differs from none', async () => {
    await store({ id: 1, payload: null })
    expect(await values(1, 2)).toEqual([[null], null])
    expect(await texts(1, 2)).toEqual(['null', null])
    expect(await points.ask('payloads.status')).toEqual({ count: 1, bytes: 4 })
  })

  test('E.9 storing replaces, the last of a repeated id stays, deleting what is not there is no change', async () => {
    expect(await store({ id: 1, payload: 'a' }, { id: 2, payload: 'ü' }, { id: 1, json: '[]' })).toEqual({ count: 3 })
    expect(await points.ask('payloads.status')).toEqual({ count: 2, bytes: 6 })
    await store({ id: 2, payload: 'bb' })
    await points.ask('payloads.delete', { ids: [1, 3, '1'] })
    expect([await values(1, 2, 3), await points.ask('payloads.status')]).toEqual([
      ...[[null, ['bb'], null], { count: 1, bytes: 4 }],
    ])
    expect(await points.ask('payloads.ids')).toEqual({ ids: ['2'], more: false })
    await points.ask('payloads.delete', { ids: [2] })
    expect(await points.ask('payloads.status')).toEqual({ count: 0, bytes: 0 })
  })

  test('payloads and vectors share ids and nothing else', async () => {
    await store({ id: 1, payload: 'without a vector' })
    await points.ask('vectors.store', { items: [{ id: 2, vector: [1, 1] }] })
    expect(await points.ask('vectors.ids')).toEqual({ ids: ['2'], more: false })
    expect(await points.ask('payloads.ids')).toEqual({ ids: ['1'], more: false })
    await points.ask('vectors.delete', { ids: [1, 2] })
    expect(await values(1)).toEqual([['without a vector']])
  })

  test('E.9 ids lists all that are stored, in pages', async () => {
    const ids = Array.from({ length: 25 }, (_, n) => (BigInt(n) * 737_869_762_948_382_064n).toString())
    await store(...ids.toReversed().map((id) => ({ id, payload: {} })))
    const first = await points.ask('payloads.ids', { limit: 20 })
    const second = await points.ask('payloads.ids', { limit: 20, after: first.ids.at(-1) })
    expect([first.more, second.more, [...first.ids, ...second.ids]]).toEqual([true, false, ids])
  })

  test('P10 a bad item refuses the batch and is named', async () => {
    for (const [bad, field] of [
      [{ id: 2, json: '{' }, 'items[1].json'],
      [{ id: 2, payload: { a: [NaN] } }, 'items[1].payload.a[0]'],
      [{ id: 2n ** 64n, payload: 1 }, 'items[1].id'],
      [{ id: 2, payload: '\ud800' }, 'items[1].payload'],
      [{ id: 2, json: nested(129) }, 'items[1].json'],
    ] as const)
      await expect(store({ id: 1, payload: 1 }, bad, { id: 3, payload: 1 })).rejects.toMatchObject({
        ...{ code: 'INVALID_FIELD', details: { field } },
      })
    expect(await points.ask('payloads.status')).toEqual({ count: 0, bytes: 0 })
  })

  test('P10 a payload nests 128 deep in a text, and as a value as deep as a body carries', async () => {
    await store({ id: 1, json: nested(128) }, { id: 2, json: nested(29) }, { id: 3, json: nested(30) })
    expect(await texts(1)).toEqual([nested(128)])
    expect(JSON.stringify(await values(2))).toBe(`[[${nested(29)}]]`)
    for (const id of [1, 3])
      await expect(values(id)).rejects.toMatchObject({
        ...{ code: 'INVALID_FIELD', details: { field: 'as', id: String(id), limit: 29 } },
      })
  })

  test('P10 the largest payload is stored and found, and replies are bounded', async () => {
    const json = JSON.stringify('"'.repeat((1024 * 1024 - 2) / 2))
    await store({ id: 1, json })
    expect(await texts(1)).toEqual([json])
    const ids = [1, 1, 1, 1]
    await expect(texts(...ids)).rejects.toMatchObject({ code: 'RESULT_TOO_LARGE' })
    await expect(values(...ids)).rejects.toMatchObject({ code: 'RESULT_TOO_LARGE' })
  })

  test('E.1 P8 payloads are there when the state is built again from the log', async () => {
    await store({ id: 1, json: '{"a" : 1}' }, { id: 2, payload: 2 })
    await points.ask('payloads.delete', { ids: [2] })
    await store({ id: 3, payload: null })
    const { points: again, before, after } = await rebuilt(points)
    points = again
    expect(after).toEqual(before)
    expect([await texts(1, 2, 3), await points.ask('payloads.status')]).toEqual([
      ...[['{"a" : 1}', null, 'null'], { count: 2, bytes: 13 }],
    ])
  })
})

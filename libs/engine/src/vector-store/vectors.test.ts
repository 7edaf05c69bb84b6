import type { TenantId } from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { gateLog, type GatedLog } from '../testing/gated-log.ts'
import { openPoints, pointsOf, rebuilt, type PointStore } from '../testing/point-store.ts'

const HIGHEST = 2n ** 64n - 1n

let points: PointStore
beforeEach(async () => {
  points = await openPoints(3)
})

const store = (...items: readonly (readonly [id: unknown, vector: unknown])[]) =>
  points.ask('vectors.store', { items: items.map(([id, vector]) => ({ id, vector })) })
const get = async (...ids: readonly unknown[]) =>
  (await points.ask('vectors.get', { ids })).items.map((vector) => vector && [...vector])
const nearest = async (vector: readonly number[]) =>
  (await points.ask('vectors.search', { vector, metric: 'euclidean', k: 1 })).results[0]

describe('vectors', () => {
  test('V1 E.9 one of another dimension refuses the batch before anything is written', async () => {
    await store([1, [1, 2, 3]])
    const before = points.engine.engine.position
    for (const wrong of [[1, 2], [1, 2, 3, 4], [0]]) {
      await expect(store([1, [9, 9, 9]], [2, wrong], [3, [1, 1, 1]])).rejects.toMatchObject({
        code: 'DIMENSION_MISMATCH',
        details: { field: 'items[1].vector', expected: 3, got: wrong.length },
      })
    }
    expect([await get(1, 2, 3), points.engine.engine.position]).toEqual([[[1, 2, 3], null, null], before])
  })

  test('V1 P10 a component that is no finite float refuses the batch and is named', async () => {
    for (const wrong of [NaN, Infinity, -Infinity, 1e39])
      await expect(store([1, [1, 2, 3]], [2, [1, 2, wrong]])).rejects.toMatchObject({
        ...{ code: 'INVALID_FIELD', details: { field: 'items[1].vector[2]' } },
      })
    await expect(store([1, [1, '2', 3]])).rejects.toMatchObject({ details: { field: 'items[0].vector[1]' } })
    expect(await points.ask('vectors.ids')).toEqual({ ids: [], more: false })
  })

  test('E.9 the bytes of a float survive, from a source at any offset too', async () => {
    const special = Float32Array.of(-0, 1e-45, 3.4028234663852886e38)
    const around = new Uint8Array(16)
    around.set(new Uint8Array(special.buffer), 3)
    await store([1, special], [2, around.subarray(3, 15)], [3, new Float32Array([7, ...special]).subarray(1)])
    for (const components of await get(1, 2, 3)) {
      expect(components).toEqual([...special])
      expect(Object.is(components?.[0], -0)).toBe(true)
    }
  })

  test('E.9 a vector may be all zero', async () => {
    await store([1, [0, 0, 0]])
    expect(await get(1)).toEqual([[0, 0, 0]])
    const { results } = await points.ask('vectors.search', { vector: [0, 0, 0] })
    expect(results).toEqual([{ id: '1', score: 0 }])
  })

  test('ids are exact: what looks like one number is one id, and what is none is refused', async () => {
    await store([7, [1, 0, 0]], [HIGHEST, [2, 0, 0]], ['9007199254740993', [3, 0, 0]], [2n ** 53n, [4, 0, 0]])
    expect(await get('7', 7n, HIGHEST.toString(), 9007199254740993n, '9007199254740992')).toEqual([
      ...[
        [1, 0, 0],
        [1, 0, 0],
        [2, 0, 0],
        [3, 0, 0],
        [4, 0, 0],
      ],
    ])
    const ids = ['7', '9007199254740992', '9007199254740993', HIGHEST.toString()]
    expect(await points.ask('vectors.ids')).toEqual({ ids, more: false })
    for (const none of [
      -1,
      -1n,
      1.5,
      2 ** 53,
      2n ** 64n,
      '18446744073709551616',
      '01',
      '-0',
      '',
      ' 1',
      '1e3',
      'x',
      {},
    ]) {
      await expect(store([none, [1, 2, 3]])).rejects.toMatchObject({
        ...{ code: 'INVALID_FIELD', details: { field: 'items[0].id' } },
      })
      for (const operation of ['vectors.get', 'vectors.delete', 'payloads.get', 'payloads.delete'] as const)
        await expect(points.ask(operation, { ids: [1, none] })).rejects.toMatchObject({ details: { field: 'ids[1]' } })
    }
  })

  test('E.9 the last of a repeated id stays, and every one is counted', async () => {
    expect(await store([1, [1, 1, 1]], [2, [2, 2, 2]], ['1', [3, 3, 3]])).toEqual({ count: 3 })
    expect(await get(1, 2)).toEqual([
      [3, 3, 3],
      [2, 2, 2],
    ])
    expect(await points.ask('vectors.status')).toMatchObject({ count: 2, bytes: 24 })
    expect(await nearest([1, 1, 1])).toMatchObject({ id: '2' })
  })

  test('E.9 storing an id anew replaces it in the store and in the index', async () => {
    await store([1, [1, 0, 0]], [2, [0, 5, 0]])
    expect(await nearest([1, 0, 0])).toEqual({ id: '1', score: 0 })
    await store([1, [0, 0, 9]])
    expect([await get(1), await nearest([0, 0, 9])]).toEqual([[[0, 0, 9]], { id: '1', score: 0 }])
    expect(await nearest([1, 1, 0])).toMatchObject({ id: '2' })
  })

  test('V2 E.9 what is deleted is gone everywhere, and deleting what is not there is no change', async () => {
    await store([1, [1, 0, 0]], [2, [0, 1, 0]])
    expect(await nearest([1, 0, 0])).toMatchObject({ id: '1' })
    expect(await points.ask('vectors.delete', { ids: [1, 3, 1] })).toEqual({})
    expect([await get(1, 2, 3), await nearest([1, 0, 0])]).toMatchObject([[null, [0, 1, 0], null], { id: '2' }])
    expect(await points.ask('vectors.status')).toMatchObject({ count: 1, bytes: 12 })
    expect(await points.ask('vectors.delete', { ids: [] })).toEqual({})
    await store([1, [7, 7, 7]])
    expect([await get(1), await nearest([7, 7, 7])]).toMatchObject([[[7, 7, 7]], { id: '1' }])
  })

  test('ids come in pages, ascending', async () => {
    const ids = [0, 1, 9, 10, 255, 256, 2 ** 40, 2 ** 53 - 1].map(String)
    await store(...ids.toReversed().map((id) => [id, [1, 1, 1]] as const))
    const seen: string[] = []
    for (let after: string | undefined; ; after = seen.at(-1)) {
      const page = await points.ask('vectors.ids', { limit: 3, after })
      seen.push(...page.ids)
      if (!page.more) break
    }
    expect(seen).toEqual(ids)
    expect(await points.ask('vectors.ids', { after: HIGHEST })).toEqual({ ids: [], more: false })
  })

  test('a reply that would be too large is refused whole', async () => {
    const wide = await openPoints(4_096)
    await wide.ask('vectors.store', { items: [{ id: 1, vector: new Float32Array(4_096) }] })
    const ids = Array.from({ length: 100 }, () => 1)
    await expect(wide.ask('vectors.get', { ids })).rejects.toMatchObject({ code: 'RESULT_TOO_LARGE' })
  })

  test('a collective that is not there, or is another tenant’s, has none', async () => {
    await store([1, [1, 2, 3]])
    const other = points.engine.engine.execute('other' as TenantId, 'vectors.get', {
      ...{ collective: points.collective, ids: [1] },
    })
    await expect(other).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await points.engine.call('collective.delete', { collective: points.collective })
    for (const [name, fields] of [
      ['vectors.search', { vector: [1, 2, 3] }],
      ['vectors.flush', {}],
      ['vectors.status', {}],
      ['payloads.get', { ids: [1] }],
    ] as const)
      await expect(points.ask(name, fields)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('another life of a collective’s id begins without vectors', async () => {
    const id = '99999999-9999-7999-8999-999999999999'
    for (const round of [1, 2]) {
      await points.engine.call('collective.create', { id, name: 'wasps', dimension: 3 })
      const wasps = pointsOf(points.engine, id as never)
      expect([round, (await wasps.ask('vectors.search', { vector: [1, 1, 1] })).results]).toEqual([round, []])
      await wasps.ask('vectors.store', { items: [{ id: 1, vector: [1, 1, 1] }] })
      expect((await wasps.ask('vectors.search', { vector: [1, 1, 1] })).results).toHaveLength(1)
      await points.engine.call('collective.delete', { collective: id })
    }
  })
})

describe('durability', () => {
  test('E.1 the mode is fsync until another is chosen, at any time, and is told back', async () => {
    const mode = async () => (await points.ask('vectors.status')).durability
    expect(await mode()).toBe('fsync')
    for (const durability of ['none', 'flushOnly', 'flushOnly', 'fsync', 'none'] as const) {
      await points.ask('vectors.configure', { durability })
      await store([durability.length, [1, 2, 3]])
      expect(await mode()).toBe(durability)
    }
    await expect(points.ask('vectors.configure', { durability: 'Fsync' })).rejects.toMatchObject({
      ...{ code: 'INVALID_FIELD', details: { field: 'durability' } },
    })
  })

  test('E.1 P8 under each mode what was acknowledged is in the log, and comes back with the mode', async () => {
    for (const durability of ['none', 'flushOnly', 'fsync'] as const) {
      await points.ask('vectors.configure', { durability })
      await store([1, [1, 2, durability.length]], [2, [0, 0, 0]])
      await points.ask('vectors.delete', { ids: [2] })
      const { points: again, before, after } = await rebuilt(points)
      expect(after).toEqual(before)
      points = again
      expect(await get(1, 2)).toEqual([[1, 2, durability.length], null])
      expect(await points.ask('vectors.status')).toEqual({ count: 1, bytes: 12, dimension: 3, durability })
    }
  })

  test.each([
    ['vectors.flush', 'folder'],
    ['payloads.flush', 'folder'],
    ['vectors.flush', 'log'],
    ['payloads.flush', 'log'],
  ] as const)('V3 E.1 %s is answered behind what was asked for before it (%s)', async (flush, fence) => {
    let gate: GatedLog | undefined
    const opening = openPoints(3, { fence, wrapLog: (log) => (gate = gateLog(log)).log })
    const gated = await released(opening, () => gate)
    const log = gate as unknown as GatedLog
    const order: string[] = []
    const before = log.begun()
    const storing = gated
      .ask('vectors.store', { items: [{ id: 1, vector: [1, 2, 3] }] })
      .then(() => order.push('store'))
    const paying = gated.ask('payloads.store', { items: [{ id: 1, payload: {} }] }).then(() => order.push('payload'))
    const flushing = gated.ask(flush).then(() => order.push('flush'))
    while (log.begun() === before) await new Promise((resolve) => setImmediate(resolve))
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    expect(order).toEqual([])
    await log.release()
    await Promise.all([storing, paying, flushing])
    expect(order).toEqual(['store', 'payload', 'flush'])
  })
})

/** Lets appends through until `opening` is done. */
const released = async <Opened>(opening: Promise<Opened>, gate: () => GatedLog | undefined): Promise<Opened> => {
  const progress = { done: false, passed: 0 }
  const watched = opening.finally(() => (progress.done = true))
  while (!progress.done) {
    const log = gate()
    if (log !== undefined && log.begun() > progress.passed) {
      progress.passed += 1
      await log.release()
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  return watched
}

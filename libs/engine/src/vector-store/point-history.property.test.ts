/** Random histories of points against plain maps and a scan of everything, with rebuilds from the log in between. */
import { seededRandom } from '@waggle/kernel/testing'
import { limits } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { applyToModel, POINT_DIMENSION, pointCommand, pointSearch } from '../testing/point-command.ts'
import { PointModel } from '../testing/point-model.ts'
import { openPoints, rebuilt, type PointStore } from '../testing/point-store.ts'

const SEEDS = Array.from({ length: 5 }, (_, index) => index + 1)
const STEPS = 100
const SEARCHES_PER_STEP = 4

const ascending = (ids: Iterable<string>): readonly string[] =>
  [...ids].sort((left, right) => (BigInt(left) < BigInt(right) ? -1 : 1))

/** Everything that reads tell, beside searches. */
const checkReads = async ({ ask }: PointStore, { vectors, payloads }: PointModel): Promise<void> => {
  const ids = ascending(new Set([...vectors.keys(), ...payloads.keys(), '3', limits.UINT32_MAX.toString()]))
  const { items } = await ask('vectors.get', { ids })
  expect(items.map((vector) => vector && [...vector])).toEqual(ids.map((id) => vectors.get(id) ?? null))
  expect((await ask('payloads.get', { ids })).items).toEqual(
    ids.map((id) => (payloads.has(id) ? { payload: payloads.get(id) } : null)),
  )
  expect(await ask('vectors.ids')).toEqual({ ids: ascending(vectors.keys()), more: false })
  expect(await ask('payloads.ids')).toEqual({ ids: ascending(payloads.keys()), more: false })
  const bytes = vectors.size * POINT_DIMENSION * 4
  expect(await ask('vectors.status')).toMatchObject({ count: vectors.size, bytes })
  expect(await ask('payloads.status')).toEqual({
    count: payloads.size,
    bytes: [...payloads.values()].reduce((sum: number, value) => sum + Buffer.byteLength(JSON.stringify(value)), 0),
  })
}

describe('histories of points', () => {
  test.each(SEEDS)('P7 P8 N2 O1 seed %d reads and searches as plain maps do, also when built again', async (seed) => {
    const random = seededRandom(seed)
    const chance = (most: number): number => random.uint32() % most
    const model = new PointModel()
    let points = await openPoints(POINT_DIMENSION, { seed })
    let found = 0
    for (let step = 0; step < STEPS; step += 1) {
      const { operation, ...fields } = pointCommand(chance)
      applyToModel(model, { operation, ...fields } as never)
      await points.ask(operation, fields)
      for (let n = 0; n < SEARCHES_PER_STEP; n += 1) {
        const search = pointSearch(chance)
        const { results } = await points.ask('vectors.search', search)
        found += results.length
        const wrong = model.wrongIn(search, results)
        expect(wrong && `${wrong}: ${JSON.stringify(search)}`).toBeUndefined()
      }
      if (step % 10 === 9) await checkReads(points, model)
      if (step % 40 !== 39) continue
      const again = await rebuilt(points)
      expect(again.after).toEqual(again.before)
      points = again.points
    }
    expect(found).toBeGreaterThan(STEPS)
    await checkReads(points, model)
    const all = await points.ask('vectors.search', {
      ...{ vector: [1, 0, 0, 0, 0], k: 1_000, include: ['vector', 'payload'] },
    })
    for (const { id, vector, json } of all.results) {
      expect([...(vector as Float32Array)]).toEqual(model.vectors.get(id))
      expect(json === undefined ? undefined : JSON.parse(json)).toEqual(model.payloads.get(id))
    }
    await points.engine.engine.close()
  })
})

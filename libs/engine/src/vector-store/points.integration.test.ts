/** Points in a real folder, opened again and again. What a kill leaves, the histories of all stores look at. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { BuiltName, CollectiveId, ResultOf } from '@waggle/protocol'
import { openFolderCall } from '../testing/memory/folder-call.ts'
import { temporaryFolder, type TemporaryFolder } from '../testing/temporary-folder.ts'

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(async () => {
  await folder.remove()
})

const ID = '99999999-9999-7999-8999-999999999999' as CollectiveId
const COUNT = 300

/** Asks with the folder open for this one thing alone. */
const ask = async <Name extends BuiltName>(name: Name, fields: object): Promise<ResultOf<Name>> => {
  const { call, close } = await openFolderCall(folder.path)
  try {
    return (await call(name, { collective: ID, ...fields })) as never
  } finally {
    await close()
  }
}

test('E.1 E.2 a batch comes back as single stores do, after each closing, and searches as well as before', async () => {
  const vectorOf = (id: number): readonly number[] => [Math.sin(id), Math.cos(id), id % 7]
  const ids = Array.from({ length: COUNT }, (_, id) => id)
  await ask('collective.create', { id: ID, collective: undefined, name: 'bees', dimension: 3 })
  await ask('vectors.store', { items: ids.slice(0, 200).map((id) => ({ id, vector: vectorOf(id) })) })
  for (const id of ids.slice(200, 203)) await ask('vectors.store', { items: [{ id, vector: vectorOf(id) }] })
  await ask('vectors.store', { items: ids.slice(203).map((id) => ({ id, vector: vectorOf(id) })) })
  await ask('payloads.store', { items: ids.map((id) => ({ id, payload: { third: id % 3 === 0 } })) })
  await ask('vectors.delete', { ids: [3, 6, 9] })
  await ask('vectors.store', { items: [{ id: 6, vector: vectorOf(6) }] })
  const left = ids.filter((id) => ![3, 9].includes(id))
  const filter = { type: 'eq', field: 'third', value: true }
  const query = [1, 0, 3]
  const distance = (id: number): number => {
    const vector = Float32Array.from(vectorOf(id))
    return Math.hypot(...query.map((component, at) => (vector[at] as number) - component))
  }
  const expected = left
    .filter((id) => id % 3 === 0)
    .sort((one, other) => distance(one) - distance(other))
    .slice(0, 20)
  for (let opening = 0; opening < 2; opening += 1) {
    const fields = { vector: query, metric: 'euclidean', k: 20, filter, include: ['vector', 'payload'] }
    const { results } = await ask('vectors.search', fields)
    expect(results.map(({ id }) => Number(id))).toEqual(expected)
    for (const { id, vector, json } of results) {
      expect([...(vector as Float32Array)]).toEqual(vectorOf(Number(id)).map(Math.fround))
      expect(json).toBe('{"third":true}')
    }
    const status = await ask('vectors.status', {})
    expect(status).toMatchObject({ count: COUNT - 2, bytes: (COUNT - 2) * 12 })
  }
})

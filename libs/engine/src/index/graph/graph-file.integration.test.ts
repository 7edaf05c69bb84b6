import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { randomVectors } from '../../testing/random-vectors.ts'
import { temporaryFolder, type TemporaryFolder } from '../../testing/temporary-folder.ts'
import { checkGraph, graphPath, removeGraph, writeGraph, type GraphRecord } from './graph-file.ts'
import { HnswGraph } from './hnsw-graph.ts'

const DIMENSION = 16
const COUNT = 400
const identity = { index: 'one life of one index', dimension: DIMENSION }

let folder: TemporaryFolder
let base: string
let graph: HnswGraph
let record: GraphRecord

beforeEach(async () => {
  folder = await temporaryFolder()
  base = join(folder.path, 'indexes', 'one')
  graph = HnswGraph.create(DIMENSION, COUNT)
  for (const vector of randomVectors(COUNT, DIMENSION)) graph.add(vector)
  graph.remove(7)
  const ids = Uint8Array.from({ length: COUNT * 16 }, (_, place) => place * 7)
  const checks = Uint32Array.from({ length: COUNT }, (_, label) => label * 31)
  record = { ids, checks, dead: Uint32Array.of(7), note: { figures: 3 } }
  await writeGraph(base, identity, record, (file) => graph.write(file))
})
afterEach(() => folder.remove())

const idsFile = (): string => `${base}.ids`

const change = async (file: string, make: (bytes: Buffer) => Buffer): Promise<void> => {
  await writeFile(file, make(await readFile(file)))
}

const flipped =
  (place: number) =>
  (bytes: Buffer): Buffer => {
    bytes[place] = bytes[place]! ^ 1
    return bytes
  }

describe('the file of a graph', () => {
  test('what was written is found right, and read', async () => {
    expect(await checkGraph(base, identity)).toEqual(record)
    const read = await HnswGraph.read(graphPath(base), DIMENSION, record.dead)
    expect(read.count).toBe(COUNT)
  })

  test('there is none before it is written, nor after it was removed', async () => {
    expect(await checkGraph(join(folder.path, 'other'), identity)).toBeUndefined()
    await removeGraph(base)
    await removeGraph(base)
    expect(await checkGraph(base, identity)).toBeUndefined()
    await expect(readFile(graphPath(base))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test.each([
    ['another index', { index: 'another life', dimension: DIMENSION }],
    ['another dimension', { index: identity.index, dimension: DIMENSION * 2 }],
  ])('J2 of %s', async (_, other) => {
    await expect(checkGraph(base, other)).rejects.toThrow('it ')
  })

  test('J2 a flipped bit anywhere', async () => {
    const { length } = await readFile(graphPath(base))
    // Of its head, a vector, a label, an upper link and the end.
    for (const place of [8, 16, 24, 72, 90, 96, 96 + 300, length / 2, length - 60, length - 1]) {
      await change(graphPath(base), flipped(Math.floor(place)))
      await expect(checkGraph(base, identity), `at ${place}`).rejects.toThrow('it')
      await change(graphPath(base), flipped(Math.floor(place)))
    }
    const ids = await readFile(idsFile())
    for (let place = 0; place < ids.length; place += 101) {
      await change(idsFile(), flipped(place))
      await expect(checkGraph(base, identity), `ids at ${place}`).rejects.toThrow('it')
      await change(idsFile(), flipped(place))
    }
    expect(await checkGraph(base, identity)).toEqual(record)
  })

  test('J2 a file that is cut off, longer, empty or absent', async () => {
    const bytes = await readFile(graphPath(base))
    const ids = await readFile(idsFile())
    for (const end of [0, 50, 96, bytes.length - 4, bytes.length - 1]) {
      await writeFile(graphPath(base), bytes.subarray(0, end))
      await expect(checkGraph(base, identity)).rejects.toThrow()
    }
    await writeFile(graphPath(base), Buffer.concat([bytes, Buffer.alloc(4)]))
    await expect(checkGraph(base, identity)).rejects.toThrow()
    await rm(graphPath(base))
    await expect(checkGraph(base, identity)).rejects.toThrow()
    await writeFile(graphPath(base), bytes)
    for (const end of [0, 3, 9, ids.length - 1]) {
      await writeFile(idsFile(), ids.subarray(0, end))
      await expect(checkGraph(base, identity)).rejects.toThrow()
    }
  })

  test('J1 J2 a graph beside the ids of an earlier one', async () => {
    const ids = await readFile(idsFile())
    graph.remove(9)
    await writeGraph(base, identity, { ...record, dead: Uint32Array.of(7, 9) }, (file) => graph.write(file))
    await writeFile(idsFile(), ids)
    await expect(checkGraph(base, identity)).rejects.toThrow('its bytes are not those that were written')
  })

  test.each([
    ['nothing', () => Promise.resolve()],
    ['half of it', (file: string) => writeFile(file, Buffer.alloc(5_000))],
  ])('J1 where the binding says that it wrote and wrote %s, the file before stays', async (_, write) => {
    await expect(writeGraph(base, identity, record, write)).rejects.toThrow()
    expect(await checkGraph(base, identity)).toEqual(record)
  })
})

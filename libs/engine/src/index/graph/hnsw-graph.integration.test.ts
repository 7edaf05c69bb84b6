import { AssertionError } from '@waggle/kernel'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nearestVectors, randomVectors } from '../../testing/random-vectors.ts'
import { temporaryFolder, type TemporaryFolder } from '../../testing/temporary-folder.ts'
import { HnswGraph } from './hnsw-graph.ts'

const DIMENSION = 24
const vectors = randomVectors(3_000, DIMENSION)
const queries = randomVectors(50, DIMENSION, 2)

let folder: TemporaryFolder
let built: HnswGraph

/** Share of the ten nearest that the graph finds. */
const recallOf = (graph: HnswGraph, ef: number, truth: readonly (Float32Array | undefined)[] = vectors): number => {
  const found = queries.map((query) => {
    const nearest = new Set(nearestVectors(truth, query, 10))
    return [...graph.search(query, 10, ef)].filter((label) => nearest.has(label)).length
  })
  return found.reduce((sum, count) => sum + count, 0) / (queries.length * 10)
}

const graphOf = (of: readonly Float32Array[]): HnswGraph => {
  const graph = HnswGraph.create(DIMENSION, of.length)
  for (const vector of of) graph.add(vector)
  return graph
}

beforeAll(async () => {
  folder = await temporaryFolder()
  built = graphOf(vectors)
})
afterAll(() => folder.remove())

describe('HnswGraph', () => {
  test('it finds the nearest, the better the more candidates it keeps', () => {
    expect(recallOf(built, 400)).toBeGreaterThan(0.99)
    expect(recallOf(built, 10)).toBeLessThan(recallOf(built, 400))
  })

  test.each([
    ['a component that is no number', Float32Array.from({ length: DIMENSION }, (_, n) => (n === 3 ? NaN : 1))],
    ['the last component no number', Float32Array.from({ length: DIMENSION }, (_, n) => (n === 23 ? NaN : 1))],
    ['an infinite component', Float32Array.from({ length: DIMENSION }, (_, n) => (n === 3 ? Infinity : 1))],
    ['a hole', Object.assign(new Array<number>(DIMENSION), { 0: 1 }) as unknown as Float32Array],
    ['a text', ['1', ...Array.from({ length: 23 }, () => 'x')] as unknown as Float32Array],
    ['no direction', new Float32Array(DIMENSION)],
    ['a dimension less', new Float32Array(DIMENSION - 1).fill(1)],
    ['a dimension more', new Float32Array(DIMENSION + 1).fill(1)],
  ])('H1 a vector with %s is refused before the binding sees it', (_, vector) => {
    const graph = graphOf(vectors.slice(0, 20))
    const before = graph.search(queries[0]!, 20, 20)
    expect(() => graph.add(vector)).toThrow(AssertionError)
    expect(() => graph.search(vector, 1, 10)).toThrow(AssertionError)
    expect(graph.count).toBe(20)
    expect(graph.search(queries[0]!, 20, 20)).toEqual(before)
  })

  test('H1 length does not count: a vector a million times as long has the same neighbours', () => {
    const [query] = queries
    const long = query!.map((value) => value * 1e20)
    const short = query!.map((value) => value * 1e-20)
    expect(built.search(long, 10, 50)).toEqual(built.search(query!, 10, 50))
    expect(built.search(short, 10, 50)).toEqual(built.search(query!, 10, 50))
  })

  test('H2 P7 labels count up and never come back; what is removed is found no more', () => {
    const graph = graphOf(vectors.slice(0, 100))
    for (let label = 0; label < 100; label += 2) graph.remove(label)
    graph.remove(0)
    expect(graph.dead.size).toBe(50)
    expect(graph.add(vectors[0]!)).toBe(100)
    const found = [...graph.search(vectors[0]!, 100, 200)]
    expect(found[0]).toBe(100)
    expect(found).toHaveLength(51)
    expect(found.some((label) => label < 100 && label % 2 === 0)).toBe(false)
    for (const label of [-1, 101, 1.5, NaN, 2 ** 32]) expect(() => graph.remove(label)).toThrow(AssertionError)
  })

  test('H4 it takes more vectors than were expected', () => {
    const graph = HnswGraph.create(DIMENSION, 0)
    for (const vector of vectors) graph.add(vector)
    expect(graph.count).toBe(vectors.length)
    expect(recallOf(graph, 400)).toBeGreaterThan(0.99)
  })

  test('H5 more than there is gives what there is', () => {
    expect(HnswGraph.create(DIMENSION, 10).search(queries[0]!, 10, 10)).toHaveLength(0)
    const graph = graphOf(vectors.slice(0, 5))
    expect(graph.search(queries[0]!, 1_000_000, 10)).toHaveLength(5)
    graph.remove(2)
    expect(graph.search(queries[0]!, 5, 10)).toHaveLength(4)
    for (const wrong of [0, -1, NaN, 1.5]) expect(() => graph.search(queries[0]!, wrong, 10)).toThrow(AssertionError)
  })

  test('H3 H6 what was written comes back, finds the same with the same ef, and takes more', async () => {
    const file = join(folder.path, 'same.hnsw')
    const graph = graphOf(vectors)
    for (let label = 0; label < 30; label += 1) graph.remove(label)
    await graph.write(file)
    const read = await HnswGraph.read(file, DIMENSION, graph.dead)
    expect(read.count).toBe(vectors.length)
    expect(read.dead).toEqual(graph.dead)
    for (const ef of [10, 200])
      for (const query of queries) expect(read.search(query, 10, ef)).toEqual(graph.search(query, 10, ef))
    for (const vector of randomVectors(2_000, DIMENSION, 3)) read.add(vector)
    expect(read.count).toBe(vectors.length + 2_000)
    expect(read.search(queries[0]!, 10, 200)).toHaveLength(10)
  })

  test('H6 while it is written nothing else is done with it, and afterwards everything', async () => {
    const graph = graphOf(vectors.slice(0, 500))
    const writing = graph.write(join(folder.path, 'written.hnsw'))
    expect(graph.isWriting).toBe(true)
    expect(() => graph.add(vectors[0]!)).toThrow(AssertionError)
    expect(() => graph.search(vectors[0]!, 1, 10)).toThrow(AssertionError)
    expect(() => graph.remove(0)).toThrow(AssertionError)
    expect(() => graph.release()).toThrow(AssertionError)
    await expect(graph.write('elsewhere')).rejects.toThrow(AssertionError)
    await writing
    expect(graph.add(vectors[0]!)).toBe(500)
    await expect(HnswGraph.create(DIMENSION, 1).write(join(folder.path, 'empty'))).rejects.toThrow(AssertionError)
  })

  test('H6 a failed read leaves the graphs that there are as they are', async () => {
    const cut = join(folder.path, 'cut.hnsw')
    await writeFile(cut, Buffer.alloc(50))
    const before = built.search(queries[0]!, 10, 50)
    await expect(HnswGraph.read(cut, DIMENSION, [])).rejects.toThrow()
    await expect(HnswGraph.read(join(folder.path, 'absent.hnsw'), DIMENSION, [])).rejects.toThrow()
    expect(built.search(queries[0]!, 10, 50)).toEqual(before)
  })

  test('H7 a released graph is not used again', () => {
    const graph = graphOf(vectors.slice(0, 10))
    graph.release()
    expect(() => graph.search(queries[0]!, 1, 10)).toThrow(AssertionError)
    expect(() => graph.add(vectors[0]!)).toThrow(AssertionError)
    expect(() => graph.release()).toThrow(AssertionError)
  })
})

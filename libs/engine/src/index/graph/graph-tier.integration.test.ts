import { silentLogger, systemTimers, type Logger, type Uuid } from '@waggle/kernel'
import { manualClock, seededRandom } from '@waggle/kernel/testing'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { randomVectors } from '../../testing/random-vectors.ts'
import { temporaryFolder, type TemporaryFolder } from '../../testing/temporary-folder.ts'
import { FlatIndex } from '../flat-index.ts'
import { ScanArena } from '../scan/scan-arena.ts'
import { TieredIndex } from '../tiered-index.ts'
import type { VectorHit, VectorQuery } from '../vector-index.ts'
import type { GraphFolder } from './graph-host.ts'
import { GraphKeeper } from './graph-keeper.ts'
import { GraphTier, type GraphTierParts } from './graph-tier.ts'
import type { GraphOperation } from './graph-request.ts'
import { NativeGate } from './native-gate.ts'

const DIMENSION = 12
const COUNT = 1_000
const limits = { rowsMin: 500, deadShareMax: 0.4, sample: 20, unsavedMin: 200 }
const vectors = randomVectors(COUNT, DIMENSION)
const [query] = randomVectors(1, DIMENSION, 9) as [Float32Array]

const idOf = (n: number): Uuid => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}` as Uuid

let folder: TemporaryFolder
const arena = new ScanArena()

/** What a test leaves at work. */
const keepers: GraphKeeper[] = []
const indexes: TieredIndex[] = []

beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(async () => {
  for (const index of indexes.splice(0)) index.dispose()
  await Promise.all(keepers.splice(0).map((keeper) => keeper.stop()))
  await folder.remove()
})

/** Graphs in this very thread, and what was asked of them. */
const keeperFolder = () => {
  const keeper = new GraphKeeper({ gate: new NativeGate(NativeGate.memory()), yield: () => systemTimers.yield() })
  keepers.push(keeper)
  const asked: GraphOperation[] = []
  let graphs = 0
  const graph: GraphFolder = {
    path: folder.path,
    ask: (name, ask) => {
      asked.push(name)
      return keeper.ask(name, ask)
    },
    nextGraph: () => (graphs += 1),
  }
  return { graph, asked, count: (name: GraphOperation) => asked.filter((each) => each === name).length }
}

interface Setting extends Partial<Pick<GraphTierParts, 'graphs' | 'logger'>> {
  /** What a search of either tier takes, by the clock. */
  readonly flatMs?: number
  readonly graphMs?: number
}

const tieredIndex = ({ flatMs = 1, graphMs = 0.05, graphs = keeperFolder().graph, logger = silentLogger }: Setting) => {
  const clock = manualClock()
  const among: number[] = []
  class TimedIndex extends FlatIndex {
    override search(asked: VectorQuery): readonly VectorHit[] {
      clock.advance(flatMs)
      return super.search(asked)
    }

    override searchAmong(rows: Uint32Array, asked: VectorQuery): readonly VectorHit[] {
      clock.advance(graphMs)
      among.push(rows.length)
      return super.searchAmong(rows, asked)
    }
  }
  const flat = new TimedIndex(DIMENSION, arena)
  const parts = { flat, dimension: DIMENSION, graphs, name: 'one', index: 'one life', limits, logger }
  const index = new TieredIndex(flat, new GraphTier({ ...parts, clock, timers: systemTimers }))
  indexes.push(index)
  return { index, flat, among }
}

const filled = (setting: Setting = {}, count = COUNT) => {
  const made = tieredIndex(setting)
  vectors.slice(0, count).forEach((vector, n) => made.index.put(idOf(n), vector))
  return made
}

const settled = async (index: TieredIndex, kind: string): Promise<void> => {
  const deadlineMs = Date.now() + 30_000
  while (index.graph.state.kind !== kind || index.graph.isWorking) {
    if (Date.now() > deadlineMs) throw new Error(`the graph is ${JSON.stringify(index.graph.state)}, not ${kind}`)
    await systemTimers.yield()
  }
}

const ready = async (setting: Setting = {}) => {
  const made = filled(setting)
  await made.index.prepare({ embedding: query, k: 10 })
  await settled(made.index, 'ready')
  return made
}

/** By both tiers. */
const search = async (index: TieredIndex, asked: VectorQuery): Promise<readonly VectorHit[]> => {
  const hint = await index.prepare(asked)
  return index.search({ ...asked, ...(hint === undefined ? {} : { hint }) })
}

describe('the graph of an index', () => {
  test('G1 there is none for few rows, and none before somebody searches', async () => {
    const few = filled({}, limits.rowsMin - 1)
    expect(await few.index.prepare({ embedding: query, k: 10 })).toBeUndefined()
    expect(few.index.graph.state.kind).toBe('none')
    const many = filled()
    expect(many.index.graph.state.kind).toBe('none')
    await many.index.prepare({ embedding: query, k: 10 })
    expect(many.index.graph.state.kind).toBe('building')
    await settled(many.index, 'ready')
    expect(many.index.bytes).toBeGreaterThan(many.flat.bytes + COUNT * DIMENSION * 4)
  })

  test('a search while it is built is right, and one by it finds what the flat tier does', async () => {
    const { index, flat, among } = filled()
    const during = await search(index, { embedding: query, k: 10 })
    expect(during).toEqual(flat.search({ embedding: query, k: 10 }))
    expect(among).toEqual([])
    await settled(index, 'ready')
    const { state } = index.graph
    expect(state.kind === 'ready' && state.figures.recall).toBeGreaterThanOrEqual(0.995)
    let found = 0
    for (const embedding of randomVectors(50, DIMENSION, 3)) {
      const before = among.length
      const truth = new Set(flat.search({ embedding, k: 10 }).map(({ id }) => id))
      const hits = await search(index, { embedding, k: 10 })
      expect(hits).toHaveLength(10)
      found += hits.filter(({ id }) => truth.has(id)).length
      // It was the graph that told where to look, and that was at few.
      expect(among.slice(before)).toHaveLength(1)
      expect(among.at(-1)).toBeLessThan(100)
    }
    expect(found).toBeGreaterThanOrEqual(490)
  })

  test('G2 a graph that is not faster is given up, and tried again with twice as many rows', async () => {
    const graphs = keeperFolder()
    const { index, flat } = filled({ flatMs: 1, graphMs: 2, graphs: graphs.graph }, 500)
    await index.prepare({ embedding: query, k: 10 })
    await settled(index, 'declined')
    expect(graphs.count('release')).toBe(1)
    expect(index.bytes).toBe(flat.bytes)
    for (let n = 500; n < 999; n += 1) index.put(idOf(n), vectors[n]!)
    await index.prepare({ embedding: query, k: 10 })
    expect(index.graph.state).toEqual({ kind: 'declined', rows: 500 })
    index.put(idOf(999), vectors[999]!)
    await index.prepare({ embedding: query, k: 10 })
    expect(index.graph.state.kind).toBe('building')
    await settled(index, 'declined')
    expect(index.graph.state).toEqual({ kind: 'declined', rows: 1_000 })
  })

  test('G2 what was found not to be worth it is not built again by whoever opens the index next', async () => {
    const slow = { flatMs: 1, graphMs: 2 }
    const first = filled(slow)
    await first.index.prepare({ embedding: query, k: 10 })
    await settled(first.index, 'declined')
    const graphs = keeperFolder()
    const { index } = filled({ graphs: graphs.graph }, COUNT - 1)
    await index.prepare({ embedding: query, k: 10 })
    await settled(index, 'declined')
    expect(index.graph.state).toEqual({ kind: 'declined', rows: COUNT })
    expect(graphs.asked).toEqual(['open', 'release'])
  })

  test('the flat tier answers what ranks by energy, what has a condition of its own, what few rows match', async () => {
    const { index } = await ready()
    const nobody = { filter: { minImportance: 0.5 }, atMs: 0 }
    const decay = { halfLifeMs: 1, freqWeight: 0, floor: 0 }
    const ranking = { weights: { similarity: 0.5, energy: 0.5 }, decay, nowMs: 0 }
    expect(await index.prepare({ embedding: query, k: 10 })).toBeDefined()
    expect(await index.prepare({ embedding: query, k: 10, ranking })).toBeUndefined()
    expect(await index.prepare({ embedding: query, k: 10, accept: () => true })).toBeUndefined()
    expect(await index.prepare({ embedding: query, k: 10, conditions: nobody })).toBeUndefined()
    expect(await index.prepare({ embedding: query, k: COUNT })).toBeUndefined()
  })

  test('P7 where the graph leads to fewer than k, there are k all the same', async () => {
    const { index, flat } = await ready()
    const asked = { embedding: query, k: 10 }
    const hint = await index.prepare(asked)
    for (const { id } of flat.search({ embedding: query, k: 30 })) index.remove(id)
    const hits = index.search({ ...asked, ...(hint === undefined ? {} : { hint }) })
    expect(hits).toEqual(flat.search(asked))
    expect(hits).toHaveLength(10)
  })

  test('G3 P7 what changes around a question is never missed and never a ghost', async () => {
    const { index } = await ready()
    const random = seededRandom(5)
    const turns = async (): Promise<void> => {
      for (let turn = random.uint32() % 4; turn > 0; turn -= 1) await systemTimers.yield()
    }
    let next = COUNT
    for (const embedding of randomVectors(60, DIMENSION, 4)) {
      const [gone, moved] = index.search({ embedding, k: 2 }).map(({ id }) => id) as [Uuid, Uuid]
      const early = idOf((next += 1))
      index.put(early, embedding)
      await turns()
      const asking = index.prepare({ embedding, k: 4 })
      await turns()
      const late = idOf((next += 1))
      index.put(late, embedding)
      index.remove(gone)
      index.put(
        moved,
        embedding.map((value) => -value),
      )
      const hint = await asking
      await turns()
      const again = idOf((next += 1))
      index.put(again, embedding)
      await turns()
      const hits = index.search({ embedding, k: 4, ...(hint === undefined ? {} : { hint }) }).map(({ id }) => id)
      expect(hits.slice(0, 3)).toEqual([early, late, again])
      expect(hits).not.toContain(gone)
      expect(hits).not.toContain(moved)
      expect(hits).toHaveLength(4)
    }
  })

  test('recall is measured again when the index has grown by half', async () => {
    const { index } = await ready()
    const before = index.graph.state
    randomVectors(600, DIMENSION, 7).forEach((vector, n) => index.put(idOf(5_000 + n), vector))
    await settled(index, 'ready')
    expect(before).toMatchObject({ figures: { rows: 1_000 } })
    expect(index.graph.state).toMatchObject({ figures: { rows: 1_600 } })
  })

  test('G4 with two of five labels dead it is built anew', async () => {
    const graphs = keeperFolder()
    const { index, flat } = await ready({ graphs: graphs.graph })
    const opened = graphs.count('open')
    for (let n = 0; n < 350; n += 1) index.put(idOf(n), vectors[(n + 1) % COUNT]!)
    await settled(index, 'ready')
    expect(graphs.count('open')).toBe(opened)
    for (let n = 350; n < 720; n += 1) index.put(idOf(n), vectors[(n + 1) % COUNT]!)
    await settled(index, 'ready')
    expect(graphs.count('open')).toBe(opened + 1)
    expect(graphs.count('release')).toBe(1)
    const truth = flat.search({ embedding: query, k: 5 })
    expect(await search(index, { embedding: query, k: 5 })).toEqual(truth)
  })

  test('G6 a graph that fails leaves the flat tier alone', async () => {
    const { graph } = keeperFolder()
    const failing: GraphFolder = {
      ...graph,
      ask: (name, ask) => (name === 'add' ? Promise.reject(new Error('no memory')) : graph.ask(name, ask)),
    }
    const warnings: string[] = []
    const logger: Logger = { ...silentLogger, warn: (message) => warnings.push(message) }
    const { index, flat } = filled({ graphs: failing, logger })
    await index.prepare({ embedding: query, k: 10 })
    await settled(index, 'failed')
    expect(warnings).toEqual(['an index goes on without its graph'])
    expect(await search(index, { embedding: query, k: 10 })).toEqual(flat.search({ embedding: query, k: 10 }))
    index.put(idOf(COUNT), query)
    expect((await search(index, { embedding: query, k: 1 }))[0]?.id).toBe(idOf(COUNT))
  })

  test('after it is disposed of nothing is asked any more', async () => {
    const graphs = keeperFolder()
    const { index } = filled({ graphs: graphs.graph })
    await index.prepare({ embedding: query, k: 10 })
    index.dispose()
    const asked = graphs.asked.length
    for (let turn = 0; turn < 200; turn += 1) await systemTimers.yield()
    expect(graphs.asked).toHaveLength(asked)
    expect(graphs.asked.at(-1)).toBe('release')
  })
})

describe('the file of a graph', () => {
  test('G5 it is used again: what changed meanwhile is not believed', async () => {
    const first = await ready()
    first.index.dispose()
    const graphs = keeperFolder()
    const { index, flat } = tieredIndex({ graphs: graphs.graph })
    for (let n = 10; n < COUNT; n += 1) index.put(idOf(n), vectors[n]!)
    // Meanwhile the first ten have gone, the next ten have changed, and there are ten new ones.
    const news = randomVectors(10, DIMENSION, 6)
    for (let n = 10; n < 20; n += 1) index.put(idOf(n), news[n - 10]!)
    for (let n = 0; n < 10; n += 1)
      index.put(
        idOf(COUNT + n),
        news[n]!.map((value) => -value),
      )
    await index.prepare({ embedding: query, k: 10 })
    await settled(index, 'ready')
    expect(index.graph.state).toMatchObject({ figures: { rows: COUNT } })
    expect(graphs.count('add')).toBe(1)
    for (const embedding of [...news, ...news.map((vector) => vector.map((value) => -value)), ...vectors.slice(0, 20)])
      expect((await search(index, { embedding, k: 1 }))[0]).toEqual(flat.search({ embedding, k: 1 })[0])
  })

  test.each(['.hnsw', '.ids'])('G5 a damaged %s is told of and built anew', async (ending) => {
    const first = await ready()
    first.index.dispose()
    const file = join(folder.path, `one${ending}`)
    const bytes = await readFile(file)
    bytes[bytes.length >> 1]! ^= 1
    await writeFile(file, bytes)
    const warnings: string[] = []
    const logger: Logger = { ...silentLogger, warn: (message) => warnings.push(message) }
    const graphs = keeperFolder()
    await ready({ graphs: graphs.graph, logger })
    expect(warnings).toEqual(['a graph is built anew'])
    expect(graphs.count('add')).toBeGreaterThan(3)
  })

  test('G5 where it cannot be written the graph is used without', async () => {
    const { graph } = keeperFolder()
    const warnings: string[] = []
    const logger: Logger = { ...silentLogger, warn: (message) => warnings.push(message) }
    await writeFile(join(folder.path, 'file'), '')
    const { index } = await ready({ graphs: { ...graph, path: join(folder.path, 'file') }, logger })
    expect(warnings).toEqual(['a graph is built anew', 'a graph is not on disk'])
    expect(await index.prepare({ embedding: query, k: 10 })).toBeDefined()
  })
})

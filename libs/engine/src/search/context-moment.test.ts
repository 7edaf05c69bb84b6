import { join } from 'node:path'
import { seededRandom } from '@waggle/kernel/testing'
import { decodeToken, type CollectiveId, type ResultOf } from '@waggle/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { KeyValueStore } from '../store/key-value-store.ts'
import { openLevelStore } from '../store/level-store.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { temporaryFolder, type TemporaryFolder } from '../testing/temporary-folder.ts'
import { openTestEngine, type TestEngine } from '../testing/test-engine.ts'

type Context = ResultOf<'context.get'>

/** What a context shows of a collective that it shows whole. */
interface Shown {
  /** Reinforcements of each experience. */
  readonly experiences: Map<string, number>
  readonly relations: Map<string, readonly [source: string, target: string]>
  /** Whether each insight is stale. */
  readonly insights: Map<string, boolean>
  /** What each agent does. */
  readonly agents: Map<string, string>
}

interface Write {
  readonly sequence: number
  readonly change: (shown: Shown) => void
}

const WRITERS = 4
const ROUNDS = 15

const nothing = (): Shown => ({ experiences: new Map(), relations: new Map(), insights: new Map(), agents: new Map() })

/** Deletes an experience as PulseDB's callers expect it: its relations go along, what rests on it is stale. */
const forget = (shown: Shown, id: string, insights: readonly string[]): void => {
  shown.experiences.delete(id)
  for (const [relation, ends] of shown.relations) if (ends.includes(id)) shown.relations.delete(relation)
  for (const insight of insights) if (shown.insights.has(insight)) shown.insights.set(insight, true)
}

/** Writes one thing after the other, each of which every moment has or has not. */
const write = async (engine: TestEngine, collective: CollectiveId, agent: string, seed: number): Promise<Write[]> => {
  const random = seededRandom(seed)
  const history: Write[] = []
  const call = async (operation: Parameters<TestEngine['call']>[0], body: object, change: Change) => {
    const reply = await engine.call(operation, { collective, ...body })
    history.push({
      sequence: decodeToken(reply.token).sequence,
      change: (shown) => {
        change(shown, reply)
      },
    })
    return reply
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    const embedding = [1, random.bytes(1)[0] as number]
    const experiences = [0, 1].map((n) => ({ content: `${agent} ${round} ${n}`, embedding }))
    const { ids } = await call('experience.recordMany', { experiences }, ({ experiences: all }, reply) => {
      for (const id of reply.ids as string[]) all.set(id, 0)
    })
    const [source, target] = ids as [string, string]
    await call('activity.register', { agent, task: String(round) }, ({ agents }) => agents.set(agent, String(round)))
    const relation = { source, target, type: 'supports' }
    await call('relation.create', relation, ({ relations }, { id }) => relations.set(id as string, [source, target]))
    const insight = { content: 'so', embedding, sources: [source, target], type: 'pattern' }
    const { id } = await call('insight.store', insight, ({ insights }, reply) =>
      insights.set(reply.id as string, false),
    )
    await call('experience.reinforce', { id: target }, ({ experiences: all }) => all.set(target, 1))
    const choice = (random.bytes(1)[0] as number) % 4
    const gone = choice === 0 ? source : target
    if (choice < 2)
      await call('experience.delete', { id: gone }, (shown) => {
        forget(shown, gone, [id as string])
      })
    if (choice === 2) await call('insight.delete', { id }, ({ insights }) => insights.delete(id as string))
    if (choice === 3) await call('activity.end', { agent }, ({ agents }) => agents.delete(agent))
  }
  return history
}

type Change = (shown: Shown, reply: Readonly<Record<string, unknown>>) => unknown

const shownBy = ({ recent, insights, relations, activeAgents }: Context): Shown => ({
  experiences: new Map(recent.map(({ id, applications }) => [id, applications])),
  relations: new Map(relations.map(({ id, source, target }) => [id, [source, target]])),
  insights: new Map(insights.map(({ id, stale }) => [id, stale])),
  agents: new Map(activeAgents.map(({ agent, task }) => [agent, task ?? ''])),
})

const nextTurn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A store that lets everything else happen after every few rows of a snapshot. */
const lateScans = (store: KeyValueStore): KeyValueStore => {
  async function* late<Item>(items: AsyncIterable<Item>): AsyncIterableIterator<Item> {
    let rows = 0
    for await (const item of items) {
      if (rows % 12 === 0) await nextTurn()
      rows += 1
      yield item
    }
  }
  return {
    get: (key) => store.get(key),
    scan: (range) => store.scan(range),
    scanChunks: (range) => store.scanChunks(range),
    scanKeys: (range) => store.scanKeys(range),
    write: async (changes, options) => store.write(changes, options),
    snapshot: () => {
      const snapshot = store.snapshot()
      return {
        get: (key) => snapshot.get(key),
        scan: (range) => late(snapshot.scan(range)),
        scanChunks: (range) => late(snapshot.scanChunks(range)),
        scanKeys: (range) => late(snapshot.scanKeys(range)),
        close: async () => snapshot.close(),
      }
    },
    close: async () => store.close(),
  }
}

const stores: readonly [string, (folder: TemporaryFolder) => Promise<KeyValueStore>][] = [
  ['memory whose scans take their time', async () => lateScans(new MemoryStore())],
  ['LevelDB', async ({ path }) => openLevelStore(join(path, 'state'), { createIfMissing: true })],
]

let folder: TemporaryFolder

beforeEach(async () => {
  folder = await temporaryFolder()
})

afterEach(async () => {
  await folder.remove()
})

test.each(stores)(
  'C1 P3 P5 beside writers, a context is of the moment that its token names: %s',
  async (_, openStore) => {
    const store = await openStore(folder)
    const engine = await openTestEngine({ store })
    const created = await engine.call('collective.create', { name: 'bees', dimension: 2 })
    const { id: collective } = created.collective as { id: CollectiveId }
    let isWriting = true
    const contexts: [number, Context][] = []
    const read = async (): Promise<void> => {
      while (isWriting) {
        await new Promise((resolve) => setImmediate(resolve))
        const asked = { collective, embedding: [1, 0], maxSimilar: 1_000, maxRecent: 1_000 }
        const reply = await engine.call('context.get', asked)
        contexts.push([decodeToken(reply.token).sequence, reply as unknown as Context])
      }
    }
    const readers = [read(), read()]
    const histories = await Promise.all(
      Array.from({ length: WRITERS }, (__, n) => write(engine, collective, `agent ${n}`, n + 1)),
    )
    isWriting = false
    await Promise.all(readers)
    await engine.engine.close()
    await store.close()
    const history = histories.flat().sort((left, right) => left.sequence - right.sequence)
    contexts.sort(([left], [right]) => left - right)
    const model = nothing()
    let at = 0
    for (const [sequence, context] of contexts) {
      for (; (history[at]?.sequence ?? Infinity) <= sequence; at += 1) history[at]?.change(model)
      expect(shownBy(context)).toEqual(model)
      const similar = new Map(context.similar.map(({ experience: { id, applications } }) => [id, applications]))
      expect(similar).toEqual(model.experiences)
    }
    expect(new Set(contexts.map(([sequence]) => sequence)).size).toBeGreaterThan(5)
  },
)

/**
 * Random histories of records with and without lifetimes against a map that knows when each expires: whether the sweep
 * has come or not, what is seen is what the map has, and a rebuild from the log reaches the same bytes.
 */
import { seededRandom } from '@waggle/kernel/testing'
import { DEFAULT_TENANT, type BuiltName, type CollectiveId } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { readCollective } from '../memory/collective/collective-rows.ts'
import { firedTimers } from '../testing/fired-timers.ts'
import { openTestEngine } from '../testing/test-engine.ts'
import { readExpiring } from './expiry-rows.ts'

const SEEDS = Array.from({ length: 6 }, (_, index) => index + 1)
const STEPS = 120
const IDS = 6

const uuidOf = (id: number): string => `00000000-0000-4000-8000-${id.toString().padStart(12, '0')}`
const angle = (id: number): readonly number[] => [Math.cos(id), Math.sin(id)]

type Call = (operation: BuiltName, body?: object) => Promise<Readonly<Record<string, unknown>>>

/** A kind of records: how one is written and deleted, and which of them are seen. */
interface Kind {
  readonly put: (call: Call, id: number, ttl: object) => Promise<unknown>
  readonly remove: (call: Call, id: number) => Promise<unknown>
  /** Each way to look at them. */
  readonly seen: (call: Call) => Promise<readonly (readonly number[])[]>
}

const numbers = (items: unknown, of: (item: never) => unknown): readonly number[] =>
  (items as readonly never[]).map((item) => Number(String(of(item)).slice(-3))).sort((left, right) => left - right)

const counted = (stats: unknown, name: string): number => (stats as Readonly<Record<string, number>>)[name] ?? -1

const kinds: readonly Kind[] = [
  {
    put: (call, id, ttl) =>
      call('experience.record', { id: uuidOf(id), content: 'x', embedding: angle(id), ...ttl }).catch(() =>
        call('experience.update', { id: uuidOf(id), patch: {}, ttlMs: null, ...ttl }),
      ),
    remove: (call, id) => call('experience.delete', { id: uuidOf(id) }).catch(() => undefined),
    seen: async (call) => {
      const { results } = await call('experience.search', { embedding: [1, 0], k: IDS })
      const { items } = await call('experience.list')
      const { stats } = await call('collective.stats')
      const list = numbers(items, ({ id }: { id: string }) => id)
      expect(counted(stats, 'experienceCount')).toBe(list.length)
      return [list, numbers(results, ({ experience }: { experience: { id: string } }) => experience.id)]
    },
  },
  {
    put: (call, id, ttl) => call('keys.put', { entries: [[`${id}`, `of ${id}`]], ...ttl }),
    remove: (call, id) => call('keys.delete', { keys: [`${id}`] }),
    seen: async (call) => {
      const { items } = await call('keys.range')
      const { keyCount } = await call('keys.position')
      const list = numbers(items, ([key]: [Uint8Array]) => Buffer.from(key).toString())
      expect(keyCount).toBe(list.length)
      return [list]
    },
  },
  {
    put: (call, id, ttl) => call('vectors.store', { items: [{ id, vector: angle(id) }], ...ttl }),
    remove: (call, id) => call('vectors.delete', { ids: [id] }),
    seen: async (call) => {
      const { ids } = await call('vectors.ids')
      const { results } = await call('vectors.search', { vector: [1, 0], k: IDS })
      const list = numbers(ids, (id) => id)
      expect((await call('vectors.status')).count).toBe(list.length)
      return [list, numbers(results, ({ id }: { id: string }) => id)]
    },
  },
  {
    put: (call, id, ttl) => call('payloads.store', { items: [{ id, payload: { of: id } }], ...ttl }),
    remove: (call, id) => call('payloads.delete', { ids: [id] }),
    seen: async (call) => [numbers((await call('payloads.ids')).ids, (id) => id)],
  },
  {
    put: (call, id, ttl) => {
      const times = { createdAt: 1, accessedAt: 1 }
      const memory = { id: uuidOf(id), agentId: uuidOf(0), memoryType: 'semantic', content: `of ${id}`, ...times }
      return call('pages.store', { memories: [memory], ...ttl })
    },
    remove: (call, id) => call('pages.delete', { id: uuidOf(id) }).catch(() => undefined),
    seen: async (call) => [numbers((await call('pages.scan')).items, ({ id }: { id: string }) => id)],
  },
]

describe('histories of lifetimes', () => {
  test.each(SEEDS)('P6 P7 P8 X1 X2 seed %d: what is seen is what has not expired', async (seed) => {
    const random = seededRandom(seed)
    const below = (limit: number): number => random.uint32() % limit
    const timers = firedTimers()
    let engine = await openTestEngine({ seed, timers })
    const created = await engine.call('collective.create', { name: 'bees', dimension: 2 })
    const { id: collective } = created.collective as { id: CollectiveId }
    const call: Call = (operation, body = {}) => engine.call(operation, { collective, ...body })
    /** For each kind, when which id expires. */
    const model = kinds.map(() => new Map<number, number>())
    for (let step = 0; step < STEPS; step += 1) {
      const at = below(kinds.length)
      const [kind, expiries] = [kinds[at] as Kind, model[at] as Map<number, number>]
      const id = below(IDS) + 1
      const what = below(10)
      if (what < 6) {
        const ttlMs = below(3) === 0 ? undefined : 1 + below(60)
        await kind.put(call, id, ttlMs === undefined ? {} : { ttlMs })
        expiries.set(id, ttlMs === undefined ? Infinity : engine.clock.nowMs() + ttlMs)
      } else if (what < 7) {
        await kind.remove(call, id)
        expiries.delete(id)
      } else if (what < 9) engine.clock.advance(1 + below(20))
      else timers.fire()
      const expected = [...expiries].filter(([, expiresAt]) => expiresAt > engine.clock.nowMs()).map(([one]) => one)
      for (const seen of await kind.seen(call)) expect(seen).toEqual(expected.sort((left, right) => left - right))
      if (step % 40 !== 39) continue
      // A sweep may be under way.
      await engine.engine.close()
      const digest = await engine.engine.digest()
      const again = await openTestEngine({ seed, timers, stream: engine.stream, clock: engine.clock })
      engine = again
      expect(await again.engine.digest()).toEqual(digest)
    }
    engine.clock.advance(1_000)
    const scope = await engine.engine.read(({ state }) => readCollective(state, DEFAULT_TENANT, collective)!.scope)
    await expect
      .poll(() => {
        timers.fire()
        return readExpiring(engine.store, scope)
      })
      .toBeUndefined()
    await engine.engine.close()
  })
})

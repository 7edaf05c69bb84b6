/** Who works in a collective: activities, their heartbeats, and their staleness. */
import { describe, expect, it } from 'vitest'
import type { CollectiveHandle } from '../collective-handle.ts'
import { expectRefusal } from './samples.ts'
import { DIMENSION, sharedStore, withStore, type OpenStore } from './store-under-test.ts'

/** How long an agent is active after its last heartbeat where nothing else is configured. */
const STALE_MS = 300_000

const agentsOf = async (hive: CollectiveHandle, now?: number): Promise<readonly string[]> =>
  (await hive.activity.active({ now })).map(({ agent }) => agent)

export const activitiesContract = (open: OpenStore): void => {
  describe('activities', () => {
    const store = sharedStore(open)

    it('test_register_activity: listed with its fields, started when its heart first beat', async () => {
      const hive = await store.collective()
      const { token } = await hive.activity.register({ agent: 'scout', task: 'T-1', summary: 'reads the ledger' })
      const [found, ...others] = await hive.activity.active({ token })
      expect([found, others]).toEqual([
        {
          ...{ agent: 'scout', task: 'T-1', summary: 'reads the ledger', collective: hive.id },
          startedAt: expect.any(Number) as number,
          lastHeartbeat: found!.startedAt,
        },
        [],
      ])
      await hive.activity.register({ agent: 'plain' })
      const plain = (await hive.activity.active()).find(({ agent }) => agent === 'plain')
      expect(Object.keys(plain!).toSorted()).toEqual(['agent', 'collective', 'lastHeartbeat', 'startedAt'])
    })

    it.each(['test_register_activity_upsert, test_one_activity_per_agent: the last registration counts'])(
      '%s',
      async () => {
        const hive = await store.collective()
        await hive.activity.register({ agent: 'scout', task: 'one', summary: 'first' })
        const [first] = await hive.activity.active()
        await hive.activity.register({ agent: 'scout', task: 'two' })
        const active = await hive.activity.active()
        expect(active).toHaveLength(1)
        expect(active[0]).toMatchObject({ task: 'two', lastHeartbeat: active[0]!.startedAt })
        expect(active[0]).not.toHaveProperty('summary')
        expect(active[0]!.startedAt).toBeGreaterThanOrEqual(first!.startedAt)
      },
    )

    it('test_heartbeat_updates_timestamp: only the heartbeat moves', async () => {
      const hive = await store.collective()
      await hive.activity.register({ agent: 'scout', task: 'T-1' })
      const [before] = await hive.activity.active()
      await hive.activity.heartbeat('scout')
      const [after] = await hive.activity.active()
      expect({ ...after, lastHeartbeat: 0 }).toEqual({ ...before, lastHeartbeat: 0 })
      expect(after!.lastHeartbeat).toBeGreaterThanOrEqual(before!.lastHeartbeat)
    })

    it('test_get_active_agents: newest heartbeat first', async () => {
      const hive = await store.collective()
      const agents = ['a', 'b', 'c']
      for (const agent of agents) await hive.activity.register({ agent })
      await hive.activity.heartbeat('a')
      const active = await hive.activity.active()
      expect(active.map(({ agent }) => agent).toSorted()).toEqual(agents)
      const beats = active.map(({ lastHeartbeat }) => lastHeartbeat)
      expect(beats).toEqual(beats.toSorted((left, right) => right - left))
    })

    it('test_end_activity: the agent disappears', async () => {
      const hive = await store.collective()
      await hive.activity.register({ agent: 'a' })
      await hive.activity.register({ agent: 'b' })
      await hive.activity.end('a')
      expect(await agentsOf(hive)).toEqual(['b'])
    })

    it('test_stale_activity_excluded: too long after its last heartbeat, whenever one looks', async () => {
      const hive = await store.collective()
      await hive.activity.register({ agent: 'scout' })
      const [scout] = await hive.activity.active()
      const { lastHeartbeat } = scout!
      expect(await agentsOf(hive, lastHeartbeat + STALE_MS)).toEqual(['scout'])
      expect(await agentsOf(hive, lastHeartbeat + STALE_MS + 1)).toEqual([])
      expect(await hive.activity.active({ now: new Date(lastHeartbeat + STALE_MS + 1) })).toEqual([])
      await hive.activity.heartbeat('scout')
      expect(await agentsOf(hive)).toEqual(['scout'])
    })

    it.each(['test_heartbeat_nonexistent_activity, test_end_nonexistent_activity: NOT_FOUND'])('%s', async () => {
      const hive = await store.collective()
      await hive.activity.register({ agent: 'there' })
      for (const write of [() => hive.activity.heartbeat('gone'), () => hive.activity.end('gone')]) {
        const fault = await expectRefusal(write(), 'NOT_FOUND')
        expect(fault.details).toMatchObject({ entity: 'activity', agent: 'gone' })
      }
    })

    it('test_register_activity_invalid_collective, test_cascade_delete_collective_removes_activities', async () => {
      const hive = await store.collective()
      await hive.activity.register({ agent: 'scout' })
      await hive.deleteCollective()
      await expectRefusal(hive.activity.register({ agent: 'scout' }), 'NOT_FOUND')
      await expectRefusal(hive.activity.active(), 'NOT_FOUND')
      const anew = await store.waggle.createCollective({ id: hive.id, name: 'anew', dimension: DIMENSION })
      expect(await anew.activity.active()).toEqual([])
    })

    it('P12 test_activity_collective_isolation: the same agent in two collectives is two activities', async () => {
      const [left, right] = [await store.collective(), await store.collective()]
      await left.activity.register({ agent: 'scout', task: 'left' })
      await right.activity.register({ agent: 'scout', task: 'right' })
      await right.activity.register({ agent: 'other' })
      await left.activity.end('scout')
      expect(await agentsOf(left)).toEqual([])
      expect((await agentsOf(right)).toSorted()).toEqual(['other', 'scout'])
      await expectRefusal(left.activity.heartbeat('other'), 'NOT_FOUND')
    })

    it.each<[string, object, string, string]>([
      ['test_register_activity_empty_agent_id', { agent: '' }, 'REQUIRED_FIELD', 'agent'],
      ['no agent', { agent: undefined }, 'REQUIRED_FIELD', 'agent'],
      ['an agent of 256 bytes', { agent: 'a'.repeat(256) }, 'INVALID_FIELD', 'agent'],
      ['an agent that is no text', { agent: 7 }, 'INVALID_FIELD', 'agent'],
      ['a task of 1,025 bytes', { task: 'é'.repeat(512) + 'x' }, 'CONTENT_TOO_LARGE', 'task'],
      ['a summary of 1,025 bytes', { summary: 's'.repeat(1025) }, 'CONTENT_TOO_LARGE', 'summary'],
      ['an unknown field', { startedAt: 5 }, 'UNKNOWN_FIELD', 'startedAt'],
    ])('P10 %s is refused', async (_title, fields, code, field) => {
      const hive = await store.collective()
      await expectRefusal(hive.activity.register({ agent: 'scout', ...fields }), code, field)
      expect(await hive.activity.active()).toEqual([])
    })

    it('the longest agent, task and summary are kept whole', async () => {
      const hive = await store.collective()
      const longest = { agent: 'a'.repeat(255), task: 'é'.repeat(512), summary: '🐝'.repeat(256) }
      await hive.activity.register(longest)
      expect(await hive.activity.active()).toMatchObject([longest])
    })

    it('P1 activities survive a restart', async () => {
      await withStore(open, async (own) => {
        const hive = await own.waggle.createCollective({ name: 'kept', dimension: DIMENSION })
        await hive.activity.register({ agent: 'scout', task: 'T-1' })
        const before = await hive.activity.active()
        expect(await (await (await own.reopen()).collective('kept')).activity.active()).toEqual(before)
      })
    })
  })
}

/** PulseDB's `tests/activity.rs`, `src/activity/mod.rs` and `src/activity/types.rs`. */
import { expect } from 'vitest'
import type { Cases, ParityCase } from './parity-store.ts'
import { active, createCollective, expectAbsent, expectInvalid, register, textOf, unknownId } from './samples.ts'

const agentsOf = async (given: ParityCase): Promise<readonly string[]> =>
  (await active(given)).map(({ agent }) => agent)

export const activityParity = (it: Cases): void => {
  it('activity.rs test_register_activity: a registered agent is listed with its fields', async (given) => {
    await register(given, 'agent-1', { task: 'fix the parser', summary: 'reading the grammar' })
    const nowMs = given.store.nowMs()
    expect(await active(given)).toEqual([
      {
        agent: 'agent-1',
        collective: given.collective,
        task: 'fix the parser',
        summary: 'reading the grammar',
        startedAt: nowMs,
        lastHeartbeat: nowMs,
      },
    ])
  })

  it('activity.rs test_register_activity_upsert: registering again replaces task and summary', async (given) => {
    await register(given, 'agent-1', { task: 'first', summary: 'old' })
    given.store.advance(10)
    await register(given, 'agent-1', { task: 'second' })
    const [activity, ...others] = await active(given)
    expect(others).toEqual([])
    // A registration is a beginning, as in PulseDB.
    expect(activity).toMatchObject({ task: 'second', startedAt: given.store.nowMs() })
    expect(activity).not.toHaveProperty('summary')
  })

  it('activity.rs test_heartbeat_updates_timestamp: a heartbeat moves itself, not the start', async (given) => {
    const { call, collective, store } = given
    await register(given, 'agent-1', { task: 'kept' })
    const startedAt = store.nowMs()
    store.advance(50)
    await call('activity.heartbeat', { collective, agent: 'agent-1' })
    expect(await active(given)).toMatchObject([{ startedAt, lastHeartbeat: startedAt + 50, task: 'kept' }])
  })

  it('activity.rs test_heartbeat_nonexistent_activity: absent', async ({ call, collective }) => {
    await expectAbsent(call('activity.heartbeat', { collective, agent: 'nobody' }), 'activity')
  })

  it('activity.rs test_end_activity: an agent that ended is not listed', async (given) => {
    await register(given, 'agent-1')
    await given.call('activity.end', { collective: given.collective, agent: 'agent-1' })
    expect(await active(given)).toEqual([])
  })

  it('activity.rs test_end_nonexistent_activity: absent', async ({ call, collective }) => {
    await expectAbsent(call('activity.end', { collective, agent: 'nobody' }), 'activity')
  })

  it('activity.rs test_get_active_agents: newest heartbeat first', async (given) => {
    for (const agent of ['agent-1', 'agent-2', 'agent-3']) {
      await register(given, agent)
      given.store.advance(10)
    }
    expect(await agentsOf(given)).toEqual(['agent-3', 'agent-2', 'agent-1'])
    await given.call('activity.heartbeat', { collective: given.collective, agent: 'agent-1' })
    expect(await agentsOf(given)).toEqual(['agent-1', 'agent-3', 'agent-2'])
  })

  it('activity.rs test_stale_activity_excluded: listed up to the threshold, not one beyond', async (given) => {
    const { store } = given
    await register(given, 'agent-1')
    // The default threshold; a heartbeat exactly as old still counts.
    store.advance(300_000)
    expect(await agentsOf(given)).toEqual(['agent-1'])
    store.advance(1)
    expect(await agentsOf(given)).toEqual([])
    await given.call('activity.heartbeat', { collective: given.collective, agent: 'agent-1' })
    expect(await agentsOf(given)).toEqual(['agent-1'])
  })

  it('activity.rs test_one_activity_per_agent: the last registration wins', async (given) => {
    for (const task of ['one', 'two', 'three']) await register(given, 'agent-1', { task })
    expect((await active(given)).map(({ task }) => task)).toEqual(['three'])
  })

  it('activity.rs test_activity_collective_isolation: each collective lists its own agents', async (given) => {
    const other = { ...given, collective: await createCollective(given) }
    await register(given, 'agent-1')
    await register(other, 'agent-2')
    expect(await agentsOf(given)).toEqual(['agent-1'])
    expect(await agentsOf(other)).toEqual(['agent-2'])
  })

  it('activity.rs test_register_activity_invalid_collective: absent', async ({ call }) => {
    await expectAbsent(call('activity.register', { collective: unknownId(), agent: 'agent-1' }), 'collective')
  })

  it('activity.rs test_register_activity_empty_agent_id: refused', async ({ call, collective }) => {
    await expectInvalid(call('activity.register', { collective, agent: '' }), 'REQUIRED_FIELD', 'agent')
  })

  it('activity.rs test_cascade_delete_collective_removes_activities: gone with the collective', async (given) => {
    await register(given, 'agent-1')
    await given.call('collective.delete', { collective: given.collective })
    await expectAbsent(active(given), 'collective')
  })

  it('src/activity/mod.rs test_valid_activity_passes: with all fields', async (given) => {
    await register(given, 'agent-1', { task: 'a task', summary: 'a summary' })
    expect(await active(given)).toMatchObject([{ agent: 'agent-1', task: 'a task', summary: 'a summary' }])
  })

  it('src/activity/mod.rs test_valid_activity_no_optional_fields: with none but the agent', async (given) => {
    await register(given, 'agent-1')
    const [activity] = await active(given)
    expect(Object.keys(activity ?? {}).sort()).toEqual(['agent', 'collective', 'lastHeartbeat', 'startedAt'])
  })

  it('src/activity/mod.rs test_empty_agent_id_rejected: before the collective is looked up', async ({ call }) => {
    const registering = call('activity.register', { collective: unknownId(), agent: '' })
    await expectInvalid(registering, 'REQUIRED_FIELD', 'agent')
  })

  it('src/activity/mod.rs test_agent_id_too_long_rejected: 256 bytes', async ({ call, collective }) => {
    for (const agent of [textOf(256), 'é'.repeat(128)])
      await expectInvalid(call('activity.register', { collective, agent }), 'INVALID_FIELD', 'agent')
  })

  it('src/activity/mod.rs test_agent_id_at_limit_passes: 255 bytes', async (given) => {
    await register(given, textOf(255))
    expect(await agentsOf(given)).toEqual([textOf(255)])
  })

  it('src/activity/mod.rs test_current_task_too_large_rejected: 1,025 bytes', async ({ call, collective }) => {
    const registering = call('activity.register', { collective, agent: 'agent-1', task: textOf(1_025) })
    const { details } = await expectInvalid(registering, 'CONTENT_TOO_LARGE', 'task')
    expect(details).toMatchObject({ size: 1_025, limit: 1_024 })
  })

  it('src/activity/mod.rs test_context_summary_too_large_rejected: 1,025 bytes', async ({ call, collective }) => {
    const registering = call('activity.register', { collective, agent: 'agent-1', summary: textOf(1_025) })
    await expectInvalid(registering, 'CONTENT_TOO_LARGE', 'summary')
  })

  it('src/activity/mod.rs test_fields_at_limit_passes: 255, 1,024 and 1,024 bytes', async (given) => {
    await register(given, textOf(255), { task: textOf(1_024), summary: textOf(1_024) })
    expect(await active(given)).toHaveLength(1)
  })

  it('src/activity/types.rs test_activity_postcard_roundtrip: reads back the same when opened again', async (given) => {
    await register(given, 'agent-1')
    const before = await active(given)
    await given.store.reopen()
    expect(await active(given)).toEqual(before)
  })

  it('src/activity/types.rs test_activity_with_optional_fields_roundtrip: with task and summary', async (given) => {
    await register(given, 'agent-1', { task: 'a task', summary: 'a summary' })
    const before = await active(given)
    await given.store.reopen()
    expect(await active(given)).toEqual(before)
    expect(before).toMatchObject([{ task: 'a task', summary: 'a summary' }])
  })
}

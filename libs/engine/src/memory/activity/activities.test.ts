import { limits, type Activity, type CollectiveId } from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { DEFAULT_SETTINGS } from '../../settings.ts'
import { openTestEngine, type TestEngine } from '../../testing/test-engine.ts'

const UNKNOWN = '00000000-0000-7000-8000-000000000000'
const { activityStaleMs } = DEFAULT_SETTINGS

let engine: TestEngine
let collective: CollectiveId

const register = (agent: string, fields: object = {}) =>
  engine.call('activity.register', { collective, agent, ...fields })
const heartbeat = (agent: string) => engine.call('activity.heartbeat', { collective, agent })
const end = (agent: string) => engine.call('activity.end', { collective, agent })
const active = async (options: object = {}): Promise<readonly Activity[]> =>
  (await engine.call('activity.active', { collective, ...options })).items as readonly Activity[]
const agents = async (options?: object): Promise<readonly string[]> => (await active(options)).map(({ agent }) => agent)

beforeEach(async () => {
  engine = await openTestEngine()
  const created = await engine.call('collective.create', { name: 'bees', dimension: 2 })
  collective = (created.collective as { id: CollectiveId }).id
})

describe('activities', () => {
  test('what an agent registers is what others see', async () => {
    await register('scout', { task: 'forage', summary: 'north meadow' })
    const now = engine.clock.nowMs()
    expect(await active()).toEqual([
      { agent: 'scout', collective, task: 'forage', summary: 'north meadow', startedAt: now, lastHeartbeat: now },
    ])
  })

  test('registering again begins anew: time, task and summary are replaced', async () => {
    await register('scout', { task: 'forage', summary: 'north meadow' })
    engine.clock.advance(1_000)
    await register('scout', { task: 'dance' })
    const now = engine.clock.nowMs()
    expect(await active()).toEqual([{ agent: 'scout', collective, task: 'dance', startedAt: now, lastHeartbeat: now }])
  })

  test('a heartbeat moves the time of the heartbeat alone', async () => {
    await register('scout', { task: 'forage' })
    const [before] = await active()
    engine.clock.advance(1_000)
    await heartbeat('scout')
    expect(await active()).toEqual([{ ...before, lastHeartbeat: engine.clock.nowMs() }])
  })

  test('who ended is no longer there, and ends no second time', async () => {
    await register('scout')
    await end('scout')
    expect(await active()).toEqual([])
    await expect(end('scout')).rejects.toMatchObject({ code: 'NOT_FOUND', details: { entity: 'activity' } })
    await expect(heartbeat('scout')).rejects.toMatchObject({ code: 'NOT_FOUND', details: { agent: 'scout' } })
  })

  test('who is silent for too long is not active, and is again with the next heartbeat', async () => {
    await register('scout')
    engine.clock.advance(activityStaleMs)
    expect(await agents()).toEqual(['scout'])
    engine.clock.advance(1)
    expect(await agents()).toEqual([])
    expect(await agents({ now: engine.clock.nowMs() - 1 })).toEqual(['scout'])
    await heartbeat('scout')
    expect(await agents()).toEqual(['scout'])
  })

  test('newest heartbeat first, ties by agent', async () => {
    for (const agent of ['c', 'a', 'b', 'é', 'z']) await register(agent)
    expect(await agents()).toEqual(['a', 'b', 'c', 'z', 'é'])
    engine.clock.advance(1)
    await heartbeat('c')
    engine.clock.advance(1)
    await register('d')
    expect(await agents()).toEqual(['d', 'c', 'a', 'b', 'z', 'é'])
  })

  test('an agent is one in each collective', async () => {
    const other = (await engine.call('collective.create', { name: 'wasps', dimension: 2 })).collective as { id: string }
    await register('scout')
    expect(await agents({ collective: other.id })).toEqual([])
    await expect(engine.call('activity.end', { collective: other.id, agent: 'scout' })).rejects.toMatchObject({
      details: { entity: 'activity' },
    })
  })

  test('K8 a list that would be larger than a reply may be is refused, not cut', async () => {
    const text = 'x'.repeat(limits.ACTIVITY_TEXT_BYTES_MAX)
    const count = Math.ceil(limits.REPLY_BYTES_MAX / (2 * limits.ACTIVITY_TEXT_BYTES_MAX))
    for (let from = 0; from < count; from += 500)
      await Promise.all(
        Array.from({ length: Math.min(500, count - from) }, (_, n) =>
          register(`agent ${from + n}`, { task: text, summary: text }),
        ),
      )
    await expect(active()).rejects.toMatchObject({ code: 'RESULT_TOO_LARGE' })
    engine.clock.advance(activityStaleMs + 1)
    expect(await active()).toEqual([])
  })
})

describe('what an activity may not be', () => {
  const long = 'é'.repeat(600)

  test.each([
    ['REQUIRED_FIELD', 'agent', { agent: '', task: long, collective: UNKNOWN }],
    ['REQUIRED_FIELD', 'agent', { agent: undefined }],
    ['INVALID_FIELD', 'agent', { agent: 'é'.repeat(128), task: long, collective: UNKNOWN }],
    ['CONTENT_TOO_LARGE', 'task', { task: long, summary: long, collective: UNKNOWN }],
    ['CONTENT_TOO_LARGE', 'summary', { summary: long, collective: UNKNOWN }],
  ])('P10 %s of %s, in the published order of checks', async (code, field, fields) => {
    await expect(register('scout', fields)).rejects.toMatchObject({ code, details: { field } })
  })

  test.each(['activity.heartbeat', 'activity.end'] as const)(
    'P10 %s takes no agent without a name',
    async (operation) => {
      for (const agent of ['', undefined])
        await expect(engine.call(operation, { collective, agent })).rejects.toMatchObject({
          ...{ code: 'REQUIRED_FIELD', details: { field: 'agent' } },
        })
    },
  )

  test('an unknown collective is NOT_FOUND', async () => {
    for (const operation of ['activity.register', 'activity.heartbeat', 'activity.end', 'activity.active'] as const) {
      const asked = { collective: UNKNOWN, ...(operation === 'activity.active' ? {} : { agent: 'scout' }) }
      await expect(engine.call(operation, asked)).rejects.toMatchObject({ details: { entity: 'collective' } })
    }
  })

  test('the longest agent, task and summary are taken', async () => {
    const text = 'x'.repeat(limits.ACTIVITY_TEXT_BYTES_MAX)
    await register('é'.repeat(127) + 'x', { task: text, summary: text })
    expect(await agents()).toEqual(['é'.repeat(127) + 'x'])
  })
})

/** How routers come, are found, say what they know, and go. */
import type { Uuid } from '@waggle/kernel'
import {
  API_SUBJECTS,
  compactorBeatSubject,
  encodeClusterMessage,
  nodeBeatSubject,
  partition,
  SYSTEM_TENANT,
  type CompactorBeat,
  type NodeBeat,
} from '@waggle/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { RouterFixture } from '../testing/router-fixture.ts'
import { sampleId } from '../testing/sample-beat.ts'

let fixture: RouterFixture
beforeAll(async () => {
  fixture = await RouterFixture.start()
})
afterEach(() => fixture.closeAll())
afterAll(() => fixture.dispose())

const record = { collective: sampleId(3), content: 'x' }
const eventually = (check: () => Promise<void> | void): Promise<void> =>
  vi.waitFor(check, { timeout: 20_000, interval: 20 })
const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code

const answeredBy = { router: 'router-1', pid: 4711, timeMs: expect.any(Number) as number }

describe('operators', () => {
  const fault = { code: 'LOG_DIVERGED', kind: 'corrupt', message: 'diverged', details: {} } as const
  const node: NodeBeat = {
    ...{ kind: 'node', node: 'shard-1', pid: 12, version: '0.1.0', draining: false },
    ...{ leads: [1, 0], halted: [{ shard: 7, fault }] },
  }
  const servers = [{ name: 'n1', version: '2.14.5', syncAlways: true, storeBytes: 1, storeBytesMax: 9 }]
  const active: CompactorBeat = {
    ...{ kind: 'compactor', compactor: 'c1', pid: 13, active: true, servers },
    safePoints: { 0: { sequence: 3, reason: 'hold of shard-0' } },
  }
  const standby: CompactorBeat = {
    ...{ kind: 'compactor', compactor: 'c0', pid: 14, active: false, servers: [], safePoints: {} },
  }

  it('hear what shards, nodes and compactors said last, in their request’s encoding', async () => {
    await fixture.router()
    const shards = await fixture.beating('shard')
    const compactors = await fixture.beating('compactor')
    shards.publish(nodeBeatSubject(node.node), encodeClusterMessage(node))
    for (const beat of [active, standby])
      compactors.publish(compactorBeatSubject(beat.compactor), encodeClusterMessage(beat))
    await fixture.leader({ epoch: 5, shards: 2, answer: () => ({}) })
    const operator = await fixture.client(SYSTEM_TENANT)
    await eventually(async () =>
      expect(await operator.ask('shard.list', {}, 'json')).toEqual({
        items: [
          {
            shard: 0,
            leader: 'shard-0',
            pid: 4711,
            epoch: 5,
            applied: 0,
            last: 0,
            first: 1,
            horizon: 1,
            followers: [],
          },
          { shard: 1, followers: [] },
        ],
        answeredBy,
      }),
    )
    expect(await operator.ask('node.list', {})).toEqual({
      items: [
        { node: 'shard-1', pid: 12, version: '0.1.0', draining: false, leads: [0, 1], halted: [{ shard: 7, fault }] },
      ],
      answeredBy,
    })
    expect(await operator.ask('log.status', { timeoutMs: 5 })).toEqual({
      items: [
        {
          ...{ shard: 0, stream: 'WAGGLE_0_00112233445566aa', first: 1, last: 0, bytes: 0, applied: 0, holds: {} },
          ...{ safePoint: 3, safePointReason: 'hold of shard-0' },
        },
        { shard: 1 },
      ],
      compactors: [
        { compactor: 'c0', pid: 14, active: false },
        { compactor: 'c1', pid: 13, active: true },
      ],
      servers,
      answeredBy,
    })
  })

  it('hear that a leader is gone, and what it said last', async () => {
    await fixture.router()
    const leader = await fixture.leader({ epoch: 5, answer: () => ({}) })
    const operator = await fixture.client(SYSTEM_TENANT)
    await eventually(async () =>
      expect(await operator.ask('shard.list', {})).toMatchObject({ items: [{ leader: 'shard-0' }] }),
    )
    leader.release()
    await eventually(async () => {
      const { items } = await operator.ask('shard.list', {})
      expect(items).toEqual([{ shard: 0, epoch: 5, applied: 0, last: 0, first: 1, horizon: 1, followers: [] }])
    })
  })

  it('hear faults like everybody', async () => {
    await fixture.router()
    const operator = await fixture.client(SYSTEM_TENANT)
    const codes = ['shard.list', 'node.drain', 'experience.record', 'no.operation'].map((operation) =>
      operator.ask(operation, {}).catch(codeOf),
    )
    expect(await Promise.all(codes)).toEqual([
      ...['SHARD_NOT_READY', 'REQUIRED_FIELD', 'UNKNOWN_OPERATION', 'UNKNOWN_OPERATION'],
    ])
    expect(await operator.ask('node.list', {})).toEqual({ items: [], answeredBy })
  })

  it('P12 are none of those who connect without credentials', async () => {
    await fixture.router()
    const client = await fixture.client()
    await expect(client.connection.request('waggle.v1.$sys.shard.list', '{}', { timeout: 5_000 })).rejects.toThrow(
      /permissions violation/i,
    )
  })
})

describe('discovery', () => {
  it('finds a router as a NATS micro service, with its figures and nothing of any tenant', async () => {
    await fixture.leader({ epoch: 5, answer: () => ({}) })
    await fixture.router()
    const client = await fixture.client()
    await client.ask('experience.record', record)
    const info = await client.connection.request('$SRV.INFO.waggle-router', undefined, { timeout: 5_000 })
    expect(info.json()).toMatchObject({
      name: 'waggle-router',
      version: '0.1.0',
      metadata: { node: 'router-1', pid: '4711' },
      endpoints: [{ name: 'api', subject: API_SUBJECTS, queue_group: 'waggle-router' }],
    })
    const stats = await client.connection.request('$SRV.STATS.waggle-router', undefined, { timeout: 5_000 })
    expect(stats.json()).toMatchObject({ endpoints: [{ num_requests: 1, data: { requests: 1, forwarded: 1 } }] })
    expect((await client.connection.request('$SRV.PING')).json()).toMatchObject({ name: 'waggle-router' })
  })
})

describe('V2 several routers', () => {
  it('share the requests, and the others take over when one dies', async () => {
    await fixture.leader({ epoch: 5, answer: () => ({ id: 'x' }) })
    const routers = [await fixture.router(), await fixture.router()]
    const client = await fixture.client()
    const ask = () => client.ask('experience.record', record)
    await eventually(async () => {
      await Promise.all(Array.from({ length: 20 }, ask))
      for (const router of routers) expect(router.figures().forwarded).toBeGreaterThan(0)
    })
    await routers[0]!.connection.close()
    // What was on its way to the one that died is lost: like an SDK, the client asks again.
    await eventually(async () => {
      await client.send('experience.record', Buffer.from('{}'), 1_000)
    })
    const before = routers[1]!.figures().forwarded!
    await Promise.all(Array.from({ length: 20 }, ask))
    expect(routers[1]!.figures().forwarded).toBe(before + 20)
  })

  it('number their requests each for themselves', async () => {
    const leader = await fixture.leader({ epoch: 5, answer: () => ({}) })
    await fixture.router()
    await fixture.router()
    const client = await fixture.client()
    await Promise.all(Array.from({ length: 40 }, () => client.ask('experience.record', record)))
    const ofRouter = new Map<string, number[]>()
    for (const { router, number } of leader.received) ofRouter.set(router, [...(ofRouter.get(router) ?? []), number])
    expect(ofRouter.size).toBe(2)
    for (const numbers of ofRouter.values()) expect(numbers).toEqual(numbers.map((_, index) => index + 1))
  })
})

describe('V1 W4 a router that leaves', () => {
  it('waits for what it keeps, and leaves the rest of the requests to others', async () => {
    const router = await fixture.router()
    const client = await fixture.client()
    const answer = client.ask('experience.record', record)
    await eventually(() => expect(router.figures().kept).toBe(1))
    const drained = router.drain()
    await fixture.leader({ epoch: 5, answer: () => ({ id: 'x' }) })
    expect(await answer).toEqual({ id: 'x' })
    await drained
    expect(router.figures()).toMatchObject({ kept: 0, refused: 0 })
    await expect(client.send('experience.record', Buffer.from('{}'), 5_000)).rejects.toThrow(/no responders/)
  })

  it('tells those that it can no longer help what may have happened', async () => {
    const leader = await fixture.leader({ epoch: 5, shards: 2 })
    const router = await fixture.router()
    const client = await fixture.client()
    const ask = (collective: Uuid) => client.ask('experience.record', { collective, content: 'x' }).catch(codeOf)
    const ids = [1, 2, 3, 4, 5, 6].map(sampleId)
    const codes = ids.map(ask)
    const isLed = ids.filter((id) => partition(id, 2) === 0).length
    await eventually(() => expect([router.figures().kept, leader.received.length]).toEqual([6, isLed]))
    await router.drain()
    expect(new Set(await Promise.all(codes))).toEqual(new Set(['UNAVAILABLE', 'SHARD_NOT_READY']))
  })

  it('ends when its connection does', async () => {
    const router = await fixture.router()
    await router.connection.close()
    await router.ended
  })
})

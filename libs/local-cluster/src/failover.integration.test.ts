/** Whole clusters of real processes that are killed and stopped under load: nothing acknowledged is lost or doubled. */
import { temporaryFolder, type TemporaryFolder } from '@waggle/engine/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { startLocalCluster, type LocalCluster } from './local-cluster.ts'
import { eventually, listShards } from './testing/cluster-state.ts'
import { Workload } from './testing/workload.ts'

/** Longer than a lease lasts. */
const STOPPED_MS = 17_000

let folder: TemporaryFolder | undefined
let cluster: LocalCluster | undefined

afterEach(async () => {
  await cluster?.stop()
  await folder?.remove()
  cluster = undefined
  folder = undefined
})

const start = async (options: { readonly nodes?: number; readonly routers?: number }): Promise<LocalCluster> => {
  folder = await temporaryFolder()
  cluster = await startLocalCluster({ folder: folder.path, shards: 4, environment: process.env, ...options })
  return cluster
}

const pidsOf = (running: LocalCluster, role: string): readonly number[] =>
  running.children().flatMap((child) => (child.role === role ? [child.pid] : []))

const leadersOf = async (running: LocalCluster): Promise<readonly number[]> => [
  ...new Set((await listShards(running)).flatMap(({ pid }) => pid ?? [])),
]

const unharmed = { lost: [], doubled: [], stale: [] }

describe('a cluster of two shard processes under load', () => {
  test('P1 P2 P5 kill -9 of the leaders, one by one and both at once: nothing is lost, doubled or stale', async () => {
    const running = await start({ nodes: 2 })
    const workload = await Workload.start({ url: running.url, clients: 4, width: 4 })
    await workload.progress(50, 30_000)
    for (const which of [0, 1, 'both'] as const) {
      const pids = pidsOf(running, 'shard')
      for (const pid of which === 'both' ? pids : pids.slice(which, which + 1)) process.kill(pid, 'SIGKILL')
      await workload.progress(50, 60_000)
      await eventually(
        () => pidsOf(running, 'shard').length === 2,
        () => running.children(),
      )
    }
    const verdict = await workload.end()
    expect(verdict).toMatchObject(unharmed)
    expect(verdict.acknowledged).toBeGreaterThan(800)
  })

  test('P1 P2 L3 a leader that is stopped for longer than its lease and wakes up changes nothing', async () => {
    const running = await start({ nodes: 2 })
    const workload = await Workload.start({ url: running.url, clients: 4, width: 4 })
    await workload.progress(50, 30_000)
    const [stopped] = (await leadersOf(running)) as [number]
    process.kill(stopped, 'SIGSTOP')
    const wakesAt = Date.now() + STOPPED_MS
    await eventually(
      async () => (await listShards(running)).every(({ pid }) => pid !== undefined && pid !== stopped),
      () => stopped,
    )
    await workload.progress(50, 30_000)
    const epochs = (await listShards(running)).map(({ epoch }) => epoch)
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, wakesAt - Date.now())))
    process.kill(stopped, 'SIGCONT')
    await workload.progress(100, 30_000)
    // What it led it leads no more; once it has followed for a while it may be handed something.
    for (const [shard, { epoch }] of (await listShards(running)).entries())
      expect(epoch).toBeGreaterThanOrEqual(epochs[shard] as number)
    expect(await workload.end()).toMatchObject(unharmed)
  })

  test('P1 P2 a node that drains hands its shards over', async () => {
    const running = await start({ nodes: 2 })
    const workload = await Workload.start({ url: running.url, clients: 4, width: 4 })
    await workload.progress(50, 30_000)
    const [drained] = pidsOf(running, 'shard') as [number]
    process.kill(drained, 'SIGTERM')
    await eventually(
      async () => (await listShards(running)).every(({ pid }) => pid !== undefined && pid !== drained),
      () => drained,
    )
    await workload.progress(50, 30_000)
    const verdict = await workload.end()
    expect(verdict).toMatchObject(unharmed)
  })
})

describe('a cluster of two routers under load', () => {
  test('P1 P2 kill -9 of one in the middle of requests: nothing is lost or doubled', async () => {
    const running = await start({ routers: 2 })
    const workload = await Workload.start({ url: running.url, clients: 4, width: 8 })
    await workload.progress(50, 30_000)
    for (let round = 0; round < 3; round += 1) {
      const [pid] = pidsOf(running, 'router') as [number]
      process.kill(pid, 'SIGKILL')
      await workload.progress(50, 60_000)
      await eventually(
        () => pidsOf(running, 'router').length === 2,
        () => running.children(),
      )
    }
    expect(await workload.end()).toMatchObject(unharmed)
  })
})

describe('a cluster whose server dies', () => {
  test('P1 P2 kill -9 of nats-server: writes go on when it is back, nothing is lost or doubled', async () => {
    const running = await start({ nodes: 2 })
    const workload = await Workload.start({ url: running.url, clients: 4, width: 4 })
    await workload.progress(50, 30_000)
    const [pid] = pidsOf(running, 'nats') as [number]
    process.kill(pid, 'SIGKILL')
    await workload.progress(50, 90_000)
    expect(await workload.end()).toMatchObject(unharmed)
  })
})

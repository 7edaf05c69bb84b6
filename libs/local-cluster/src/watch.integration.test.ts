/** Watching a cluster of real processes while connections are cut and leaders are killed. */
import { Waggle, type Change, type CollectiveHandle } from '@waggle/client'
import { temporaryFolder, type TemporaryFolder } from '@waggle/engine/testing'
import { isFault } from '@waggle/kernel'
import { partition } from '@waggle/protocol'
import { CutOffWatcher, cuts } from '@waggle/sdk/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startLocalCluster, type LocalCluster } from './local-cluster.ts'
import { eventually, listShards } from './testing/cluster-state.ts'

const SHARDS = 2

let folder: TemporaryFolder
let cluster: LocalCluster
const clients: Waggle[] = []

const client = async (): Promise<Waggle> => {
  const waggle = await Waggle.connect({ servers: cluster.url })
  clients.push(waggle)
  return waggle
}

beforeEach(async () => {
  folder = await temporaryFolder()
  cluster = await startLocalCluster({
    ...{ folder: folder.path, shards: SHARDS, nodes: 2, routers: 2, environment: process.env },
  })
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((waggle) => waggle.close()))
  await cluster.stop()
  await folder.remove()
})

const pidsOf = (role: string): readonly number[] =>
  cluster.children().flatMap((child) => (child.role === role ? [child.pid] : []))

const killLeaderOf = async ({ id }: CollectiveHandle): Promise<void> => {
  const own = partition(id, SHARDS)
  const pidOf = async () => (await listShards(cluster)).find(({ shard }) => shard === own)?.pid
  let pid: number | undefined
  await eventually(
    async () => (pid = await pidOf()) !== undefined,
    () => 'no leader',
  )
  process.kill(pid as number, 'SIGKILL')
}

/** Until the call is answered: what passes is tried again with the same key. */
const surely = async <Result>(attempt: () => Promise<Result>): Promise<Result> => {
  for (;;)
    try {
      return await attempt()
    } catch (error) {
      if (!isFault(error) || !['busy', 'notReady', 'unavailable', 'moved'].includes(error.kind)) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
}

/** Everything that is kept, in its order. */
const replay = async (hive: CollectiveHandle): Promise<Change[]> => {
  const changes: Change[] = []
  for (let from = 'start'; ;) {
    const page = await surely(() => hive.poll({ from, max: 1_000 }))
    changes.push(...page.changes)
    if (page.more !== true) return changes
    from = page.next
  }
}

const labels = (changes: readonly Change[]): string[] =>
  changes.map(({ cursor, kind, id }) => `${cursor} ${kind} ${id}`)

describe('a watch of a cluster', () => {
  test('P6 P1 cut off a hundred times while leaders are killed with -9: every change once and in order', async () => {
    const hive = await (await client()).createCollective({ name: 'bees', dimension: 2 })
    const watcher = new CutOffWatcher({
      async connect() {
        const waggle = await client()
        return { hive: await surely(() => waggle.collective(hive.id)), sever: () => waggle.close() }
      },
      nextCut: (cut) => ({ after: 1 + (cut % 4), how: cuts[cut % cuts.length] ?? 'leave' }),
      from: 'start',
    })
    const state = { isOver: false }
    const write = async (lane: number): Promise<string[]> => {
      const own = await (await client()).collective(hive.id)
      const ids: string[] = []
      for (let n = 0; !state.isOver; n += 1) {
        const record = { content: `lane ${lane} n ${n}`, embedding: [1, n] }
        const { id } = await surely(() => own.record(record, { idempotencyKey: record.content }))
        ids.push(id)
        if (n % 3 === 0) await surely(() => own.archive(id))
        if (n % 5 === 0) await surely(() => own.reinforce(id, { idempotencyKey: `raise ${record.content}` }))
      }
      return ids
    }
    const lanes = [write(0), write(1), write(2)]
    for (let kills = 0; kills < 3; kills += 1) {
      const cutsBefore = watcher.cuts
      await eventually(
        () => watcher.cuts >= cutsBefore + 15,
        () => watcher.cuts,
      )
      await killLeaderOf(hive)
      await eventually(
        () => pidsOf('shard').length === 2,
        () => cluster.children(),
      )
    }
    await eventually(
      () => watcher.cuts >= 100,
      () => watcher.cuts,
    )
    state.isOver = true
    const acknowledged = (await Promise.all(lanes)).flat()
    const all = await replay(hive)
    await eventually(
      () => watcher.seen.length >= all.length,
      () => [watcher.seen.length, all.length],
    )
    await watcher.stop()
    expect(labels(watcher.seen)).toEqual(labels(all))
    const created = watcher.seen.filter(({ kind, entity }) => kind === 'created' && entity === 'experience')
    expect(created.map(({ id }) => id).toSorted()).toEqual(acknowledged.toSorted())
  })

  test('P6 a leader that is killed under a waiting watcher is followed by one that tells it on', async () => {
    const waggle = await client()
    const hive = await waggle.createCollective({ name: 'bees', dimension: 2 })
    const watch = hive.watch()
    await watch.ready
    const waiting = watch.next()
    await killLeaderOf(hive)
    const beganMs = Date.now()
    const { id } = await surely(() => hive.record({ content: 'x', embedding: [1, 2] }, { idempotencyKey: 'x' }))
    expect((await waiting).value).toMatchObject({ id, kind: 'created' })
    // The router's own: the client would have sent it again only after 12 s.
    expect(Date.now() - beganMs).toBeLessThan(11_000)
    await watch.return()
  })

  test('P11 neither a node nor a router that drains, nor a client that closes, waits for watchers', async () => {
    const waggle = await client()
    const hive = await waggle.createCollective({ name: 'bees', dimension: 2 })
    const watches = Array.from({ length: 50 }, () => hive.watch())
    await Promise.all(watches.map(({ ready }) => ready))
    const waiting = watches.map((watch) => watch.next())
    const drained = pidsOf('shard')
    const beganMs = Date.now()
    for (const pid of [...drained, ...pidsOf('router').slice(0, 1)]) process.kill(pid, 'SIGTERM')
    await eventually(
      () => !drained.some((pid) => pidsOf('shard').includes(pid)),
      () => cluster.children(),
    )
    expect(Date.now() - beganMs).toBeLessThan(9_000)
    const { id } = await surely(() => hive.record({ content: 'x', embedding: [1, 2] }, { idempotencyKey: 'x' }))
    for (const { value } of await Promise.all(waiting)) expect(value?.id).toBe(id)
    const last = watches.map((watch) => watch.next())
    const refused = Promise.allSettled(last)
    const closedMs = Date.now()
    await waggle.close()
    for (const outcome of await refused) expect(outcome).toMatchObject({ reason: { code: 'CLOSED' } })
    expect(Date.now() - closedMs).toBeLessThan(3_000)
  })
})

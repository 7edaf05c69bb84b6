/** A log that is full: what clients are told, what goes on, and that it heals by itself, over a real server. */
import { isFault, silentLogger, type Fault } from '@waggle/kernel'
import { collectiveIdOfKey, DEFAULT_TENANT } from '@waggle/protocol'
import { afterEach, expect, test } from 'vitest'
import { startCompactorNode } from '../compactor/compactor-node.ts'
import { jetStreamAccess } from '../nats/jetstream-access.ts'
import { eventually, ports, ShardCluster } from '../testing/shard-cluster.ts'

const SHARD = 0
const LOG_BYTES_MAX = 4 * 1024 ** 2
/** A fortieth of the log. */
const CONTENT = 'x'.repeat(100_000)

let cluster: ShardCluster | undefined

afterEach(async () => {
  await cluster?.dispose()
  cluster = undefined
})

const id = collectiveIdOfKey(DEFAULT_TENANT, 'bees')

/** Writes until it is refused; gives how many were taken, and the refusal. */
const fill = async ({ requests }: ShardCluster) => {
  for (let taken = 0; ; taken += 1)
    try {
      await requests.execute(id, 'experience.record', { collective: id, content: CONTENT, embedding: [1] })
    } catch (error) {
      return { taken, refused: error as Fault }
    }
}

const count = async ({ requests }: ShardCluster, consistency: 'any' | 'strong'): Promise<number> => {
  const { stats } = await requests.execute(id, 'collective.stats', { collective: id, consistency })
  return (stats as { readonly experienceCount: number }).experienceCount
}

test('K1 P11 a full log refuses writes and serves reads, and heals itself by a checkpoint and a purge', async () => {
  cluster = await ShardCluster.start({ shards: 1, logBytesMax: LOG_BYTES_MAX })
  const running = cluster
  await running.startNode('n1')
  const { requests, server } = running
  await requests.execute(id, 'collective.create', { id, name: 'bees', dimension: 1 })
  const { taken, refused } = await fill(running)
  expect(isFault(refused) && refused).toMatchObject({
    ...{ code: 'STORAGE_FULL', kind: 'busy', retryAfterMs: 1_000 },
    details: { shard: SHARD, of: 'log', limit: Math.floor(LOG_BYTES_MAX * 0.9) },
  })
  expect(taken).toBeGreaterThan(30)
  expect(await count(running, 'any')).toBe(taken)
  expect(await count(running, 'strong')).toBe(taken)
  const { stream, first } = await requests.leader(SHARD, ({ trouble }) => trouble === 'STORAGE_FULL')
  expect(first).toBe(1)

  // From here on nobody lends a hand.
  const compactor = await startCompactorNode({
    ...{ servers: [server.url], credentials: { user: 'compactor', password: 'compactor' }, node: 'compactor-1' },
    ...{ version: '0.1.0', pid: process.pid, journalKeepMs: 86_400_000, logger: silentLogger, ...ports },
  })
  const healed = await requests.leader(SHARD, ({ trouble }) => trouble === undefined)
  expect(healed.checkpoint?.sequence).toBeGreaterThanOrEqual(healed.horizon ?? Infinity)
  const { state } = await (await jetStreamAccess(await running.connect('log'))).manager.streams.info(stream)
  expect(state.first_seq).toBeGreaterThan(taken / 2)
  expect(state.first_seq).toBeLessThanOrEqual(healed.horizon ?? 0)
  const again = await fill(running)
  expect(again.taken).toBeGreaterThan(0)
  expect(await count(running, 'strong')).toBe(taken + again.taken)
  await compactor.drain()
})

test('K1 a full log heals when it is given more room', async () => {
  cluster = await ShardCluster.start({ shards: 1, logBytesMax: LOG_BYTES_MAX })
  const running = cluster
  await running.startNode('n1')
  const { requests } = running
  await requests.execute(id, 'collective.create', { id, name: 'bees', dimension: 1 })
  const { taken } = await fill(running)
  const { stream } = await requests.leader(SHARD, ({ trouble }) => trouble === 'STORAGE_FULL')
  await running.giveRoom(stream, 2 * LOG_BYTES_MAX)
  const more = await eventually(
    'writes are taken again',
    async () => {
      const { taken: again } = await fill(running)
      return again > 0 ? again : undefined
    },
    () => requests.leaders.get(SHARD),
  )
  expect(more).toBeGreaterThan(10)
  expect(await count(running, 'strong')).toBe(taken + more)
})

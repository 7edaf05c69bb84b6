/** The disk under a leader is full: before its state meets it, and after; over a real server and real LevelDB. */
import { decodeSettings, engineFault, type KeyValueStore } from '@waggle/engine'
import { temporaryFolder } from '@waggle/engine/testing'
import { silentLogger } from '@waggle/kernel'
import { collectiveIdOfKey, DEFAULT_TENANT } from '@waggle/protocol'
import { afterEach, expect, test } from 'vitest'
import { levelDisk } from '../disk/level-disk.ts'
import type { DiskRoom, NodeDisk } from '../disk/node-disk.ts'
import { jetStreamAccess } from '../nats/jetstream-access.ts'
import { objectShelf } from '../nats/object-shelf.ts'
import { eventually, ports, ShardCluster } from '../testing/shard-cluster.ts'
import { runShardNode } from '../node/shard-node.ts'

const SHARD = 0
const LOG_BYTES_MAX = 32 * 1024 ** 2
const FULL: DiskRoom = { bytesFree: 9, bytesMax: 100 }

const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** As LevelDB behaves on a full disk: nothing is written after a write that failed, nor opened while it is full. */
class FillableDisk {
  isFull = false
  room: DiskRoom | undefined
  refusals = 0

  over(disk: NodeDisk): NodeDisk {
    return {
      ...disk,
      open: async (shard) => {
        this.#check()
        return this.#store(await disk.open(shard))
      },
      room: async () => this.room ?? disk.room(),
    }
  }

  #check(): void {
    if (!this.isFull) return
    this.refusals += 1
    throw engineFault('STORAGE_FAILED', 'a write failed: No space left on device')
  }

  #store(store: KeyValueStore): KeyValueStore {
    let hasFailed = false
    return {
      get: (key) => store.get(key),
      scan: (range) => store.scan(range),
      scanChunks: (range) => store.scanChunks(range),
      scanKeys: (range) => store.scanKeys(range),
      snapshot: () => store.snapshot(),
      close: () => store.close(),
      write: async (changes, options) => {
        hasFailed ||= this.isFull
        if (hasFailed) throw engineFault('STORAGE_FAILED', 'a write failed: No space left on device')
        return store.write(changes, options)
      },
    }
  }
}

test('K1 P1 P2 a full disk refuses writes and serves reads; one that is met ends the term and heals', async () => {
  const cluster = await ShardCluster.start({ shards: 1 })
  cleanups.push(() => cluster.dispose())
  const folder = await temporaryFolder()
  cleanups.push(() => folder.remove())
  const fillable = new FillableDisk()
  const access = await jetStreamAccess(await cluster.connect('log'))
  const node = await runShardNode({
    ...{ connection: await cluster.connect('shard'), access, node: 'n1', version: '0.1.0', pid: process.pid },
    disk: fillable.over(levelDisk({ folder: folder.path, shards: 1, ...ports })),
    shelf: objectShelf({ access, bytesMax: 2 * LOG_BYTES_MAX, logger: silentLogger, ...ports }),
    ...{ shards: 1, replicas: 1, logBytesMax: LOG_BYTES_MAX, settings: decodeSettings({}), logger: silentLogger },
    ...ports,
  })
  cleanups.push(() => node.drain())
  const { requests } = cluster
  const id = collectiveIdOfKey(DEFAULT_TENANT, 'bees')
  const record = (content: string) =>
    requests.execute(id, 'experience.record', { collective: id, content, embedding: [1], idempotencyKey: content })
  const contents = async () => {
    const { items } = await requests.execute(id, 'experience.list', { collective: id, consistency: 'strong' })
    return (items as readonly { readonly content: string }[]).map(({ content }) => content)
  }
  await requests.execute(id, 'collective.create', { id, name: 'bees', dimension: 1 })
  await record('one')

  fillable.room = FULL
  await requests.leader(SHARD, ({ trouble }) => trouble === 'STORAGE_FULL')
  await expect(record('two')).rejects.toMatchObject({
    ...{ code: 'STORAGE_FULL', kind: 'busy', retryAfterMs: 1_000 },
    details: { shard: SHARD, of: 'disk', bytes: 91, limit: 90 },
  })
  expect(await contents()).toEqual(['one'])
  fillable.room = undefined
  const { epoch } = await requests.leader(SHARD, ({ trouble }) => trouble === undefined)
  await record('two')

  // It fills within the second between two looks.
  fillable.isFull = true
  record('three').catch(() => undefined)
  await eventually(
    'it was tried to open the state again',
    () => (fillable.refusals > 1 ? true : undefined),
    () => requests.leaders.get(SHARD),
  )
  fillable.isFull = false
  await requests.leader(SHARD, (beat) => beat.epoch.sequence > epoch.sequence)
  await record('three')
  expect(await contents()).toEqual(['one', 'two', 'three'])
})

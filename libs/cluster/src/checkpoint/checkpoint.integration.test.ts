/** Checkpoints over a real server: taken, verified, and what becomes of replicas whose folder does not serve. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { markWrong, openLevelStore } from '@waggle/engine'
import {
  collectiveIdOfKey,
  decodeTakeCheckpointReply,
  DEFAULT_TENANT,
  encodeInternalRequest,
  INTERNAL_HEADER,
  upkeepSubject,
  type TakeCheckpointResult,
} from '@waggle/protocol'
import { jetstreamManager } from '@nats-io/jetstream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { headersOf } from '../nats/headers.ts'
import { eventually, ShardCluster } from '../testing/shard-cluster.ts'

const SHARD = 0
const id = collectiveIdOfKey(DEFAULT_TENANT, 'bees')

let cluster: ShardCluster
beforeEach(async () => {
  cluster = await ShardCluster.start({ shards: 1 })
})
afterEach(() => cluster.dispose())

const create = () => cluster.requests.execute(id, 'collective.create', { id, name: 'bees', dimension: 1 })

const record = (from: number, count: number) =>
  cluster.requests.execute(id, 'experience.recordMany', {
    ...{ collective: id },
    experiences: Array.from({ length: count }, (_, n) => ({ content: `memory ${from + n}`, embedding: [1] })),
  })

const count = async (): Promise<number> => {
  const { items } = await cluster.requests.execute(id, 'experience.list', {
    ...{ collective: id, consistency: 'strong', limit: 1_000 },
  })
  return (items as unknown[]).length
}

/** Asks the leader as a compactor does. */
const take = async (): Promise<TakeCheckpointResult> => {
  const { epoch } = await cluster.requests.leader(SHARD)
  const connection = await cluster.connect('compactor')
  const reply = await connection.request(upkeepSubject(SHARD, epoch.sequence), undefined, {
    timeout: 25_000,
    headers: headersOf([[INTERNAL_HEADER, encodeInternalRequest({ kind: 'takeCheckpoint' })]]),
  })
  return decodeTakeCheckpointReply(reply.data)
}

const streams = async () => {
  const { stream } = await cluster.requests.leader(SHARD)
  const connection = await cluster.connect('compactor')
  const manager = await jetstreamManager(connection, { checkAPI: false })
  return {
    /** As a compactor does, up to what is verified. */
    purge: (seq: number) => manager.streams.purge(stream, { seq }),
    state: async () => (await manager.streams.info(stream)).state,
  }
}

const aside = async (folder: string): Promise<readonly string[]> =>
  (await readdir(join(folder, 'shard-0'))).filter((name) => name !== 'state' && name !== 'draft')

/** A row that no log led to, as a bug or a bit of the memory would leave it. */
const spoil = async (folder: string): Promise<void> => {
  const store = await openLevelStore(join(folder, 'shard-0', 'state'))
  await store.write([{ key: Uint8Array.of(0x12), value: Uint8Array.of(0x91, 5) }], { sync: true })
  await store.close()
}

describe('a checkpoint', () => {
  test('K3 P8 with one copy counts when the log leads to the same state, and the two newest are kept', async () => {
    await cluster.startNode('n1')
    await create()
    const taken: TakeCheckpointResult[] = []
    for (let n = 0; n < 3; n += 1) {
      await record(n * 10, 10)
      taken.push(await take())
      expect(taken[n]).toMatchObject({ verified: true, replicas: [{ node: 'n1', digest: taken[n]?.digest }] })
    }
    const { sequence, digest } = taken[2] as TakeCheckpointResult
    await cluster.requests.leader(SHARD, ({ checkpoint }) => checkpoint?.sequence === sequence)
    expect(cluster.requests.leaders.get(SHARD)?.checkpoint).toEqual({ sequence, digest })
  })

  test('K1 K3 P9 a node that is new starts from it where the log was purged, and has the same digest', async () => {
    await cluster.startNode('n1')
    await create()
    await record(0, 50)
    const { sequence, verified } = await take()
    expect(verified).toBe(true)
    await (await streams()).purge(sequence)
    await record(50, 5)
    await cluster.startNode('n2')
    await cluster.requests.replica('n2', SHARD, ({ serving }) => serving)
    const second = await take()
    expect(second).toMatchObject({ verified: true })
    expect(new Set(second.replicas.map(({ digest }) => digest)).size).toBe(1)
    expect(second.replicas.map(({ node }) => node).sort()).toEqual(['n1', 'n2'])
    expect(await count()).toBe(55)
  })

  test('K2 K3 a folder that was damaged or deleted is restored, though the log no longer reaches back', async () => {
    const first = await cluster.startNode('n1')
    await create()
    await record(0, 40)
    const { sequence } = await take()
    await (await streams()).purge(sequence)
    await record(40, 4)
    await first.drain()
    const state = join(first.folder, 'shard-0', 'state')
    const log = (await readdir(state)).find((name) => name.endsWith('.log')) as string
    const bytes = await readFile(join(state, log))
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 0xff
    await writeFile(join(state, log), bytes)
    const again = await cluster.startNode('n1', { folder: first.folder })
    const { epoch } = await cluster.requests.leader(SHARD, (beat) => beat.epoch.sequence > sequence)
    expect(await count()).toBe(44)
    expect(await aside(first.folder)).toEqual([expect.stringMatching(/^damaged-/)])
    await again.drain()
    await rm(state, { recursive: true })
    // What a process left that died while it restored is of no matter.
    await writeFile(join(first.folder, 'shard-0', 'draft'), 'torn')
    await cluster.startNode('n1', { folder: first.folder })
    await cluster.requests.leader(SHARD, (beat) => beat.epoch.sequence > epoch.sequence)
    expect(await count()).toBe(44)
  })

  test('H4 a replica that no checkpoint serves says which one would', async () => {
    const first = await cluster.startNode('n1')
    await create()
    await record(0, 5)
    const { purge, state } = await streams()
    const { last_seq: last } = await state()
    await purge(last)
    await first.drain()
    await rm(join(first.folder, 'shard-0', 'state'), { recursive: true })
    const lines: string[] = []
    const heard = (message: string, fields?: object): void => void lines.push(`${message} ${JSON.stringify(fields)}`)
    const logger = { debug: heard, info: heard, warn: heard, error: heard }
    await cluster.startNode('n1', { folder: first.folder, logger })
    const said = await eventually(
      'a reason',
      () => lines.find((line) => line.includes('it needs one at or beyond')),
      () => lines,
    )
    expect(said).toMatch(/needs one at or beyond \d+ shard=0 applied=0 first=\d+ newestCheckpoint=0/)
  })

  test('K3 P8 a follower whose state is wrong is found, sets its folder aside and heals', async () => {
    const nodes = { n1: await cluster.startNode('n1'), n2: await cluster.startNode('n2') }
    await create()
    await record(0, 10)
    const { node } = await cluster.requests.leader(SHARD)
    const other = node === 'n1' ? 'n2' : 'n1'
    await nodes[other].drain()
    await spoil(nodes[other].folder)
    await cluster.startNode(other, { folder: nodes[other].folder })
    await cluster.requests.replica(other, SHARD, ({ serving }) => serving)
    const found = await take()
    expect(new Set(found.replicas.map(({ digest }) => digest)).size).toBe(2)
    expect(found.verified).toBe(true)
    const healed = await eventually(
      'equal digests',
      async () => {
        const { replicas } = await take()
        return replicas.length === 2 && replicas[0]?.digest === replicas[1]?.digest ? replicas : undefined
      },
      () => [...cluster.requests.replicas.values()],
    )
    expect(healed.map((each) => each.node).sort()).toEqual(['n1', 'n2'])
    expect(await aside(nodes[other].folder)).toEqual([expect.stringMatching(/^damaged-/)])
  })

  test('R6 K3 a state that was proven wrong before a crash is not used again', async () => {
    const first = await cluster.startNode('n1')
    await create()
    await record(0, 5)
    await first.drain()
    const store = await openLevelStore(join(first.folder, 'shard-0', 'state'))
    await markWrong(store)
    await store.close()
    await cluster.startNode('n1', { folder: first.folder })
    expect(await take()).toMatchObject({ verified: true })
    expect(await aside(first.folder)).toEqual([expect.stringMatching(/^damaged-/)])
  })

  test('K3 P8 a leader whose state is wrong steps down and heals, and nothing of it counts', async () => {
    const first = await cluster.startNode('n1')
    await create()
    await record(0, 10)
    await first.drain()
    await spoil(first.folder)
    await cluster.startNode('n1', { folder: first.folder })
    const { epoch } = await cluster.requests.leader(SHARD, (beat) => beat.epoch.sequence > 1)
    const found = await take()
    expect([found.verified, found.reason]).toEqual([false, expect.stringContaining('the log leads to')])
    await cluster.requests.leader(SHARD, (beat) => beat.epoch.sequence > epoch.sequence)
    expect(await take()).toMatchObject({ verified: true })
    expect(await count()).toBe(10)
    expect(await aside(first.folder)).toEqual([expect.stringMatching(/^damaged-/)])
  })

  test('K4 a folder of another cluster is set aside once a checkpoint is beyond it', async () => {
    const strange = await ShardCluster.start({ shards: 1 })
    const first = await strange.startNode('n1')
    await strange.requests.leader(SHARD)
    await first.drain()
    await cluster.startNode('n2')
    await create()
    for (let n = 0; n < 4; n += 1) await record(10 * n, 10)
    expect((await take()).verified).toBe(true)
    await cluster.startNode('n1', { folder: first.folder })
    await cluster.requests.replica('n1', SHARD, ({ serving }) => serving)
    expect(await aside(first.folder)).toEqual([expect.stringMatching(/^damaged-/)])
    const { replicas } = await take()
    expect(new Set(replicas.map(({ digest }) => digest)).size).toBe(1)
    await strange.dispose()
  })
})

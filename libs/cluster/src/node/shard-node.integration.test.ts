/** What a shard process does when its log or its folder is not as it should be, over a real server. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isFault } from '@waggle/kernel'
import {
  collectiveIdOfKey,
  decodeRecord,
  DEFAULT_TENANT,
  encodeRecord,
  logSubject,
  type Sequence,
} from '@waggle/protocol'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { afterEach, describe, expect, test } from 'vitest'
import { eventually, ShardCluster } from '../testing/shard-cluster.ts'

let cluster: ShardCluster | undefined

afterEach(async () => {
  await cluster?.dispose()
  cluster = undefined
})

const SHARD = 0
const id = collectiveIdOfKey(DEFAULT_TENANT, 'bees')
const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: unknown) => (isFault(error) ? error.code : String(error)),
  )

const start = async (logBytesMax?: number): Promise<ShardCluster> => {
  cluster = await ShardCluster.start({ shards: 1, ...(logBytesMax === undefined ? {} : { logBytesMax }) })
  return cluster
}

const create = ({ requests }: ShardCluster) =>
  requests.execute(id, 'collective.create', { id, name: 'bees', dimension: 1 })

const record = ({ requests }: ShardCluster, content: string) =>
  requests.execute(id, 'experience.record', { collective: id, content, embedding: [1] })

const contents = async ({ requests }: ShardCluster): Promise<readonly string[]> => {
  const { items } = await requests.execute(id, 'experience.list', { collective: id, consistency: 'strong' })
  return (items as { content: string }[]).map(({ content }) => content)
}

/** Why the node `n1` cannot serve a shard, as soon as it says so. */
const haltedReplica = ({ requests }: ShardCluster) =>
  eventually(
    'a halted replica',
    () => requests.nodes.get('n1')?.halted[0],
    () => [...requests.nodes.values()],
  )

/** The bytes of a record, and a way to publish others, as somebody with the log's credentials could. */
const logOf = async (running: ShardCluster) => {
  // The leader registers its hold once it serves, and for 10 s appends nothing else on its own.
  const { stream } = await running.requests.leader(SHARD, ({ holds }) => holds.n1 !== undefined)
  const connection = await running.connect('log')
  const manager = await jetstreamManager(connection)
  return {
    /** The last record, and the position after it. */
    async end() {
      const { state } = await manager.streams.info(stream)
      const stored = await manager.streams.getMessage(stream, { seq: state.last_seq })
      const decoded = decodeRecord(stored!.data)
      if ('defect' in decoded) throw new Error(decoded.defect)
      return { last: decoded.record, position: (state.last_seq + 1) as Sequence }
    },
    publish: (bytes: Uint8Array) => jetstream(connection).publish(logSubject(SHARD), bytes),
  }
}

describe('a shard node', () => {
  test('K1 P11 a nearly full log refuses writes with STORAGE_FULL, answers reads, and keeps its leader', async () => {
    const running = await start(2_000_000)
    await running.startNode('n1')
    await create(running)
    const filling = 'x'.repeat(50_000)
    let refused = 'done'
    for (let n = 0; refused === 'done' && n < 60; n += 1) refused = await codeOf(record(running, `${n} ${filling}`))
    expect(refused).toBe('STORAGE_FULL')
    const stored = await contents(running)
    expect(stored.length).toBeGreaterThan(10)
    expect(await running.requests.leader(SHARD, ({ trouble }) => trouble === 'STORAGE_FULL')).toMatchObject({
      epoch: { sequence: 1 },
    })
  })

  test('K2 a damaged folder is set aside and built again from the log', async () => {
    const running = await start()
    const first = await running.startNode('n1')
    await create(running)
    for (const content of ['a', 'b', 'c']) await record(running, content)
    await first.drain()
    const state = join(first.folder, 'shard-0', 'state')
    const log = (await readdir(state)).find((name) => name.endsWith('.log')) as string
    const bytes = await readFile(join(state, log))
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 0xff
    await writeFile(join(state, log), bytes)
    await running.startNode('n1', { folder: first.folder })
    await running.requests.leader(SHARD, ({ epoch }) => epoch.sequence > 1)
    expect(await contents(running)).toEqual(['a', 'b', 'c'])
    expect((await readdir(join(first.folder, 'shard-0'))).some((name) => name.startsWith('damaged-'))).toBe(true)
  })

  test('K4 a folder that follows another stream halts with STREAM_BEHIND and is not touched', async () => {
    const before = await start()
    const first = await before.startNode('n1')
    await create(before)
    await record(before, 'a')
    await first.drain()
    const after = await ShardCluster.start({ shards: 1 })
    try {
      await after.startNode('n1', { folder: first.folder })
      const halted = await haltedReplica(after)
      expect(halted).toMatchObject({ shard: SHARD, fault: { code: 'STREAM_BEHIND' } })
    } finally {
      await after.dispose()
    }
  })

  test('L2 a record of the term that does not follow halts with LOG_DIVERGED; nothing more is answered', async () => {
    const running = await start()
    await running.startNode('n1')
    await create(running)
    await record(running, 'a')
    const log = await logOf(running)
    const { last, position } = await log.end()
    await log.publish(encodeRecord({ ...last, position }).bytes)
    const answers: string[] = []
    void codeOf(record(running, 'b')).then((code) => answers.push(code))
    const halted = await haltedReplica(running)
    expect(halted).toMatchObject({ fault: { code: 'LOG_DIVERGED' } })
    expect(answers).toEqual([])
  })

  test('L2 L7 a message that is no record ends the term, and the replica halts with LOG_DAMAGED', async () => {
    const running = await start()
    await running.startNode('n1')
    await create(running)
    const log = await logOf(running)
    await log.publish(Buffer.from('junk'))
    const answers: string[] = []
    void codeOf(record(running, 'b')).then((code) => answers.push(code))
    const halted = await haltedReplica(running)
    expect(halted).toMatchObject({ fault: { code: 'LOG_DAMAGED' } })
    expect(answers).not.toContain('done')
  })

  test('L2 L7 a record of no term of this log is skipped, and the write that met it is answered', async () => {
    const running = await start()
    await running.startNode('n1')
    await create(running)
    await record(running, 'a')
    const log = await logOf(running)
    const { last, position } = await log.end()
    const epoch = { ...last.epoch, id: last.batchId }
    await log.publish(encodeRecord({ ...last, epoch, position }).bytes)
    await record(running, 'b')
    expect(await contents(running)).toEqual(['a', 'b'])
  })

  test('L3 a second node takes over when the first drains, and the first one follows when it comes back', async () => {
    const running = await start()
    const first = await running.startNode('n1')
    await create(running)
    await record(running, 'a')
    const second = await running.startNode('n2')
    await first.drain()
    await running.requests.leader(SHARD, ({ node }) => node === 'n2')
    await record(running, 'b')
    await running.startNode('n1', { folder: first.folder })
    await second.drain()
    await running.requests.leader(SHARD, ({ node }) => node === 'n1')
    await record(running, 'c')
    expect(await contents(running)).toEqual(['a', 'b', 'c'])
  })

  test('N1 two nodes cannot share a folder', async () => {
    const running = await start()
    const first = await running.startNode('n1')
    expect(await codeOf(running.startNode('n1', { folder: first.folder }))).toBe('DATABASE_LOCKED')
  })
})

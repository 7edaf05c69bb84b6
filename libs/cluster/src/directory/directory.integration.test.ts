/** The directory over a real server: races of first nodes, crashes between steps, and what it must not believe. */
import { silentLogger } from '@waggle/kernel'
import { Kvm } from '@nats-io/kv'
import { testServer, testServerCluster, type TestServer } from '@waggle/nats-server/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { NatsJetStream } from '../nats/jetstream-access.ts'
import {
  append,
  directoryParts,
  openAccess,
  openDirectory,
  openLog,
  recordAt,
  smallCluster,
} from '../testing/jetstream-fixture.ts'
import { Directory } from './directory.ts'
import { encodeShardEntry, newShardEntry } from './shard-entry.ts'

const ROUNDS = 30

let server: TestServer
let accesses: NatsJetStream[]
beforeAll(async () => {
  server = await testServer()
})
afterAll(async () => {
  await server.dispose()
})
beforeEach(() => {
  accesses = []
})
afterEach(async () => {
  await Promise.all(accesses.map(({ connection }) => connection.close()))
})

const open = async (url = server.url): Promise<NatsJetStream> => {
  const access = await openAccess(url)
  accesses.push(access)
  return access
}

const entries = async (access: NatsJetStream) => new Kvm(access.client).open('waggle')

/** A server of its own, for what a directory's whole life is about. */
const alone = async (run: (access: NatsJetStream, url: string) => Promise<void>): Promise<void> => {
  const own = await testServer()
  try {
    await run(await open(own.url), own.url)
  } finally {
    await own.dispose()
  }
}

describe('the directory', () => {
  test('D1 many first nodes agree on what is fixed, and later ones follow, with a warning', () =>
    alone(async (access, url) => {
      expect(await Directory.find(directoryParts(access))).toBeUndefined()
      const nodes = await Promise.all(Array.from({ length: 6 }, () => open(url)))
      const opened = await Promise.all(nodes.map((node, index) => openDirectory(node, { shards: 2 + index })))
      const shards = new Set(opened.map(({ cluster }) => cluster.shards))
      expect(shards.size).toBe(1)
      const [decided] = shards
      const warnings: unknown[] = []
      const logger = { ...silentLogger, warn: (message: string, facts: unknown) => warnings.push([message, facts]) }
      const later = await Directory.open(directoryParts(access, logger), { ...smallCluster, shards: 100 })
      expect(later.cluster).toEqual(opened[0]!.cluster)
      expect(warnings).toEqual([['a cluster keeps what it was created with', { name: 'shards', wanted: 100, decided }]])
      expect((await Directory.find(directoryParts(access)))?.cluster).toEqual(later.cluster)
    }))

  test(`D2 K4 two nodes that create a shard at once create one entry and one stream, ${ROUNDS} rounds`, async () => {
    const directories = []
    for (const access of [await open(), await open()]) directories.push(await openDirectory(access, { shards: 100 }))
    for (let shard = 0; shard < ROUNDS; shard += 1) {
      const [left, right] = await Promise.all(directories.map((directory) => directory.shardLog(shard)))
      expect(left).toEqual(right)
      const names: string[] = []
      for await (const name of accesses[0]!.manager.streams.names(`wal.${shard}`)) names.push(name)
      expect(names).toEqual([left!.stream])
    }
  })

  test('D3 heals a crash after the entry, and one after the stream', async () => {
    const access = await open()
    const directory = await openDirectory(access, { shards: 100 })
    const kv = await entries(access)
    const afterEntry = newShardEntry(40, '00000000000000aa' as never, 1 as never)
    await kv.put('shard.40', encodeShardEntry(afterEntry))
    expect((await directory.shardLog(40)).stream).toBe('WAGGLE_40_00000000000000aa')

    const { created: _, ...unseen } = { ...afterEntry, created: '' }
    await kv.put('shard.40', encodeShardEntry(unseen))
    const healed = await directory.shardLog(40)
    expect(healed.stream).toBe('WAGGLE_40_00000000000000aa')
    expect(await append(openLog(access, healed), recordAt(healed.generation, 1))).toBe('appended')
  })

  test('D3 a shard of a later generation begins where its entry says', async () => {
    const access = await open()
    const directory = await openDirectory(access, { shards: 100 })
    const entry = newShardEntry(41, '00000000000000ab' as never, 1_000 as never)
    await (await entries(access)).put('shard.41', encodeShardEntry(entry))
    const shardLog = await directory.shardLog(41)
    const log = openLog(access, shardLog)
    expect(await log.bounds()).toEqual({ first: 1_000, last: 999 })
    expect(await append(log, recordAt(log.generation, 1_000))).toBe('appended')
    expect(await log.bounds()).toEqual({ first: 1_000, last: 1_000 })
  })

  test('D3 K4 a stream that is lost is never made again in silence', async () => {
    const access = await open()
    const directory = await openDirectory(access, { shards: 100 })
    const { stream } = await directory.shardLog(42)
    await access.manager.streams.delete(stream)
    await expect(directory.shardLog(42)).rejects.toMatchObject({ code: 'STREAM_BEHIND', details: { stream } })
    await expect(access.manager.streams.info(stream)).rejects.toThrow()
  })

  test('D4 a stream that nobody has appended to, and that is not empty, halts', async () => {
    const access = await open()
    const directory = await openDirectory(access, { shards: 100 })
    const entry = newShardEntry(43, '00000000000000ac' as never, 1 as never)
    await access.manager.streams.add({ name: entry.stream, subjects: ['wal.43'] })
    await access.client.publish('wal.43', 'from nowhere')
    await (await entries(access)).put('shard.43', encodeShardEntry(entry))
    await expect(directory.shardLog(43)).rejects.toMatchObject({ code: 'STREAM_BEHIND', details: { last: 1 } })
  })

  test('D4 a stream on the subject that no entry names halts, before and after', async () => {
    const access = await open()
    const directory = await openDirectory(access, { shards: 100 })
    await access.manager.streams.add({ name: 'FOREIGN', subjects: ['wal.44'] })
    await expect(directory.shardLog(44)).rejects.toMatchObject({
      code: 'STREAM_BEHIND',
      details: { streams: ['FOREIGN'] },
    })
    expect(await (await entries(access)).get('shard.44')).toBeNull()
    await access.manager.streams.delete('FOREIGN')
    expect((await directory.shardLog(44)).shard).toBe(44)
  })

  test('D5 a stream with a field that differs is named with both values', async () => {
    const access = await open()
    const directory = await openDirectory(access, { shards: 100 })
    const entry = newShardEntry(45, '00000000000000ad' as never, 1 as never)
    await access.manager.streams.add({ name: entry.stream, subjects: ['wal.45'], max_bytes: 1_000_000 })
    await (await entries(access)).put('shard.45', encodeShardEntry(entry))
    await expect(directory.shardLog(45)).rejects.toMatchObject({
      code: 'STREAM_CONFIGURATION',
      details: { stream: entry.stream, field: 'discard', expected: '"new"', got: '"old"' },
    })
  })

  test('D5 a bucket of leases that never expire is refused', () =>
    alone(async (access) => {
      await new Kvm(access.client).create('waggle_leases')
      await expect(openDirectory(access)).rejects.toMatchObject({
        code: 'STREAM_CONFIGURATION',
        details: { stream: 'KV_waggle_leases' },
      })
    }))

  test.each([
    ['of a later format', JSON.stringify({ format: 2 })],
    ['that is no JSON', 'hello'],
    [
      'whose stream is not its generation’s',
      JSON.stringify({ format: 1, generation: '00000000000000ae', stream: 'X', firstSequence: 1 }),
    ],
  ])('an entry %s is refused', async (_, text) => {
    const access = await open()
    const directory = await openDirectory(access, { shards: 100 })
    await (await entries(access)).put('shard.46', text)
    await expect(directory.shardLog(46)).rejects.toMatchObject({ code: 'DIRECTORY_UNREADABLE' })
    await (await entries(access)).delete('shard.46')
    await expect(directory.shardLog(46)).rejects.toMatchObject({ code: 'DIRECTORY_UNREADABLE' })
  })

  test('refuses a server without JetStream, and one with too small a limit', async () => {
    for (const [options, setting] of [
      [{ jetstream: false }, 'jetstream'],
      [{ maxPayloadBytes: 1_000_000 }, 'max_payload'],
    ] as const) {
      const unfit = await testServer(options)
      await expect(openDirectory(await open(unfit.url))).rejects.toMatchObject({
        code: 'SERVER_UNSUITABLE',
        details: { setting },
      })
      await unfit.dispose()
    }
  })

  test('D1 D2 three copies: races of nodes on different servers', async () => {
    const cluster = await testServerCluster(3)
    try {
      const nodes = await Promise.all(cluster.urls.map((url) => open(url)))
      const directories = await Promise.all(nodes.map((node) => openDirectory(node, { replicas: 3 })))
      expect(directories.map((directory) => directory.cluster.replicas)).toEqual([3, 3, 3])
      for (let shard = 0; shard < smallCluster.shards; shard += 1) {
        const logs = await Promise.all(directories.map((directory) => directory.shardLog(shard)))
        expect(new Set(logs.map((log) => JSON.stringify(log))).size).toBe(1)
        expect(logs[0]!.replicas).toBe(3)
      }
      await nodes[0]!.connection.request('$JS.API.STREAM.LEADER.STEPDOWN.KV_waggle')
      expect((await directories[0]!.shardLog(0)).shard).toBe(0)
    } finally {
      await cluster.dispose()
    }
  })
})

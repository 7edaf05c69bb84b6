/** The shelf over a real server: what goes in comes out, in the words of every other client of the Object Store. */
import { silentLogger, systemClock, systemIds, systemRandom, systemTimers, utf8 } from '@waggle/kernel'
import { testServer, type TestServer } from '@waggle/nats-server/testing'
import { Objm } from '@nats-io/obj'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckpointShelf } from '../checkpoint/checkpoint-shelf.ts'
import { openAccess, openDirectory } from '../testing/jetstream-fixture.ts'
import type { NatsJetStream } from './jetstream-access.ts'
import { objectShelf } from './object-shelf.ts'

const MIB = 1024 ** 2
const ports = { clock: systemClock, timers: systemTimers, random: systemRandom, ids: systemIds, logger: silentLogger }

let server: TestServer
let access: NatsJetStream
let shelf: CheckpointShelf
beforeAll(async () => {
  server = await testServer()
  access = await openAccess(server.url)
  await openDirectory(access, { shards: 1 })
  shelf = objectShelf({ ...ports, access, bytesMax: 16 * MIB })
})
afterAll(async () => {
  await access.connection.close()
  await server.dispose()
})

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const got = async (name: string): Promise<Buffer> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of shelf.get(name)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: unknown) => (error as { code: string }).code,
  )

const bytesOf = (size: number, seed = 1): Buffer =>
  Buffer.from(Array.from({ length: size }, (_, n) => (n * seed) % 251))
const info = async () => (await access.manager.streams.info('OBJ_waggle_checkpoints')).state

describe('the shelf', () => {
  test('O2 O4 what was put comes out, of any size, and is listed by its prefix', async () => {
    expect(await shelf.list('')).toEqual([])
    expect(await codeOf(got('shard-0/none/1'))).toBe('NOT_FOUND')
    for (const [name, size] of Object.entries({ 'shard-1/a/1': 0, 'shard-1/a/2': 7, 'shard-2/a/1': 1_300_000 })) {
      await shelf.put(name, pieces(bytesOf(size), 100_000), { node: 'n1' })
      expect((await got(name)).equals(bytesOf(size))).toBe(true)
    }
    expect(await shelf.list('shard-1/')).toEqual([
      { name: 'shard-1/a/1', bytes: 0, about: { node: 'n1' } },
      { name: 'shard-1/a/2', bytes: 7, about: { node: 'n1' } },
    ])
  })

  test('other clients of the Object Store read it, and it reads what they wrote', async () => {
    const store = await new Objm(access.client).open('waggle_checkpoints')
    const bytes = bytesOf(1_300_000, 3)
    await shelf.put('shard-3/a/1', pieces(bytes, 70_000), { node: 'n1' })
    expect(Buffer.from((await store.getBlob('shard-3/a/1')) ?? []).equals(bytes)).toBe(true)
    await store.putBlob({ name: 'shard-3/a/2', metadata: { node: 'n2' } }, bytes)
    expect((await got('shard-3/a/2')).equals(bytes)).toBe(true)
    expect((await shelf.list('shard-3/')).map(({ about }) => about.node)).toEqual(['n1', 'n2'])
  })

  test('another one of the same name takes its place, and what is removed leaves nothing', async () => {
    const before = await info()
    for (const seed of [5, 7]) await shelf.put('shard-4/a/1', pieces(bytesOf(700_000, seed), 100_000), {})
    expect((await got('shard-4/a/1')).equals(bytesOf(700_000, 7))).toBe(true)
    await shelf.remove('shard-4/a/1')
    await shelf.remove('shard-4/a/1')
    expect(await codeOf(got('shard-4/a/1'))).toBe('NOT_FOUND')
    const after = await info()
    expect([after.messages, after.bytes]).toEqual([before.messages, before.bytes])
  })

  test('O1 one that was interrupted is not there, and its pieces go', async () => {
    const before = await info()
    async function* torn(): AsyncGenerator<Uint8Array> {
      yield bytesOf(1_300_000)
      throw new Error('torn')
    }
    await expect(shelf.put('shard-5/a/1', torn(), {})).rejects.toThrow('torn')
    expect(await shelf.list('shard-5/')).toEqual([])
    expect((await info()).messages).toBe(before.messages)
  })

  test('O1 what a process left that died goes with a later one', async () => {
    const before = await info()
    // An id of 2020.
    await access.client.publish('$O.waggle_checkpoints.C.016f5e66-e800-7000-8000-000000000000', utf8('left'))
    await access.client.publish(`$O.waggle_checkpoints.C.${systemIds.uuid()}`, utf8('another is at work'))
    await shelf.put('shard-6/a/1', pieces(bytesOf(10), 10), {})
    expect((await info()).messages).toBe(before.messages + 3)
  })

  test('O4 damage is told at the end', async () => {
    const store = await new Objm(access.client).open('waggle_checkpoints')
    await shelf.put('shard-7/a/1', pieces(bytesOf(600_000), 100_000), {})
    const { nuid } = (await store.info('shard-7/a/1'))!
    await access.manager.streams.purge('OBJ_waggle_checkpoints', { filter: `$O.waggle_checkpoints.C.${nuid}`, keep: 1 })
    expect(await codeOf(got('shard-7/a/1'))).toBe('CORRUPT')
  })

  test('a full shelf refuses what is new and keeps what it has', async () => {
    expect(await codeOf(shelf.put('shard-8/a/1', pieces(Buffer.alloc(17 * MIB), MIB), {}))).toBe('STORAGE_FULL')
    expect((await got('shard-1/a/2')).length).toBe(7)
    await shelf.put('shard-8/a/2', pieces(bytesOf(1_000_000), MIB), {})
  })

  test('O5 a stream that is not as it must be is refused', async () => {
    const other = await testServer()
    const strange = await openAccess(other.url)
    await new Objm(strange.client).create('waggle_checkpoints', { ttl: 1_000_000_000 })
    const shelved = objectShelf({ ...ports, access: strange, bytesMax: MIB })
    expect(await codeOf(shelved.put('a', pieces(bytesOf(1), 1), {}))).toBe('STREAM_CONFIGURATION')
    await strange.connection.close()
    await other.dispose()
  })
})

/** The log against real servers: the port's contract, unreplicated and replicated, sizes, damage, and reading much. */
import { isFault, sha256, systemClock } from '@waggle/kernel'
import { batchLogContract, type OpenedLog } from '@waggle/engine/testing'
import { testServer, testServerCluster, type TestServer, type TestServerCluster } from '@waggle/nats-server/testing'
import { limits, RECORD_FORMAT, type FaultCode, type Sequence } from '@waggle/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { append, openAccess, openDirectory, openLog, openStore, recordAt } from '../testing/jetstream-fixture.ts'

let single: TestServer
let cluster: TestServerCluster
beforeAll(async () => {
  ;[single, cluster] = await Promise.all([testServer(), testServerCluster(3)])
})
afterAll(async () => {
  await Promise.all([single.dispose(), cluster.dispose()])
})

let shards = 0
const SHARDS = 100

/** Each on a shard of its own. */
const openOn = async (servers: readonly string[], replicas: number, shard: number): Promise<OpenedLog> => {
  const access = await openAccess(servers)
  const directory = await openDirectory(access, { shards: SHARDS, replicas })
  const { store, dispose } = await openStore()
  const log = openLog(access, await directory.shardLog(shard), {
    store,
    // A position beyond the end is tried until then.
    mayTryUntilMs: () => untilMs,
  })
  const untilMs = systemClock.monotonicMs() + 3_000
  const close = async () => {
    await access.connection.close()
    await dispose()
  }
  return {
    log,
    store,
    async reopen() {
      await close()
      return openOn(servers, replicas, shard)
    },
    dispose: close,
  }
}

batchLogContract('JetStream, one server', () => openOn([single.url], 1, shards++))
batchLogContract('JetStream, three copies', () => openOn(cluster.urls, 3, shards++))

const openOne = async (count = 0) => {
  const access = await openAccess(single.url)
  const directory = await openDirectory(access, { shards: SHARDS })
  const shardLog = await directory.shardLog(shards++)
  const log = openLog(access, shardLog)
  for (let position = 1; position <= count; position += 1) await append(log, recordAt(log.generation, position))
  return { access, directory, shardLog, log }
}

const readAll = async (log: ReturnType<typeof openLog>, from = 1) => {
  const found: { sequence: number; bytes?: Uint8Array }[] = []
  for await (const record of log.read(from as Sequence)) found.push(record)
  return found
}

describe('the log on JetStream', () => {
  test('F3 takes the largest record there is, with its headers, where servers have their default limit', async () => {
    const plain = await testServer({ maxPayloadBytes: 1_048_576 })
    const access = await openAccess(plain.url)
    const log = openLog(access, await (await openDirectory(access)).shardLog(0))
    const part = { index: 12_345, count: 1_000_000 }
    const frameBytes = recordAt(log.generation, 1, { payload: new Uint8Array(900_000), part }).bytes.length - 900_000
    const payload = new Uint8Array(limits.RECORD_BYTES_MAX - frameBytes)
    const record = recordAt(log.generation, 1, { payload, part })
    expect(record.bytes.length).toBe(limits.RECORD_BYTES_MAX)
    expect(await append(log, record)).toBe('appended')
    const [read] = await readAll(log)
    expect(Buffer.compare(read!.bytes!, record.bytes)).toBe(0)
    expect(Buffer.compare((await log.readAgain(1 as Sequence))!, record.bytes)).toBe(0)
    await access.connection.close()
    await plain.dispose()
  })

  test('reads many in order, in bulk and one by one, from any place on', async () => {
    const { access, log, shardLog } = await openOne()
    const records = Array.from({ length: 2_500 }, (_, index) => recordAt(log.generation, index + 1))
    await Promise.all(records.map(({ bytes }) => access.client.publish(shardLog.subject, bytes)))
    const stored = await readAll(log)
    expect(stored.map(({ sequence }) => sequence)).toEqual(records.map((_, index) => index + 1))
    expect(new Set(stored.map(({ bytes }) => Buffer.from(bytes!).toString('hex'))).size).toBe(2_500)
    for (const from of [2, 1_000, 2_300, 2_500])
      expect((await readAll(log, from)).map(({ sequence }) => sequence)).toEqual(
        Array.from({ length: 2_501 - from }, (_, index) => from + index),
      )
    await access.connection.close()
  })

  test('B5 begins at the first record that is there, and is empty when none is', async () => {
    const { access, log, shardLog } = await openOne(5)
    await access.manager.streams.purge(shardLog.stream, { seq: 3 })
    expect(await log.bounds()).toEqual({ first: 3, last: 5 })
    expect((await readAll(log)).map(({ sequence }) => sequence)).toEqual([3, 4, 5])
    await access.manager.streams.purge(shardLog.stream, { seq: 6 })
    expect(await log.bounds()).toEqual({ first: 6, last: 5 })
    expect(await readAll(log)).toEqual([])
    expect(await append(log, recordAt(log.generation, 6))).toBe('appended')
    await access.connection.close()
  })

  test('K4 a stream that is deleted, or deleted and made again, is STREAM_BEHIND', async () => {
    const { access, log, shardLog, directory } = await openOne(3)
    const { config } = await access.manager.streams.info(shardLog.stream)
    await access.manager.streams.delete(shardLog.stream)
    await expect(log.bounds()).rejects.toMatchObject({ code: 'STREAM_BEHIND' })
    await expect(directory.shardLog(shardLog.shard)).rejects.toMatchObject({ code: 'STREAM_BEHIND' })
    await access.manager.streams.add(config)
    await expect(log.bounds()).rejects.toMatchObject({ code: 'STREAM_BEHIND' })
    await expect(directory.shardLog(shardLog.shard)).rejects.toMatchObject({ code: 'STREAM_BEHIND' })
    await access.connection.close()
  })

  test('C1 a field that was changed is named, with both values', async () => {
    const { access, log, shardLog } = await openOne()
    await access.manager.streams.update(shardLog.stream, { max_age: 3_600_000_000_000 })
    await expect(log.bounds()).rejects.toMatchObject({
      code: 'STREAM_CONFIGURATION',
      details: { stream: shardLog.stream, field: 'max_age', expected: '0', got: '3600000000000' },
    })
    await access.connection.close()
  })

  test('C2 a full log waits, says so, and goes on when it was purged', async () => {
    const access = await openAccess(single.url)
    const directory = await openDirectory(access, { shards: SHARDS, logBytesMax: 64 * 1024 })
    const shardLog = await directory.shardLog(shards++)
    const troubles: (FaultCode | undefined)[] = []
    let onFull = () => undefined as unknown
    const log = openLog(access, shardLog, {
      onTrouble: (code) => {
        troubles.push(code)
        if (code !== undefined) onFull()
      },
    })
    const payload = new Uint8Array(10_000)
    const isFull = new Promise((resolve) => (onFull = () => resolve(undefined)))
    const appending = (async () => {
      for (let position = 1; position <= 8; position += 1)
        expect(await append(log, recordAt(log.generation, position, { payload }))).toBe('appended')
    })()
    await isFull
    expect(troubles).toEqual(['STORAGE_FULL'])
    await access.manager.streams.purge(shardLog.stream, { seq: 4 })
    await appending
    expect(troubles).toEqual(['STORAGE_FULL', undefined])
    expect(await log.bounds()).toEqual({ first: 4, last: 8 })
    await access.connection.close()
  })

  test('L7 a log that stays full is tried until the deadline, then its outcome is unknown', async () => {
    const access = await openAccess(single.url)
    const directory = await openDirectory(access, { shards: SHARDS, logBytesMax: 4_096 })
    const untilMs = systemClock.monotonicMs() + 700
    const log = openLog(access, await directory.shardLog(shards++), { mayTryUntilMs: () => untilMs })
    const appending = append(log, recordAt(log.generation, 1, { payload: new Uint8Array(10_000) }))
    await expect(appending).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(untilMs)
    await access.connection.close()
  })

  test('J2 a store that fails after the append is told to the caller; the record is there', async () => {
    const { access, shardLog, log } = await openOne()
    const broken = openLog(access, shardLog, {
      store: { write: () => Promise.reject(new Error('disk')) } as never,
    })
    await expect(append(broken, recordAt(log.generation, 1))).rejects.toThrow('disk')
    expect(await log.bounds()).toEqual({ first: 1, last: 1 })
    await access.connection.close()
  })

  test.each([
    ['V2 a record of a format of the future is another record', true, 'fenced'],
    ['V4 a record whose checksum does not hold may be ours, damaged', false, 'UNAVAILABLE'],
  ])('%s', async (_, isIntact, outcome) => {
    const { access, shardLog, log } = await openOne()
    const foreign = Buffer.from(recordAt(log.generation, 1).bytes)
    foreign[2] = RECORD_FORMAT + 1
    if (isIntact) foreign.set(sha256(foreign.subarray(0, -32)), foreign.length - 32)
    await access.client.publish(shardLog.subject, foreign)
    const untilMs = systemClock.monotonicMs() + 300
    const brief = openLog(access, shardLog, { mayTryUntilMs: () => untilMs })
    const appending = append(brief, recordAt(log.generation, 1))
    expect(await appending.catch((error: unknown) => (isFault(error) ? error.code : error))).toBe(outcome)
    expect(await log.readAgain(1 as Sequence)).toEqual(expect.objectContaining({ length: foreign.length }))
    await access.connection.close()
  })

  test('a log whose server is gone answers SHARD_NOT_READY, and UNAVAILABLE for an append', async () => {
    const own = await testServer()
    const access = await openAccess(own.url)
    const log = openLog(access, await (await openDirectory(access)).shardLog(0), {
      mayTryUntilMs: () => untilMs,
    })
    const untilMs = systemClock.monotonicMs() + 1_500
    await own.stop()
    const codes = await Promise.all(
      [append(log, recordAt(log.generation, 1)), log.bounds()].map((it) =>
        it.then(
          () => 'none',
          (error: unknown) => (isFault(error) ? error.code : String(error)),
        ),
      ),
    )
    expect(codes).toEqual(['UNAVAILABLE', 'SHARD_NOT_READY'])
    await access.connection.close()
    await own.dispose()
  })
})

/** Reading under what can go wrong: a server that dies, records lost or damaged, pruning, and narrow rights. */
import { systemClock } from '@waggle/kernel'
import type { StoredRecord } from '@waggle/engine'
import { testServer, testServerCluster, type TestServer } from '@waggle/nats-server/testing'
import { internalInboxPrefix, internalPermissions, type Sequence } from '@waggle/protocol'
import { connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ShardLog } from '../directory/shard-entry.ts'
import { Directory, LEASE_BUCKET } from '../directory/directory.ts'
import { leaseHolder, takeLease } from '../lease/lease.ts'
import { jetStreamAccess, type NatsJetStream } from '../nats/jetstream-access.ts'
import { append, openAccess, openDirectory, openLog, recordAt, system } from '../testing/jetstream-fixture.ts'
import { RecordReader } from './record-reader.ts'

let server: TestServer
let access: NatsJetStream
beforeAll(async () => {
  server = await testServer()
  access = await openAccess(server.url)
})
afterAll(async () => {
  await access.connection.close()
  await server.dispose()
})

const publish = async ({ client }: NatsJetStream, { subject, generation }: ShardLog, count: number, bytes = 100) => {
  const payload = new Uint8Array(bytes)
  for (let from = 1; from <= count; from += 250) {
    const positions = Array.from({ length: Math.min(250, count - from + 1) }, (_, index) => from + index)
    await Promise.all(
      positions.map((position) => client.publish(subject, recordAt(generation, position, { payload }).bytes)),
    )
  }
}

const range = (last: number, first = 1) => ({ first: first as Sequence, last: last as Sequence, recordBytes: 100 })

const gather = async (records: AsyncIterable<StoredRecord>): Promise<StoredRecord[]> => {
  const found: StoredRecord[] = []
  for await (const record of records) found.push(record)
  return found
}

const numbers = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index)

/** A stream that, unlike a log, lets single messages be deleted. */
const lossyLog = async (shard: number): Promise<ShardLog> => {
  const stream = `LOSSY_${shard}`
  await access.manager.streams.add({ name: stream, subjects: [`lossy.${shard}`], allow_direct: true })
  return {
    ...{
      shard,
      stream,
      subject: `lossy.${shard}`,
      liveSubject: `echo.${shard}`,
      generation: '00000000000000aa' as never,
    },
    ...{ firstSequence: 1 as Sequence, created: '', replicas: 1, bytesMax: 1_000_000 },
  }
}

test.each([
  ['one by one', 100],
  ['in bulk', 2_000],
])('B6 W2 W3 records that were lost are told as such, %s', async (_, count) => {
  const shardLog = await lossyLog(count)
  await publish(access, shardLog, count)
  // Not the first: that would be pruning.
  const lost = [2, 3, 50, count - 1, count]
  for (const sequence of lost) await access.manager.streams.deleteMessage(shardLog.stream, sequence)
  const found = await gather(new RecordReader({ ...system, access, shardLog }).range(range(count)))
  expect(found.map(({ sequence }) => sequence)).toEqual(numbers(1, count))
  expect(found.filter(({ bytes }) => bytes === undefined).map(({ sequence }) => sequence)).toEqual(lost)
})

test('W2 W3 a whole stretch that was lost, longer than a bulk reading, is told record by record', async () => {
  const shardLog = await lossyLog(3)
  await publish(access, shardLog, 400)
  for (const sequence of numbers(60, 395)) await access.manager.streams.deleteMessage(shardLog.stream, sequence)
  const found = await gather(new RecordReader({ ...system, access, shardLog }).range(range(400)))
  expect(found.map(({ sequence }) => sequence)).toEqual(numbers(1, 400))
  expect(found.filter(({ bytes }) => bytes === undefined).map(({ sequence }) => sequence)).toEqual(numbers(60, 395))
})

test('W3 what is pruned while it is read is not told as lost', async () => {
  const shardLog = await lossyLog(4)
  await publish(access, shardLog, 50)
  await access.manager.streams.purge(shardLog.stream, { seq: 30 })
  const reading = gather(new RecordReader({ ...system, access, shardLog }).range(range(50)))
  await expect(reading).rejects.toMatchObject({ code: 'SHARD_NOT_READY', details: { first: 30 } })
})

test('W4 a message on another subject is none of ours', async () => {
  const shardLog = { ...(await lossyLog(5)), subject: 'lossy.other' }
  await access.client.publish('lossy.5', 'x')
  const reader = new RecordReader({ ...system, access, shardLog })
  expect(await gather(reader.range(range(1)))).toEqual([{ sequence: 1 }])
  expect(await reader.again(1 as Sequence)).toBeUndefined()
})

test('W1 a server that dies while it is read from delays the reading, and changes nothing in it', async () => {
  const cluster = await testServerCluster(3)
  try {
    const node = await openAccess(cluster.urls)
    const directory = await openDirectory(node, { replicas: 3, logBytesMax: 256 * 1024 ** 2 })
    const shardLog = await directory.shardLog(0)
    await publish(node, shardLog, 6_000, 4_000)
    const log = openLog(node, shardLog)
    const { cluster: facts } = await node.manager.streams.info(shardLog.stream)
    const leader = cluster.servers[Number(facts!.leader!.slice(1)) - 1]!
    const found: number[] = []
    let slowestMs = 0
    let beforeMs = systemClock.monotonicMs()
    for await (const { sequence, bytes } of log.read(1 as Sequence)) {
      expect(bytes).toBeDefined()
      if (found.push(sequence) === 1_500) leader.signal('SIGKILL')
      slowestMs = Math.max(slowestMs, systemClock.monotonicMs() - beforeMs)
      beforeMs = systemClock.monotonicMs()
    }
    expect(found).toEqual(numbers(1, 6_000))
    // An election, not the half a minute for which a consumer stalls.
    expect(slowestMs).toBeLessThan(20_000)
    await node.connection.close()
  } finally {
    await cluster.dispose()
  }
})

test('P12 the rights of the user `log` suffice for all of it, and those of the compactor for its part', async () => {
  const users = (['log', 'compactor'] as const).map((role) => ({
    user: role,
    password: role,
    permissions: internalPermissions[role],
  }))
  const own = await testServer({ users })
  const [log, compactor] = (await Promise.all(
    (['log', 'compactor'] as const).map(async (role) =>
      jetStreamAccess(
        await connect({ servers: own.url, user: role, pass: role, inboxPrefix: internalInboxPrefix(role) }),
      ),
    ),
  )) as [NatsJetStream, NatsJetStream]
  const directory = await openDirectory(log)
  const shardLog = await directory.shardLog(0)
  await publish(log, shardLog, 600)
  const shard = openLog(log, shardLog)
  expect(await append(shard, recordAt(shard.generation, 601))).toBe('appended')
  expect((await gather(shard.read(1 as Sequence))).length).toBe(601)
  expect((await shard.readAgain(5 as Sequence))?.length).toBeGreaterThan(0)

  const found = (await Directory.find({ ...system, access: compactor }))!
  for (const [key, bucket] of [
    ['shard.0', directory.leases],
    ['compactor', found.leases],
  ] as const) {
    expect(bucket.name).toBe(LEASE_BUCKET)
    const taking = await takeLease(
      { ...system, bucket },
      {
        key,
        holder: { node: 'n', id: 'a', rank: 0 },
        tryUntilMs: systemClock.monotonicMs() + 2_000,
        onLost: () => undefined,
      },
    )
    expect(taking.kind).toBe('held')
    if (taking.kind === 'held') await taking.lease.release()
    expect(await leaseHolder(bucket, key)).toBeUndefined()
  }
  await expect(
    append(openLog(compactor, shardLog, { mayTryUntilMs: () => 0 }), recordAt(shard.generation, 602)),
  ).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  expect((await shard.bounds()).last).toBe(601)
  await Promise.all([log.connection.close(), compactor.connection.close()])
  await own.dispose()
})

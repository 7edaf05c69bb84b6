/** Appends whose outcome is in doubt, over real servers that are stopped, killed and raced (DESIGN L7). */
import { isFault, silentLogger, systemClock, systemTimers } from '@waggle/kernel'
import type { AppendOutcome } from '@waggle/engine'
import { testServer, testServerCluster, type TestServer } from '@waggle/nats-server/testing'
import { decodeRecord, type EncodedRecord, type Sequence } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import type { JetStreamAccess } from '../nats/jetstream-access.ts'
import { append, openAccess, openDirectory, openLog, recordAt } from '../testing/jetstream-fixture.ts'
import type { JetStreamLog } from './jetstream-log.ts'

/** Shorter than the test may take, so that what hangs is told. */
const patient = () => {
  const untilMs = systemClock.monotonicMs() + 100_000
  return { mayTryUntilMs: () => untilMs }
}

const openShard = async (urls: readonly string[], replicas: number, shard = 0) => {
  const access = await openAccess(urls)
  const directory = await openDirectory(access, { replicas })
  const shardLog = await directory.shardLog(shard)
  let onDoubt = () => undefined as unknown
  const logger = { ...silentLogger, debug: () => void onDoubt() }
  const log = openLog(access, shardLog, { ...patient(), logger })
  /** Resolves when an attempt had no answer. */
  const inDoubt = () => new Promise<void>((resolve) => (onDoubt = resolve))
  return { access, shardLog, log, inDoubt }
}

const readAll = async (log: JetStreamLog): Promise<Map<number, Uint8Array>> => {
  const found = new Map<number, Uint8Array>()
  for await (const { sequence, bytes } of log.read(1 as Sequence)) found.set(sequence, bytes!)
  return found
}

/** An append that was given up may be begun again, with the same bytes: then its outcome becomes definite. */
const appendOrAgain = async (log: JetStreamLog, record: EncodedRecord): Promise<AppendOutcome> => {
  for (let times = 1; ; times += 1)
    try {
      return await append(log, record)
    } catch (error) {
      if (!isFault(error) || error.code !== 'UNAVAILABLE' || times === 5) throw error
    }
}

/** Every record that was said to be appended is at its place, once, and nothing else is there. */
const expectExactly = async (log: JetStreamLog, appended: readonly EncodedRecord[]): Promise<void> => {
  const found = await readAll(log)
  expect(found.size).toBe(appended.length)
  for (const { record, bytes } of appended)
    expect(Buffer.compare(found.get(record.position)!, bytes), `record ${record.position}`).toBe(0)
}

/** Appends one record after the other while `disturb` runs, then a few more. */
const appendDuring = async (log: JetStreamLog, disturb: () => Promise<void>): Promise<readonly EncodedRecord[]> => {
  const appended: EncodedRecord[] = []
  const disturbance = { isOver: false }
  const disturbing = disturb().finally(() => (disturbance.isOver = true))
  for (let more = 20; more > 0;) {
    const record = recordAt(log.generation, appended.length + 1, { payload: new Uint8Array(2_000) })
    expect(await appendOrAgain(log, record)).toBe('appended')
    appended.push(record)
    if (disturbance.isOver) more -= 1
  }
  await disturbing
  return appended
}

const until = async (condition: () => boolean | Promise<boolean>, what: string): Promise<void> => {
  const endMs = systemClock.monotonicMs() + 30_000
  while (!(await condition())) {
    if (systemClock.monotonicMs() > endMs) throw new Error(`not in time: ${what}`)
    await new Promise<void>((resolve) => systemTimers.after(10, resolve))
  }
}

const last = async (access: JetStreamAccess, stream: string): Promise<number> =>
  (await access.manager.streams.info(stream)).state.last_seq

describe('an append in doubt, one server', () => {
  const withServer = async (run: (server: TestServer) => Promise<void>): Promise<void> => {
    const server = await testServer()
    try {
      await run(server)
    } finally {
      server.signal('SIGCONT')
      await server.dispose()
    }
  }

  // The server answers for some milliseconds after it was told to stop, on a busy machine: such rounds do not count.
  test('V3 a message that lands after its time-out is the append, not another one', () =>
    withServer(async (server) => {
      const { access, log, inDoubt } = await openShard([server.url], 1)
      const appended: EncodedRecord[] = []
      for (let doubts = 0; doubts < 2;) {
        const record = recordAt(log.generation, appended.length + 1)
        const doubted = inDoubt().then(() => (doubts += 1))
        server.signal('SIGSTOP')
        const appending = append(log, record)
        // The first attempt has timed out when it is in doubt, and lies in the socket of the server.
        await Promise.race([doubted, appending])
        server.signal('SIGCONT')
        expect(await appending).toBe('appended')
        appended.push(record)
      }
      await expectExactly(log, appended)
      await access.connection.close()
    }))

  test('V2 of two writers for one position exactly one has it, 200 rounds', () =>
    withServer(async (server) => {
      const writers = await Promise.all([openShard([server.url], 1), openShard([server.url], 1)])
      const [{ log }] = writers
      const appended: EncodedRecord[] = []
      for (let position = 1; position <= 200; position += 1) {
        const records = writers.map(() => recordAt(log.generation, position))
        const outcomes = await Promise.all(writers.map((writer, index) => append(writer.log, records[index]!)))
        expect([...outcomes].sort()).toEqual(['appended', 'fenced'])
        appended.push(records[outcomes.indexOf('appended')]!)
      }
      await expectExactly(log, appended)
      await Promise.all(writers.map(({ access }) => access.connection.close()))
    }))

  test('V1 the same bytes twice are one record, and both are told that it is there', () =>
    withServer(async (server) => {
      const { access, shardLog, log } = await openShard([server.url], 1)
      const other = openLog(access, shardLog, patient())
      const record = recordAt(log.generation, 1)
      expect(await append(log, record)).toBe('appended')
      expect(await append(log, record)).toBe('appended')
      const next = recordAt(log.generation, 2)
      expect(await Promise.all([append(log, next), append(other, next)])).toEqual(['appended', 'appended'])
      await expectExactly(log, [record, next])
      await access.connection.close()
    }))

  test('V1 V3 P1 kill -9 and restarts, again and again: what was appended is there once, and nothing else', () =>
    withServer(async (server) => {
      const { access, shardLog, log } = await openShard([server.url], 1)
      const appended = await appendDuring(log, async () => {
        for (let kills = 0; kills < 6; kills += 1) {
          const reached = await last(access, shardLog.stream)
          await until(async () => (await last(access, shardLog.stream)) > reached + 50, 'fifty more records')
          server.signal('SIGKILL')
          await server.restart()
          await until(
            () =>
              last(access, shardLog.stream).then(
                () => true,
                () => false,
              ),
            'server back',
          )
        }
      })
      expect(appended.length).toBeGreaterThan(300)
      await expectExactly(log, appended)
      await access.connection.close()
    }))

  test('V1 V2 V3 two writers, each in doubt: no record of a loser is there', () =>
    withServer(async (server) => {
      const writers = await Promise.all([openShard([server.url], 1), openShard([server.url], 1)])
      const [{ log }] = writers
      const appended: EncodedRecord[] = []
      for (let doubts = 0; doubts < 4;) {
        const doubted = writers.map(({ inDoubt }) => inDoubt())
        void Promise.all(doubted).then(() => (doubts += 1))
        server.signal('SIGSTOP')
        const records = writers.map(() => recordAt(log.generation, appended.length + 1))
        const appending = writers.map((writer, index) => append(writer.log, records[index]!))
        await Promise.all(appending.map((one, index) => Promise.race([one, doubted[index]])))
        server.signal('SIGCONT')
        const outcomes = await Promise.all(appending)
        expect([...outcomes].sort()).toEqual(['appended', 'fenced'])
        appended.push(records[outcomes.indexOf('appended')]!)
      }
      await expectExactly(log, appended)
      await Promise.all(writers.map(({ access }) => access.connection.close()))
    }))
})

describe('an append in doubt, three copies', () => {
  test('V1 V2 V3 races, a killed leader, a stopped leader and a step-down', async () => {
    const cluster = await testServerCluster(3)
    try {
      const writers = await Promise.all([openShard(cluster.urls, 3), openShard(cluster.urls, 3)])
      const [{ access, shardLog, log, inDoubt }] = writers
      const leader = async (): Promise<TestServer> => {
        const { cluster: facts } = await access.manager.streams.info(shardLog.stream)
        return cluster.servers[Number(facts!.leader!.slice(1)) - 1]!
      }
      const appended = [
        ...(await appendDuring(log, async () => {
          const server = await leader()
          server.signal('SIGKILL')
          await server.restart()
          await cluster.ready()
        })),
      ]
      const racedFrom = appended.length
      for (let round = 1; round <= 50; round += 1) {
        const records = writers.map(() => recordAt(log.generation, racedFrom + round))
        const outcomes = await Promise.all(writers.map((writer, index) => append(writer.log, records[index]!)))
        expect([...outcomes].sort()).toEqual(['appended', 'fenced'])
        appended.push(records[outcomes.indexOf('appended')]!)
      }
      const server = await leader()
      const stopped = recordAt(log.generation, appended.length + 1)
      server.signal('SIGSTOP')
      const doubted = inDoubt()
      const appending = appendOrAgain(log, stopped)
      await Promise.race([doubted, appending])
      server.signal('SIGCONT')
      expect(await appending).toBe('appended')
      appended.push(stopped)

      await access.connection.request(`$JS.API.STREAM.LEADER.STEPDOWN.${shardLog.stream}`)
      const after = recordAt(log.generation, appended.length + 1)
      expect(await appendOrAgain(log, after)).toBe('appended')
      appended.push(after)
      await expectExactly(log, appended)
      expect('defect' in decodeRecord((await log.readAgain(1 as Sequence))!)).toBe(false)
      await Promise.all(writers.map((writer) => writer.access.connection.close()))
    } finally {
      for (const server of cluster.servers) server.signal('SIGCONT')
      await cluster.dispose()
    }
  })
})

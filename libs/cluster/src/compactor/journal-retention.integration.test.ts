/** The retention of journals, from the compactor's word to the rows of a real shard. */
import { setTimeout as delay } from 'node:timers/promises'
import { temporaryFolder } from '@waggle/engine/testing'
import {
  silentLogger,
  systemClock,
  systemIds,
  systemRandom,
  systemTimers,
  type Logger,
  type Uuid,
} from '@waggle/kernel'
import { testServer, type TestServer } from '@waggle/nats-server/testing'
import type { NatsConnection } from '@nats-io/transport-node'
import {
  BEAT_SUBJECTS,
  collectiveIdOfKey,
  commandSubject,
  COMPACTOR_BEAT_SUBJECTS,
  decodeClusterMessage,
  decodeReply,
  DEFAULT_TENANT,
  encodeBody,
  encodeForwarded,
  FORWARDED_HEADER,
  internalPermissions,
  internalRoles,
  partition,
  type CompactorBeat,
  type InternalRole,
  type ShardBeat,
} from '@waggle/protocol'
import { afterEach, expect, test } from 'vitest'
import { connectNode } from '../nats/connection.ts'
import { headersOf } from '../nats/headers.ts'
import { startShardNode } from '../shard/shard-node.ts'
import { startCompactorNode } from './compactor-node.ts'

const SHARDS = 2
const ROWS = 600
const DEADLINE_MS = 60_000

const ports = { clock: systemClock, timers: systemTimers, random: systemRandom, ids: systemIds }
const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const eventually = async <Value>(what: string, look: () => Value | undefined, seen: () => unknown): Promise<Value> => {
  const endMs = systemClock.monotonicMs() + DEADLINE_MS
  for (;;) {
    const value = look()
    if (value !== undefined) return value
    if (systemClock.monotonicMs() > endMs) throw new Error(`never happened: ${what}; seen: ${JSON.stringify(seen())}`)
    await delay(20)
  }
}

const startServer = async (): Promise<TestServer> => {
  const users = internalRoles.map((role) => ({ user: role, password: role, permissions: internalPermissions[role] }))
  const server = await testServer({ users })
  cleanups.push(() => server.dispose())
  return server
}

const connectAs = async (server: TestServer, role: InternalRole): Promise<NatsConnection> => {
  const connection = await connectNode({
    ...{ servers: [server.url], user: role, password: role, name: `test ${role}`, role, logger: silentLogger },
    ...ports,
  })
  cleanups.push(() => connection.close())
  return connection
}

const startShards = async (server: TestServer): Promise<void> => {
  const folder = await temporaryFolder()
  cleanups.push(() => folder.remove())
  const node = await startShardNode({
    connection: await connectAs(server, 'shard'),
    logConnection: await connectAs(server, 'log'),
    ...{ node: 'shards', folder: folder.path, version: '0.1.0', pid: process.pid, logger: silentLogger, ...ports },
    ...{ shards: SHARDS, replicas: 1, logBytesMax: 32 * 1024 ** 2 },
  })
  cleanups.push(() => node.drain())
}

/** What a router does with requests, without one. */
class Requests {
  readonly #connection: NatsConnection
  readonly #router = systemIds.uuid()
  readonly #leaders = new Map<number, ShardBeat>()
  #number = 0

  constructor(connection: NatsConnection) {
    this.#connection = connection
    connection.subscribe(BEAT_SUBJECTS, {
      callback: (_, message) => {
        const beat = decodeClusterMessage('shard', message.data)
        if (beat?.leading === true) this.#leaders.set(beat.shard, beat)
      },
    })
  }

  async execute(collective: Uuid, operation: string, body: object): Promise<Readonly<Record<string, unknown>>> {
    const shard = partition(collective, SHARDS)
    const { epoch } = await eventually(
      'a leader',
      () => this.#leaders.get(shard),
      () => [...this.#leaders.values()],
    )
    this.#number += 1
    const header = encodeForwarded({
      ...{ tenant: DEFAULT_TENANT, operation, requestId: systemIds.uuid(), router: this.#router },
      ...{ number: this.#number, lowest: this.#number },
    })
    const reply = await this.#connection.request(
      commandSubject(shard, epoch.sequence),
      encodeBody(body, 'messagePack'),
      { timeout: 20_000, headers: headersOf([[FORWARDED_HEADER, header]]) },
    )
    return decodeReply(reply.data)
  }
}

test('F7 P9 a compactor has the leaders of real shards prune what is older than it keeps, and no more', async () => {
  const server = await startServer()
  await startShards(server)
  const connection = await connectAs(server, 'router')
  const requests = new Requests(connection)
  const id = collectiveIdOfKey(DEFAULT_TENANT, 'bees')
  await requests.execute(id, 'collective.create', { id, name: 'bees', dimension: 1 })
  const experiences = Array.from({ length: ROWS - 1 }, (_, n) => ({ content: `n ${n}`, embedding: [n + 1] }))
  await requests.execute(id, 'experience.recordMany', { collective: id, experiences })
  // What the log's time says is old must be older than 1 ms.
  await delay(20)
  await requests.execute(id, 'experience.record', { collective: id, content: 'the newest row stays', embedding: [1] })

  const pruned: unknown[] = []
  const logger: Logger = {
    ...silentLogger,
    info: (message, fields) => {
      if (message === 'journals pruned') pruned.push(fields)
    },
  }
  const compactor = await startCompactorNode({
    ...{ servers: [server.url], credentials: { user: 'compactor', password: 'compactor' }, node: 'compactor-1' },
    ...{ version: '0.1.0', pid: process.pid, journalKeepMs: 1, logger, ...ports },
  })
  cleanups.push(() => compactor.drain())
  await eventually(
    'journals are pruned',
    () => (pruned.length > 0 ? true : undefined),
    () => pruned,
  )
  expect(pruned).toEqual([{ shard: partition(id, SHARDS), rows: ROWS, done: true }])

  const beats: CompactorBeat[] = []
  connection.subscribe(COMPACTOR_BEAT_SUBJECTS, {
    callback: (_, message) => void beats.push(decodeClusterMessage('compactor', message.data)!),
  })
  const points = await eventually(
    'the hold of the one replica is told',
    () => beats.map(({ safePoints }) => safePoints[partition(id, SHARDS)]!).find(({ sequence }) => sequence > 1),
    () => beats.at(-1),
  )
  expect(points.reason).toMatch(/^no verified checkpoint; lowest hold sequence=\d+ replica=shards$/)
})

/** A compactor against a real server: what it may do, what it says, and whom it asks. */
import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger, systemClock, systemIds, systemRandom, systemTimers, type Logger } from '@waggle/kernel'
import { testServer, testSystemUser, type TestServer } from '@waggle/nats-server/testing'
import type { NatsConnection } from '@nats-io/transport-node'
import {
  beatSubject,
  COMPACTOR_BEAT_SUBJECTS,
  decodeClusterMessage,
  decodeInternalRequest,
  encodeClusterMessage,
  encodeReply,
  INTERNAL_HEADER,
  internalPermissions,
  internalRoles,
  liveSubject,
  logSubject,
  upkeepSubject,
  type CompactorBeat,
  type InternalRequest,
  type InternalRole,
} from '@waggle/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import type { Lease, LeaseRequest, LeaseTaking } from '../lease/lease.ts'
import { connectNode } from '../nats/connection.ts'
import { headerOf } from '../nats/headers.ts'
import { bucketConfig, logStreamConfig } from '../log/stream-config.ts'
import { jetStreamAccess } from '../nats/jetstream-access.ts'
import { shardBeat, type BeatFields } from '../testing/beats.ts'
import { Compactor } from './compactor.ts'
import { readServerFacts } from './server-facts.ts'

const DEADLINE_MS = 20_000
const KEEP_MS = 86_400_000

const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Polls until `look` gives something; says what was seen last when it never does. */
const eventually = async <Value>(what: string, look: () => Value | undefined, seen: () => unknown): Promise<Value> => {
  const endMs = systemClock.monotonicMs() + DEADLINE_MS
  for (;;) {
    const value = look()
    if (value !== undefined) return value
    if (systemClock.monotonicMs() > endMs) throw new Error(`never happened: ${what}; seen: ${JSON.stringify(seen())}`)
    await delay(20)
  }
}

const startServer = async (jetstream: { readonly syncInterval?: string } = {}): Promise<TestServer> => {
  const users = internalRoles.map((role) => ({ user: role, password: role, permissions: internalPermissions[role] }))
  const server = await testServer({ users, systemUser: testSystemUser, jetstream, serverName: 'bees' })
  cleanups.push(() => server.dispose())
  return server
}

const connectAs = async (server: TestServer, role: InternalRole | 'sys', logger: Logger): Promise<NatsConnection> => {
  const connection = await connectNode({
    ...{ servers: [server.url], user: role, password: role, name: `test ${role}` },
    ...{ logger, clock: systemClock, random: systemRandom },
    ...(role === 'sys' ? {} : { role }),
  })
  cleanups.push(() => connection.close())
  return connection
}

/** A lease that exists in this process: whoever comes first has it, and whoever lost it gets it no more. */
class LeaseOffice {
  #holder: LeaseRequest | undefined
  #losers = new Set<string>()

  readonly take = async (request: LeaseRequest): Promise<LeaseTaking> => {
    if (this.#holder !== undefined) return { kind: 'refused', heldBy: this.#holder.holder }
    if (this.#losers.has(request.holder.node)) return { kind: 'unanswered' }
    this.#holder = request
    const lease: Lease = {
      deadlineMs: () => (this.#holder === request ? Infinity : -Infinity),
      release: async () => {
        if (this.#holder === request) this.#holder = undefined
      },
      leave: async () => undefined,
    }
    return { kind: 'held', lease }
  }

  expire(): void {
    const lost = this.#holder
    this.#holder = undefined
    if (lost !== undefined) this.#losers.add(lost.holder.node)
    lost?.onLost('expired', undefined)
  }
}

interface Refusals {
  readonly logger: Logger
  readonly seen: unknown[]
}

const collectRefusals = (): Refusals => {
  const seen: unknown[] = []
  return { seen, logger: { ...silentLogger, error: (message, fields) => seen.push([message, fields]) } }
}

interface Options {
  readonly name?: string
  readonly leases?: LeaseOffice
  readonly withSystem?: boolean
  readonly logger?: Logger
}

const startCompactor = async (server: TestServer, options: Options = {}): Promise<Compactor> => {
  const { name = 'compactor-1', leases = new LeaseOffice(), withSystem = false, logger = silentLogger } = options
  const system = withSystem ? await connectAs(server, 'sys', logger) : undefined
  const connection = await connectAs(server, 'compactor', logger)
  const compactor = new Compactor({
    connection,
    streams: (await jetStreamAccess(connection)).manager.streams,
    ...(system === undefined ? {} : { readServers: () => readServerFacts(system, 500) }),
    takeLease: leases.take,
    cluster: () => ({ durability: 'synced', replicas: 1 }),
    ...{ name, pid: process.pid, journalKeepMs: KEEP_MS, logger },
    ...{ clock: systemClock, timers: systemTimers, random: systemRandom, ids: systemIds },
  })
  cleanups.push(() => compactor.stop())
  return compactor
}

/** The newest beat of each compactor. */
const listen = async (server: TestServer): Promise<ReadonlyMap<string, CompactorBeat>> => {
  const beats = new Map<string, CompactorBeat>()
  const connection = await connectAs(server, 'router', silentLogger)
  connection.subscribe(COMPACTOR_BEAT_SUBJECTS, {
    callback: (_, message) => {
      const beat = decodeClusterMessage('compactor', message.data)
      if (beat !== undefined) beats.set(beat.compactor, beat)
    },
  })
  await connection.flush()
  return beats
}

interface Asked {
  readonly subject: string
  readonly request: InternalRequest | undefined
}

/**
 * A leader as a shard's process is one: it beats, and answers what it is asked with `answers`, the last one for ever.
 */
const lead = async (
  server: TestServer,
  fields: BeatFields,
  answers: readonly { readonly done: boolean; readonly horizon?: number }[],
) => {
  const asked: Asked[] = []
  const connection = await connectAs(server, 'shard', silentLogger)
  const beat = shardBeat(fields)
  connection.subscribe(upkeepSubject(beat.shard, beat.epoch.sequence), {
    callback: (_, message) => {
      const header = headerOf(message, INTERNAL_HEADER) ?? ''
      const answer = answers[Math.min(asked.length, answers.length - 1)]!
      asked.push({ subject: message.subject, request: decodeInternalRequest(header) })
      message.respond(encodeReply({ pruned: 1, reason: 'r', ...answer }, 'messagePack', 1_000).bytes)
    },
  })
  await connection.flush()
  const speak = (): void => connection.publish(beatSubject(beat.shard), encodeClusterMessage(beat))
  speak()
  const timer = setInterval(speak, 250)
  const fallSilent = (): void => clearInterval(timer)
  cleanups.push(async () => fallSilent())
  return { asked, fallSilent }
}

const beatOf = (beats: ReadonlyMap<string, CompactorBeat>, name: string, is: (beat: CompactorBeat) => boolean) =>
  eventually(
    `a beat of ${name} as expected`,
    () => {
      const beat = beats.get(name)
      return beat !== undefined && is(beat) ? beat : undefined
    },
    () => [...beats.values()],
  )

describe('what servers say of themselves', () => {
  test.each([
    ['sync_interval: always', { syncInterval: 'always' }, { syncAlways: true }],
    ['the default', {}, { syncAlways: false }],
    ['sync_interval: 1s', { syncInterval: '1s' }, { syncAlways: false, syncInterval: 1_000_000_000 }],
  ])('with %s it is read back and told', async (_, jetstream, told) => {
    const server = await startServer(jetstream)
    const beats = await listen(server)
    const refusals = collectRefusals()
    await startCompactor(server, { withSystem: true, logger: refusals.logger })
    const beat = await beatOf(beats, 'compactor-1', ({ servers }) => servers.length > 0)
    expect(beat.servers).toMatchObject([{ name: 'bees', ...told }])
    expect(beat.servers[0]!.version).toMatch(/^\d+\.\d+\.\d+/)
    expect(beat.servers[0]!.storeBytesMax).toBeGreaterThan(0)
    expect(beat.durability).toEqual({ durability: 'synced', replicas: 1 })
    // P1: that a cluster does not keep what it promises is an error, in words.
    const problem = expect.stringContaining('bees syncs every') as string
    const facts = expect.objectContaining({ durability: 'synced', problems: [problem] }) as object
    const promise = 'the servers do not keep what the cluster was created to promise'
    expect(refusals.seen).toEqual(told.syncAlways ? [] : [[promise, facts]])
  })

  test('without a user of the system account nothing is told of servers, and all else is', async () => {
    const server = await startServer()
    const beats = await listen(server)
    await startCompactor(server)
    expect(await beatOf(beats, 'compactor-1', ({ active }) => active)).toMatchObject({ servers: [] })
  })
})

describe('safe points', () => {
  test('P9 K1 the lowest hold is told, for shards that fell silent too', async () => {
    const server = await startServer()
    const beats = await listen(server)
    const refusals = collectRefusals()
    await startCompactor(server, { logger: refusals.logger })
    const leader = await lead(server, { shard: 1, shards: 3, last: 9, holds: { a: 7, b: 4 } }, [{ done: true }])
    const first = await beatOf(beats, 'compactor-1', ({ safePoints }) => safePoints[1] !== undefined)
    expect(first.safePoints[0]).toMatchObject({ sequence: 0 })
    expect(first.safePoints[1]).toEqual({
      sequence: 1,
      reason: 'no verified checkpoint; lowest hold sequence=4 replica=b never heard',
    })
    leader.fallSilent()
    const silent = await beatOf(beats, 'compactor-1', ({ safePoints }) =>
      safePoints[1]!.reason.includes('leader silent'),
    )
    expect(silent.safePoints[1]!.sequence).toBe(1)
    expect(refusals.seen).toEqual([])
  })
})

describe('purging', () => {
  const STREAM = 'WAGGLE_0_00000000000000ff'

  /** A log of so many records, as shards make it. */
  const makeLog = async (server: TestServer, records: number) => {
    const { client, manager } = await jetStreamAccess(await connectAs(server, 'log', silentLogger))
    const names = { stream: STREAM, subject: logSubject(0), liveSubject: liveSubject(0) }
    await manager.streams.add(logStreamConfig({ ...names, replicas: 1, bytesMax: 1 << 20, firstSequence: 1 }))
    for (let n = 0; n < records; n += 1) await client.publish(logSubject(0), new Uint8Array(10))
    return async () => {
      const { first_seq, last_seq } = (await manager.streams.info(STREAM)).state
      return [first_seq, last_seq]
    }
  }

  const fields: BeatFields = { stream: STREAM, last: 30, holds: { a: 25 }, checkpoint: 26, horizon: 1 }

  test('K1 M2 a log is purged up to the horizon that its leader logged; a standby goes on', async () => {
    const server = await startServer()
    const bounds = await makeLog(server, 30)
    const leases = new LeaseOffice()
    const refusals = collectRefusals()
    for (const name of ['one', 'two']) await startCompactor(server, { name, leases, logger: refusals.logger })
    // What the beat says of holds and checkpoints makes the compactor ask; how far it goes, the leader says alone.
    const leader = await lead(server, fields, [{ done: true, horizon: 20 }])
    const purged = async (first: number) => {
      const endMs = systemClock.monotonicMs() + DEADLINE_MS
      let seen = await bounds()
      while (seen[0] !== first) {
        if (systemClock.monotonicMs() > endMs) throw new Error(`never purged to ${first}: ${seen.join('..')}`)
        await delay(20)
        seen = await bounds()
      }
      expect(seen).toEqual([first, 30])
    }
    await purged(20)
    expect(leader.asked.filter(({ request }) => request?.kind === 'moveHorizon').length).toBeGreaterThan(0)
    leader.fallSilent()
    leases.expire()
    await lead(server, { ...fields, epoch: 8, horizon: 20 }, [{ done: true, horizon: 30 }])
    await purged(30)
    expect(refusals.seen).toEqual([])
  })

  test('P9 K1 a compactor cannot purge a bucket: not by its rights, and not by the stream itself', async () => {
    const server = await startServer()
    const { manager } = await jetStreamAccess(await connectAs(server, 'log', silentLogger))
    await manager.streams.add(bucketConfig({ bucket: 'other', replicas: 1 }))
    await manager.streams.add(bucketConfig({ bucket: 'waggle', replicas: 1 }))
    const { streams } = (await jetStreamAccess(await connectAs(server, 'compactor', silentLogger))).manager
    await expect(streams.purge('KV_waggle')).rejects.toThrow(/[Pp]ermission/)
    await expect(streams.purge('KV_other')).rejects.toThrow(/not permitted/)
  })
})

describe('asking leaders', () => {
  test('F7 a leader is asked soon, on its epoch’s subject, again while it has more, then is left alone', async () => {
    const server = await startServer()
    await startCompactor(server)
    const { asked } = await lead(server, { shard: 2, shards: 4, epoch: 77 }, [
      { done: false },
      { done: false },
      { done: true },
    ])
    await eventually(
      'three requests',
      () => (asked.length >= 3 ? true : undefined),
      () => asked,
    )
    expect(asked[0]).toEqual({ subject: 'shard.2.77.upkeep', request: { kind: 'pruneJournals', keepMs: KEEP_MS } })
    const beats = await listen(server)
    await beatOf(beats, 'compactor-1', () => true)
    expect(asked).toHaveLength(3)
  })

  test('M2 only the active one asks; when it loses the lease, the other takes over and asks', async () => {
    const server = await startServer()
    const beats = await listen(server)
    const leases = new LeaseOffice()
    const [one, two] = [
      await startCompactor(server, { name: 'one', leases }),
      await startCompactor(server, { name: 'two', leases }),
    ]
    const { asked } = await lead(server, {}, [{ done: true }])
    await eventually(
      'a request',
      () => (asked.length > 0 ? true : undefined),
      () => asked,
    )
    await beatOf(beats, 'two', () => true)
    expect([one.isActive, two.isActive, beats.get('one')?.active, beats.get('two')?.active]).toEqual([
      ...[true, false, true, false],
    ])
    expect(asked).toHaveLength(1)
    leases.expire()
    await beatOf(beats, 'one', ({ active }) => !active)
    await beatOf(beats, 'two', ({ active }) => active)
    await eventually(
      'a request of the other',
      () => (asked.length === 2 ? true : undefined),
      () => asked,
    )
  })

  test('one that stops lets go of the lease at once, and says so', async () => {
    const server = await startServer()
    const beats = await listen(server)
    const leases = new LeaseOffice()
    const one = await startCompactor(server, { name: 'one', leases })
    await startCompactor(server, { name: 'two', leases })
    await beatOf(beats, 'one', ({ active }) => active)
    await one.stop()
    await beatOf(beats, 'one', ({ active }) => !active)
    await beatOf(beats, 'two', ({ active }) => active)
  })

  test('M3 it goes on after its server was killed and came back', async () => {
    const server = await startServer()
    const beats = await listen(server)
    await startCompactor(server)
    await beatOf(beats, 'compactor-1', ({ active }) => active)
    server.signal('SIGKILL')
    await server.ended
    await server.restart()
    const { asked } = await lead(server, { epoch: 8, holds: { a: 3 } }, [{ done: true }])
    await eventually(
      'a request',
      () => (asked.length > 0 ? true : undefined),
      () => asked,
    )
    await beatOf(beats, 'compactor-1', ({ safePoints }) => safePoints[0]?.reason.includes('sequence=3') === true)
  })
})

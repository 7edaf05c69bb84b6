/** Compactors as processes, killed and stopped, over a real server with the rights that a cluster gives them. */
import { setTimeout as delay } from 'node:timers/promises'
import { connectNode, Directory, jetStreamAccess } from '@waggle/cluster'
import { startChild, type ChildScript } from '@waggle/engine/testing'
import { silentLogger, systemClock, systemRandom, systemTimers } from '@waggle/kernel'
import { testServer, testSystemUser, type TestServer } from '@waggle/nats-server/testing'
import {
  COMPACTOR_BEAT_SUBJECTS,
  decodeClusterMessage,
  DEFAULT_TENANT,
  internalPermissions,
  internalRoles,
  wholeTenantPermissions,
  type CompactorBeat,
  type InternalRole,
} from '@waggle/protocol'
import { afterEach, describe, expect, test } from 'vitest'

const MAIN = new URL('main.ts', import.meta.url)
/** The lease's own time, and what a start and an attempt take on a busy machine. */
const TAKE_OVER_MS_MAX = 60_000

const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const connectAs = async (server: TestServer, role?: InternalRole) => {
  const user = role ?? 'default'
  const connection = await connectNode({
    ...{ servers: [server.url], user, password: user, name: 'test', ...(role === undefined ? {} : { role }) },
    ...{ logger: silentLogger, clock: systemClock, random: systemRandom },
  })
  cleanups.push(() => connection.close())
  return connection
}

/** A server with a cluster's users. */
const startServer = async (): Promise<TestServer> => {
  const users = internalRoles.map((role) => ({ user: role, password: role, permissions: internalPermissions[role] }))
  const tenant = { user: 'default', password: 'default', permissions: wholeTenantPermissions(DEFAULT_TENANT) }
  const server = await testServer({ users: [...users, tenant], systemUser: testSystemUser })
  cleanups.push(() => server.dispose())
  return server
}

/** What the first shard process does: until then no compactor can become active. */
const createDirectory = async (server: TestServer): Promise<void> => {
  const access = await jetStreamAccess(await connectAs(server, 'log'))
  const parts = { clock: systemClock, timers: systemTimers, random: systemRandom, logger: silentLogger }
  await Directory.open({ access, ...parts }, { shards: 4, replicas: 1 })
}

const startCompactor = (server: TestServer, name: string): ChildScript => {
  const { user, password } = testSystemUser
  const environment = [
    `WAGGLE_NATS__URL=${server.url} WAGGLE_NATS__USER=compactor WAGGLE_NATS__PASSWORD=compactor`,
    `WAGGLE_NATS__SYS_USER=${user} WAGGLE_NATS__SYS_PASSWORD=${password}`,
    `WAGGLE_NODE=${name} WAGGLE_HTTP__PORT=0 LOG_LEVEL=info`,
  ]
  const child = startChild(MAIN, { prelude: `export ${environment.join(' ')}` })
  cleanups.push(async () => {
    child.signal('SIGKILL')
    await child.ended
  })
  return child
}

/** The newest beat of each compactor. */
const listen = async (server: TestServer): Promise<ReadonlyMap<string, CompactorBeat>> => {
  const beats = new Map<string, CompactorBeat>()
  const connection = await connectAs(server, 'router')
  connection.subscribe(COMPACTOR_BEAT_SUBJECTS, {
    callback: (_, message) => {
      const beat = decodeClusterMessage('compactor', message.data)
      if (beat !== undefined) beats.set(beat.compactor, beat)
    },
  })
  await connection.flush()
  return beats
}

const until = async (beats: ReadonlyMap<string, CompactorBeat>, what: string, is: () => boolean): Promise<void> => {
  const endMs = systemClock.monotonicMs() + TAKE_OVER_MS_MAX
  while (!is()) {
    if (systemClock.monotonicMs() > endMs)
      throw new Error(`never happened: ${what}; seen: ${JSON.stringify([...beats.values()])}`)
    await delay(50)
  }
}

describe('compactors as processes', () => {
  test('K1 one is active, the other stands by, and takes over after kill -9', async () => {
    const server = await startServer()
    const beats = await listen(server)
    const one = startCompactor(server, 'one')
    await until(beats, 'a beat before there is a cluster', () => beats.get('one')?.active === false)
    await createDirectory(server)
    await until(beats, 'the first is active', () => beats.get('one')?.active === true)
    startCompactor(server, 'two')
    await until(beats, 'the second stands by and knows the server', () => beats.get('two')?.servers.length === 1)
    expect([beats.get('one')?.active, beats.get('two')?.active]).toEqual([true, false])
    expect(beats.get('one')?.pid).toBe(one.pid)
    one.signal('SIGKILL')
    await one.ended
    await until(beats, 'the second takes over', () => beats.get('two')?.active === true)
  })

  test('one that is told to end hands its role over before it leaves', async () => {
    const server = await startServer()
    const beats = await listen(server)
    await createDirectory(server)
    const one = startCompactor(server, 'one')
    await until(beats, 'the first is active', () => beats.get('one')?.active === true)
    startCompactor(server, 'two')
    await until(beats, 'the second stands by', () => beats.get('two')?.active === false)
    one.signal('SIGTERM')
    expect(await one.ended).toBe(0)
    const leftMs = systemClock.monotonicMs()
    await until(beats, 'the first says that it is not', () => beats.get('one')?.active === false)
    await until(beats, 'the second takes over', () => beats.get('two')?.active === true)
    // Well below the time after which the lease would have ended by itself.
    expect(systemClock.monotonicMs() - leftMs).toBeLessThan(7_500)
  })

  test('it is found as a service, by clients too', async () => {
    const server = await startServer()
    const beats = await listen(server)
    const child = startCompactor(server, 'one')
    await until(beats, 'a beat', () => beats.has('one'))
    const client = await connectAs(server)
    const found = (await client.request('$SRV.INFO.waggle-compactor', '', { timeout: 5_000 })).json()
    expect(found).toMatchObject({
      name: 'waggle-compactor',
      version: '0.1.0',
      metadata: { node: 'one', pid: String(child.pid) },
    })
  })

  test('P10 without its name it leaves before it touches anything', async () => {
    const server = await startServer()
    const child = startCompactor(server, '')
    expect(await child.ended).toBe(2)
  })
})

import { createServer, type AddressInfo, type Server } from 'node:net'
import { isFault, poll, systemClock, systemTimers } from '@waggle/kernel'
import { findNatsServer } from '../find-nats-server.ts'
import { LOOPBACK, type ServerUser } from '../server-config.ts'
import { readServerInfo } from '../server-info.ts'
import type { StartOptions } from '../start-nats-server.ts'
import { startInTemporaryFolder, testSystemUser, testUsers, type TestServer } from './test-server.ts'
import { wireRequest } from './wire.ts'

export type TestClusterOptions = Partial<Omit<StartOptions, 'binary' | 'folder' | 'cluster' | 'port' | 'serverName'>>

/** Several servers that replicate for one another. */
export interface TestServerCluster {
  /** Named `n1`, `n2`, … */
  readonly servers: readonly TestServer[]
  /** Addresses of all. */
  readonly urls: readonly string[]
  /**
   * Resolves when every server is healthy and a stream with a replica on each can be made: after a server was started
   * again. @throws Error with what each said last
   */
  ready(): Promise<void>
  /** Ends the servers and removes their folders. */
  dispose(): Promise<void>
}

/** Electing takes 4-9 s, twice that when a vote splits. */
const READY_MS_MAX = 60_000
const PORT_TRIES = 5

/** Asks whether streams can be made; tests may give their users rights that do not suffice for it. */
const probeUser: ServerUser = { user: 'test-probe', password: 'test-probe' }
const PROBE = 'TEST_PROBE'

const listen = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, LOOPBACK, () => resolve((server.address() as AddressInfo).port))
  })

/** Ports that were free a moment ago: the servers must know one another's before the first starts. */
const freePorts = async (count: number): Promise<readonly number[]> => {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(servers.map(listen))
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

const disposeAll = async (servers: readonly TestServer[]): Promise<void> => {
  await Promise.all(servers.map((server) => server.dispose()))
}

const isTakenPort = (error: unknown): boolean => isFault(error) && error.message.includes('address already in use')

const startAll = async (count: number, options: Omit<StartOptions, 'folder' | 'serverName'>): Promise<TestServer[]> => {
  for (let tries = 1; ; tries += 1) {
    const ports = await freePorts(count)
    const routes = ports.map((port) => `nats://${LOOPBACK}:${port}`)
    const starts = await Promise.allSettled(
      ports.map((port, index) =>
        startInTemporaryFolder({ ...options, serverName: `n${index + 1}`, cluster: { name: 'test', port, routes } }),
      ),
    )
    const servers = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []))
    const failure = starts.find((start) => start.status === 'rejected')
    if (failure === undefined) return servers
    await disposeAll(servers)
    if (tries === PORT_TRIES || !isTakenPort(failure.reason)) throw failure.reason
  }
}

/** What keeps that server from serving streams; `undefined` when nothing does. */
const illnessOf = async (server: TestServer, system: { readonly user: string; readonly password: string }) => {
  const { serverId, serverName } = await readServerInfo(LOOPBACK, server.port)
  const reply = await wireRequest({ port: server.port, ...system }, `$SYS.REQ.SERVER.${serverId}.HEALTHZ`)
  return reply.includes('"status":"ok"') ? undefined : `${serverName}: ${reply}`
}

const refusalOfStream = async ({ port }: TestServer, replicas: number): Promise<string | undefined> => {
  const body = JSON.stringify({
    name: PROBE,
    subjects: ['test.probe'],
    num_replicas: replicas,
    storage: 'memory',
    retention: 'limits',
  })
  const credentials = { port, ...probeUser }
  const made = await wireRequest(credentials, `$JS.API.STREAM.CREATE.${PROBE}`, { body, timeoutMs: 5_000 })
  if (!made.includes('"created"')) return made
  const gone = await wireRequest(credentials, `$JS.API.STREAM.DELETE.${PROBE}`, { timeoutMs: 5_000 })
  return gone.includes('"success":true') ? undefined : gone
}

/**
 * Starts `count` servers with routes between them and waits until a stream can be replicated over all of them, which
 * takes from half a second to ten. Users as with `testServer`.
 */
export const testServerCluster = async (count = 3, options: TestClusterOptions = {}): Promise<TestServerCluster> => {
  const binary = await findNatsServer({ need: 'replicated', environment: process.env })
  const given = options.users === undefined ? { ...testUsers, ...options } : options
  const systemUser = given.systemUser ?? testSystemUser
  const users = [...(given.users ?? testUsers.users), probeUser]
  const servers = await startAll(count, { ...given, users, systemUser, binary })
  const [first] = servers

  const ready = async (): Promise<void> => {
    let seen: unknown = 'nothing was asked'
    const isReady = async (): Promise<true | undefined> => {
      try {
        const ill = (await Promise.all(servers.map((server) => illnessOf(server, systemUser)))).filter(Boolean)
        seen = ill.length > 0 ? ill.join('; ') : first && (await refusalOfStream(first, count))
      } catch (error) {
        seen = error
      }
      return seen === undefined ? true : undefined
    }
    const waiting = { clock: systemClock, timers: systemTimers }
    const answer = await poll(waiting, { everyMs: 50, durationMsMax: READY_MS_MAX }, isReady)
    if (answer === undefined) throw new Error(`the servers are not ready: ${String(seen)}`)
  }

  const dispose = (): Promise<void> => disposeAll(servers)
  try {
    await ready()
  } catch (error) {
    await dispose()
    throw error
  }
  return { servers, urls: servers.map((server) => server.url), ready, dispose }
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { findNatsServer } from '../find-nats-server.ts'
import type { ServerUser } from '../server-config.ts'
import { startNatsServer, type RunningServer, type StartOptions } from '../start-nats-server.ts'
import type { ServerNeed } from '../version.ts'

export interface TestServerOptions extends Partial<Omit<StartOptions, 'binary' | 'folder' | 'cluster'>> {
  /** What the server must be able to do. Default `unreplicated`. */
  readonly need?: ServerNeed
}

/** A server in a temporary folder. */
export interface TestServer extends RunningServer {
  /** Ends the server and removes its folder. */
  dispose(): Promise<void>
}

/** The one user when none is given: it has all rights, and a connection without credentials is it. */
export const testUser: ServerUser = { user: 'test', password: 'test' }
/** The system account's user when none is given. */
export const testSystemUser = { user: 'sys', password: 'sys' }

const running = new Set<RunningServer>()
// A test run that is broken off must leave no server behind.
process.on('exit', () => {
  for (const server of running) server.signal('SIGKILL')
})

/** Starts a server in a folder of its own under the system's temporary folder, which `dispose` removes. */
export const startInTemporaryFolder = async (options: Omit<StartOptions, 'folder'>): Promise<TestServer> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'waggle-nats-'))
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 5 })
  try {
    const server = await startNatsServer({ ...options, folder })
    running.add(server)
    const dispose = async (): Promise<void> => {
      await server.stop()
      running.delete(server)
      await remove()
    }
    // Not a copy: the pid of a server is that of its present life.
    return Object.assign(Object.create(server) as RunningServer, { dispose })
  } catch (error) {
    await remove()
    throw error
  }
}

/** Who may connect, where the test does not say it. */
export const testUsers = { users: [testUser], noAuthUser: testUser.user, systemUser: testSystemUser }

/**
 * Starts one server for a test. Without `users`: the user `test` with all rights, for connections without credentials
 * too, so that `connect({ servers: server.url })` is enough.
 */
export const testServer = async ({
  need = 'unreplicated',
  ...options
}: TestServerOptions = {}): Promise<TestServer> => {
  const binary = await findNatsServer({ need, environment: process.env })
  const users = options.users === undefined ? testUsers : {}
  return startInTemporaryFolder({ serverName: 'test', ...users, ...options, binary })
}

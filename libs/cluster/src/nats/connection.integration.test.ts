import { silentLogger, systemClock, systemRandom, type LogFields, type Logger } from '@waggle/kernel'
import { testServer, type TestServer } from '@waggle/nats-server/testing'
import { internalPermissions } from '@waggle/protocol'
import type { NatsConnection } from '@nats-io/transport-node'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { connectNode } from './connection.ts'

let server: TestServer
beforeAll(async () => {
  const users = [{ user: 'router', password: 'router', permissions: internalPermissions.router }]
  server = await testServer({ users, jetstream: false })
})
afterAll(() => server.dispose())

const opened: NatsConnection[] = []
afterEach(() => Promise.all(opened.splice(0).map((connection) => connection.close())))

const open = async (password = 'router', servers = [server.url]) => {
  const said: { message: string; fields: LogFields | undefined }[] = []
  const say = (message: string, fields?: LogFields) => void said.push({ message, fields })
  const logger: Logger = { ...silentLogger, info: say, warn: say, error: say }
  const ports = { logger, clock: systemClock, random: systemRandom }
  const connection = await connectNode({
    servers,
    user: 'router',
    password,
    role: 'router',
    name: 'router-1',
    ...ports,
  })
  opened.push(connection)
  return { connection, said, messages: () => said.map(({ message }) => message) }
}

const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 20 })

it('names the servers when none takes the connection', async () => {
  await expect(open('router', ['nats://127.0.0.1:1', 'nats://127.0.0.1:2'])).rejects.toThrow(
    /servers=nats:\/\/127.0.0.1:1,nats:\/\/127.0.0.1:2/,
  )
  await expect(open('wrong')).rejects.toThrow(/authorization/i)
})

it('says what the server refuses, and not each time', async () => {
  const { connection, said } = await open()
  for (let count = 0; count < 5; count += 1) connection.publish('wal.0', 'forged')
  await connection.flush()
  await eventually(() => expect(said).toHaveLength(1))
  expect(said).toMatchObject([
    {
      message: 'NATS server refuses a subject',
      fields: { connection: 'router-1', operation: 'publish', subject: 'wal.0' },
    },
  ])
})

it('comes back when its server does, and says so', async () => {
  const { connection, messages } = await open()
  server.signal('SIGKILL')
  await eventually(() => expect(messages()).toContain('connection to NATS lost'))
  await server.restart()
  await eventually(() => expect(messages().at(-1)).toBe('connection to NATS is back'))
  await connection.flush()
})

import { spawnSync } from 'node:child_process'
import { access, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { findNatsServer, type ServerBinary } from './find-nats-server.ts'
import { readServerInfo } from './server-info.ts'
import { startNatsServer } from './start-nats-server.ts'
import { testServer, testSystemUser, testUser, type TestServer, type TestServerOptions } from './testing/index.ts'
import { wireComplaints, wireRequest } from './testing/wire.ts'

let binary: ServerBinary
const servers: TestServer[] = []

beforeAll(async () => {
  binary = await findNatsServer({ need: 'unreplicated', environment: process.env })
})

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.dispose()))
})

const start = async (options?: TestServerOptions): Promise<TestServer> => {
  const server = await testServer(options)
  servers.push(server)
  return server
}

const request = async (port: number, subject: string, body?: object): Promise<Record<string, unknown>> => {
  const text = await wireRequest({ port }, subject, body === undefined ? {} : { body: JSON.stringify(body) })
  return JSON.parse(text) as Record<string, unknown>
}

const messagesOf = async (port: number): Promise<unknown> =>
  ((await request(port, '$JS.API.STREAM.INFO.S')) as { state?: { messages?: number } }).state?.messages

describe('startNatsServer', () => {
  it('starts a server that greets with what it was given', async () => {
    const server = await start({ serverName: 'n1', maxPayloadBytes: 100_000 })
    expect(server.url).toBe(`nats://127.0.0.1:${server.port}`)
    const info = await readServerInfo('127.0.0.1', server.port)
    expect(info).toMatchObject({ serverName: 'n1', maxPayloadBytes: 100_000, jetstream: true, tlsRequired: false })
    expect(info.version).toBe(binary.version)
  })

  it('S3 keeps port and store over a restart, after a kill too', async () => {
    const server = await start()
    const { port, pid } = server
    await request(port, '$JS.API.STREAM.CREATE.S', {
      name: 'S',
      subjects: ['s'],
      retention: 'limits',
      storage: 'file',
      num_replicas: 1,
    })
    await request(port, 's')
    await server.restart()
    expect(server.port).toBe(port)
    expect(server.pid).not.toBe(pid)
    expect(await messagesOf(port)).toBe(1)
    await request(port, 's')

    server.signal('SIGKILL')
    expect(await server.ended).toEqual({ code: null, signal: 'SIGKILL', wanted: false })
    await server.restart()
    expect(await messagesOf(port)).toBe(2)
  })

  it('starts one server when it is told twice, and stops the last', async () => {
    const server = await start()
    await Promise.all([server.restart(), server.restart(), server.stop()])
    expect(await server.ended).toMatchObject({ wanted: true })
    await expect(readServerInfo('127.0.0.1', server.port)).rejects.toMatchObject({ code: 'NATS_SERVER_UNREACHABLE' })
  })

  it('stops one that was halted, and stopping again does nothing', async () => {
    const server = await start({ stopMsMax: 30_000 })
    server.signal('SIGSTOP')
    await server.stop()
    await server.stop()
    expect(await server.ended).toMatchObject({ wanted: true })
    server.signal('SIGTERM')
  })

  it('S2 quotes the log of a server that refuses its configuration', async () => {
    const permissions = { publish: { allow: ['now..then'] }, subscribe: { allow: [] } }
    await expect(start({ users: [{ user: 'u', password: 'p', permissions }] })).rejects.toMatchObject({
      code: 'NATS_SERVER_NOT_STARTED',
      message: expect.stringMatching(/exit code 1.*now[.][.]then/s) as string,
    })
  })

  it('S1 S2 does not take another server at its port for its own', async () => {
    const { port } = await start()
    await expect(start({ port })).rejects.toMatchObject({
      code: 'NATS_SERVER_NOT_STARTED',
      message: expect.stringContaining('address already in use') as string,
    })
  })

  it('S2 ends what is not ready in time, and tells of what cannot be executed', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'waggle-nats-'))
    try {
      const options = { serverName: 'n', folder }
      const sleeper = { path: '/bin/cat', version: '2.14.5' }
      await expect(startNatsServer({ ...options, binary: sleeper, readyMsMax: 50 })).rejects.toMatchObject({
        code: 'NATS_SERVER_NOT_STARTED',
      })
      await expect(startNatsServer({ ...options, binary: { ...sleeper, path: '/nowhere' } })).rejects.toMatchObject({
        code: 'NATS_SERVER_NOT_STARTED',
        message: expect.stringContaining('cannot be executed') as string,
      })
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('refuses sync_interval for a server that does not know it', async () => {
    const options = { serverName: 'n', folder: tmpdir(), jetstream: { syncInterval: 'always' } }
    await expect(startNatsServer({ ...options, binary: { ...binary, version: '2.9.10' } })).rejects.toMatchObject({
      code: 'NATS_SERVER_UNFIT',
    })
  })

  it('G1 S4 takes a folder and names of any characters, and keeps passwords from others', async () => {
    const parent = await mkdtemp(path.join(tmpdir(), 'waggle-nats-'))
    const folder = path.join(parent, 'with "quotes" \\ $HOME # and Zürich')
    const users = [{ user: '$USER "x"', password: '$HOME \\ "; } # é' }]
    try {
      const server = await startNatsServer({ binary, folder, serverName: '$n"1"', users })
      try {
        await access(path.join(folder, 'jetstream'))
        expect((await stat(path.join(folder, 'nats-server.conf'))).mode & 0o777).toBe(0o600)
        expect((await stat(folder)).mode & 0o777).toBe(0o700)
        expect((await readServerInfo('127.0.0.1', server.port)).serverName).toBe('$n"1"')
        const { port } = server
        expect(await wireComplaints({ port, ...users[0]! }, ['PUB a 0\r\n'])).toEqual([])
        expect(await wireComplaints({ port, user: '$USER "x"', password: 'wrong' }, [])).toEqual([
          "-ERR 'Authorization Violation'",
        ])
        expect(await wireComplaints({ port }, [])).toEqual(["-ERR 'Authorization Violation'"])
      } finally {
        await server.stop()
      }
    } finally {
      await rm(parent, { recursive: true })
    }
  })
})

describe('permissions', () => {
  const permissions = {
    publish: { allow: ['wal.*', '$JS.API.>'], deny: ['$JS.API.STREAM.DELETE.>'] },
    subscribe: { allow: ['inbox.>'] },
  }
  const nothing = { publish: { allow: [] }, subscribe: { allow: [] } }

  it('G2 the server refuses what they do not allow', async () => {
    const users = [
      { user: 'log', password: 'p', permissions },
      { user: 'mute', password: 'p', permissions: nothing },
    ]
    const { port } = await start({ users, noAuthUser: 'mute' })
    const log = { port, user: 'log', password: 'p' }
    const commands = [
      'PUB wal.1 0\r\n',
      'PUB $JS.API.STREAM.DELETE.S 0\r\n',
      'PUB x 0\r\n',
      'SUB inbox.1 1',
      'SUB wal.1 2',
    ]
    expect(await wireComplaints(log, commands)).toEqual([
      expect.stringContaining('Permissions Violation for Publish to "$JS.API.STREAM.DELETE.S"'),
      expect.stringContaining('Permissions Violation for Publish to "x"'),
      expect.stringContaining('Permissions Violation for Subscription to "wal.1"'),
    ])
    expect(await wireComplaints({ port }, ['PUB wal.1 0\r\n', 'SUB a 1'])).toHaveLength(2)
  })

  it('the user of the system account reads figures and no account’s messages; others read no figures', async () => {
    const { port } = await start()
    const figures = await wireRequest({ port, ...testSystemUser }, '$SYS.REQ.SERVER.PING.VARZ')
    expect(figures).toContain(binary.version)
    expect(await wireRequest({ port, ...testSystemUser }, '$JS.API.INFO')).toContain('not enabled for account')
    expect(await wireRequest({ port, ...testUser }, '$SYS.REQ.SERVER.PING.VARZ')).toBe('')
    expect(await wireRequest({ port }, '$JS.API.INFO')).toContain('"streams":0')
  })
})

describe('readServerInfo', () => {
  const listener = createServer((socket) => socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  beforeAll(() => new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve)))
  afterAll(() => new Promise((resolve) => listener.close(resolve)))

  it('tells what listens there from a nats-server', async () => {
    const { port } = listener.address() as AddressInfo
    await expect(readServerInfo('127.0.0.1', port)).rejects.toMatchObject({
      code: 'NATS_SERVER_UNREACHABLE',
      details: { host: '127.0.0.1', port },
      message: expect.stringContaining('no nats-server') as string,
    })
  })

  it('gives up in time on a server that says nothing', async () => {
    const server = await start()
    server.signal('SIGSTOP')
    // The signal has been sent, not taken: a greeting may still come through.
    await vi.waitFor(
      () =>
        expect(readServerInfo('127.0.0.1', server.port, { timeoutMs: 50 })).rejects.toMatchObject({
          code: 'NATS_SERVER_UNREACHABLE',
        }),
      { timeout: 10_000 },
    )
  })
})

describe('testServer', () => {
  it('leaves nothing behind', async () => {
    const server = await testServer()
    const { folder, pid } = server
    expect(await readFile(server.logFile, 'utf8')).toContain('Server is ready')
    await server.dispose()
    await expect(access(folder)).rejects.toThrow()
    expect(spawnSync('kill', ['-0', String(pid)]).status).not.toBe(0)
  })
})

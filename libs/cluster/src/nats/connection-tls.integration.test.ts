/** TLS between a part of a cluster and its server, both ways, against a real one. */
import { createConnection } from 'node:net'
import { silentLogger, systemClock, systemRandom } from '@waggle/kernel'
import { expired, testServer, TestCertificates, type TestServer } from '@waggle/nats-server/testing'
import { internalPermissions } from '@waggle/protocol'
import type { NatsConnection } from '@nats-io/transport-node'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { connectNode, type TlsFiles } from './connection.ts'

let files: TestCertificates
/** The library compares an address with `localhost`. */
const hosts = ['127.0.0.1', 'localhost']
const servers: TestServer[] = []
const opened: NatsConnection[] = []

beforeAll(async () => {
  files = await TestCertificates.make()
  await files.issue('server', { use: 'server', hosts })
  await files.issue('expired-server', { use: 'server', hosts, ...expired() })
  await files.issue('elsewhere', { use: 'server', hosts: ['nats-0.nats'] })
  await files.issue('router', { use: 'client' })
  await files.issue('expired-router', { use: 'client', ...expired() })
  await files.issue('their-router', { use: 'client' }, 'theirs')
  await files.issue('their-server', { use: 'server', hosts }, 'theirs')
})
afterEach(() => Promise.all(opened.splice(0).map((connection) => connection.close())))
afterAll(async () => {
  await Promise.all(servers.map((server) => server.dispose()))
  await files.remove()
})

const started = new Map<string, Promise<TestServer>>()

/** @param name of its certificate; each is started once */
const serverWith = (name: string, verify = false): Promise<TestServer> => {
  const key = `${name} ${verify}`
  const start = async (): Promise<TestServer> => {
    const server = await testServer({
      users: [{ user: 'router', password: 'secret', permissions: internalPermissions.router }],
      jetstream: false,
      tls: { ...keyPair(name), caFile: files.file('ours.crt'), verify },
    })
    servers.push(server)
    return server
  }
  if (!started.has(key)) started.set(key, start())
  return started.get(key) as Promise<TestServer>
}

const keyPair = (name: string) => ({ certFile: files.file(`${name}.crt`), keyFile: files.file(`${name}.key`) })
const ours = () => ({ caFile: files.file('ours.crt') })

const open = async ({ port }: TestServer, tls: TlsFiles | undefined, scheme = 'tls'): Promise<NatsConnection> => {
  const connection = await connectNode({
    servers: [`${scheme}://127.0.0.1:${port}`],
    ...{ user: 'router', password: 'secret', role: 'router', name: 'router-1', tls },
    ...{ logger: silentLogger, clock: systemClock, random: systemRandom },
  })
  opened.push(connection)
  return connection
}

describe('connectNode over TLS', () => {
  it('connects to a server whose certificate an authority of ours has signed', async () => {
    await (await open(await serverWith('server'), ours())).flush()
  })

  it('asks for TLS with files alone, and connects to no server that has none', async () => {
    await (await open(await serverWith('server'), ours(), 'nats')).flush()
    const plain = await testServer({ jetstream: false })
    servers.push(plain)
    await expect(open(plain, ours(), 'nats')).rejects.toThrow(/does not support 'tls'/)
    await expect(open(plain, {}, 'tls')).rejects.toThrow(/does not support 'tls'/)
  })

  it('shows its own certificate to a server that asks for one', async () => {
    await (await open(await serverWith('server', true), { ...ours(), ...keyPair('router') })).flush()
  })

  it.each<[string, string, () => TlsFiles, RegExp]>([
    ['of another authority', 'their-server', ours, /unable to verify|self.signed|issuer/i],
    ['that no known authority has signed', 'server', () => ({}), /unable to verify|self.signed|issuer/i],
    ['that has expired', 'expired-server', ours, /expired/],
    ['for another host', 'elsewhere', ours, /altnames|does not match/i],
  ])('refuses a server with a certificate %s', async (_title, name, tls, reason) => {
    await expect(open(await serverWith(name), tls())).rejects.toThrow(reason)
  })

  it.each<[string, () => TlsFiles]>([
    ['none', ours],
    ['one of another authority', () => ({ ...ours(), ...keyPair('their-router') })],
    ['one that has expired', () => ({ ...ours(), ...keyPair('expired-router') })],
  ])('P12 is refused by a server that asks for a certificate, with %s', async (_title, tls) => {
    await expect(open(await serverWith('server', true), tls())).rejects.toThrow('asks for a certificate that it knows')
  })

  it.each<[string, () => TlsFiles, RegExp]>([
    [
      'a key of another certificate',
      () => ({ ...keyPair('router'), keyFile: files.file('server.key') }),
      /key values mismatch/,
    ],
    ['a file that is not there', () => ({ caFile: files.file('none.crt') }), /none\.crt doesn't exist/],
  ])('P10 says what is wrong with %s', async (_title, tls, reason) => {
    await expect(open(await serverWith('server'), { ...ours(), ...tls() })).rejects.toThrow(reason)
  })

  it('P12 a server with TLS takes no password in the clear', async () => {
    const { port } = await serverWith('server')
    const heard = await new Promise<string>((resolve) => {
      let text = ''
      const socket = createConnection({ host: '127.0.0.1', port })
      socket.on('data', (chunk: Buffer) => {
        if (text === '') socket.write('CONNECT {"user":"router","pass":"secret"}\r\nPING\r\n')
        text += chunk.toString('latin1')
      })
      socket.on('error', () => undefined)
      socket.on('close', () => resolve(text))
    })
    expect(heard).toMatch(/^INFO .*"tls_required":true/)
    expect(heard).not.toContain('PONG')
  })

  it('takes renewed files when it connects again: no restart is needed', async () => {
    await files.issue('renewed', { use: 'server', hosts })
    const server = await testServer({
      users: [{ user: 'router', password: 'secret', permissions: internalPermissions.router }],
      ...{ jetstream: false, tls: { ...keyPair('renewed'), caFile: files.file('ours.crt') } },
    })
    servers.push(server)
    const caFile = files.file('authority.crt')
    await files.copy('ours.crt', 'authority.crt')
    const connection = await open(server, { caFile })

    // Another authority from now on, for both.
    await files.issue('renewed', { use: 'server', hosts }, 'theirs')
    await files.copy('theirs.crt', 'authority.crt')
    const changes: string[] = []
    void (async () => {
      for await (const { type } of connection.status()) changes.push(type)
    })()
    await server.restart()
    await vi.waitFor(() => expect(changes).toContain('reconnect'), { timeout: 30_000, interval: 20 })
    await connection.flush()
  })
})

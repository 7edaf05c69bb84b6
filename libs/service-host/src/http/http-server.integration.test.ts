import { once } from 'node:events'
import { connect } from 'node:net'
import { silentLogger, systemTimers } from '@waggle/kernel'
import { afterEach, describe, expect, it } from 'vitest'
import { serveHttp, type HttpServer, type Pages } from './http-server.ts'

const servers: HttpServer[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

const serve = async (pages: Pages, port = 0): Promise<HttpServer> => {
  const server = await serveHttp({ host: '127.0.0.1', port, pages, timers: systemTimers, logger: silentLogger })
  servers.push(server)
  return server
}

const page = { status: 503, contentType: 'text/plain', body: 'größer\n' }

describe('the HTTP server of a service', () => {
  it('W1 answers GET and HEAD with its pages, whatever stands behind the question mark', async () => {
    const { port } = await serve({ '/page': () => page })
    const got = await fetch(`http://127.0.0.1:${port}/page?a=1`)
    expect([got.status, await got.text()]).toEqual([503, 'größer\n'])
    expect(got.headers.get('content-type')).toBe('text/plain')
    const head = await fetch(`http://127.0.0.1:${port}/page`, { method: 'HEAD' })
    expect([head.status, await head.text(), head.headers.get('content-length')]).toEqual([503, '', '9'])
  })

  it.each([
    ['GET', '/', 404],
    ['GET', '/page/', 404],
    ['GET', '/constructor', 404],
    ['POST', '/page', 405],
    ['DELETE', '/page', 405],
  ])('W1 P10 %s %s is %i', async (method, path, status) => {
    const { port } = await serve({ '/page': () => page })
    expect((await fetch(`http://127.0.0.1:${port}${path}`, { method })).status).toBe(status)
  })

  it('W2 P11 refuses a head that is too large', async () => {
    const { port } = await serve({ '/page': () => page })
    const socket = connect(port, '127.0.0.1')
    socket.write(`GET /page HTTP/1.1\r\nhost: a\r\nlong: ${'x'.repeat(10_000)}\r\n\r\n`)
    const [bytes] = (await once(socket, 'data')) as [Buffer]
    expect(String(bytes)).toContain('431')
    socket.destroy()
  })

  it('W3 a page that fails is a 500, and the others are served', async () => {
    const broken = () => Promise.reject(new Error('secret'))
    const { port } = await serve({ '/broken': broken, '/page': () => page })
    const got = await fetch(`http://127.0.0.1:${port}/broken`)
    expect([got.status, await got.text()]).toEqual([500, 'internal error\n'])
    expect((await fetch(`http://127.0.0.1:${port}/page`)).status).toBe(503)
  })

  it('a taken port is refused by its number', async () => {
    const { port } = await serve({})
    await expect(serve({}, port)).rejects.toThrow(`host=127.0.0.1 port=${port} reason=it is taken`)
  })

  it('lets go of its port also while somebody is connected', async () => {
    const server = await serve({})
    const socket = connect(server.port, '127.0.0.1').on('error', () => undefined)
    await once(socket, 'connect')
    await server.close()
    servers.pop()
    await expect(serve({}, server.port)).resolves.toMatchObject({ port: server.port })
    socket.destroy()
  })
})

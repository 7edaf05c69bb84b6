import { connect } from 'node:net'
import { systemTimers, type Timers } from '@waggle/kernel'
import { natsServerFault } from './errors.ts'

/** What a nats-server says of itself to whoever connects, before any credentials. */
export interface ServerInfo {
  readonly version: string
  readonly serverName: string
  /** Another one after each start. */
  readonly serverId: string
  readonly maxPayloadBytes: number
  readonly jetstream: boolean
  readonly authRequired: boolean
  readonly tlsRequired: boolean
}

export interface ReadInfoOptions {
  /** Milliseconds for all of it. Default 2,000. */
  readonly timeoutMs?: number
  readonly timers?: Timers
}

/** The line is 500 bytes; one with the addresses of a large cluster is not much longer. */
const LINE_BYTES_MAX = 65_536

const decodeInfo = (line: string): ServerInfo | undefined => {
  if (!line.startsWith('INFO ')) return undefined
  try {
    const info = JSON.parse(line.slice(5)) as Readonly<Record<string, unknown>>
    const text = (key: string): string => (typeof info[key] === 'string' ? info[key] : '')
    if (typeof info.max_payload !== 'number' || text('version') === '') return undefined
    return {
      version: text('version'),
      serverName: text('server_name'),
      serverId: text('server_id'),
      maxPayloadBytes: info.max_payload,
      jetstream: info.jetstream === true,
      authRequired: info.auth_required === true,
      tlsRequired: info.tls_required === true,
    }
  } catch {
    return undefined
  }
}

/** Reads a server's greeting. @throws Fault `NATS_SERVER_UNREACHABLE` */
export const readServerInfo = (
  host: string,
  port: number,
  { timeoutMs = 2_000, timers = systemTimers }: ReadInfoOptions = {},
): Promise<ServerInfo> =>
  new Promise((resolve, reject) => {
    let received = ''
    const socket = connect({ host, port })
    const end = (): void => {
      cancel()
      socket.destroy()
    }
    const fail = (why: string, cause?: unknown): void => {
      end()
      const message = `no nats-server answers: ${why}; address=${host}:${port}`
      reject(natsServerFault('NATS_SERVER_UNREACHABLE', message, { host, port }, { cause }))
    }
    const cancel = timers.after(timeoutMs, () => {
      fail(`no greeting within ${timeoutMs} ms`)
    })
    socket.setEncoding('utf8')
    socket.on('error', (error) => {
      fail(error.message, error)
    })
    socket.on('close', () => {
      fail('the connection was closed before a greeting')
    })
    socket.on('data', (chunk: string) => {
      received += chunk
      const lineEnd = received.indexOf('\r\n')
      if (lineEnd < 0 && received.length <= LINE_BYTES_MAX) return
      const info = decodeInfo(received.slice(0, lineEnd < 0 ? 0 : lineEnd))
      if (info === undefined) {
        fail('what listens there is no nats-server')
        return
      }
      end()
      resolve(info)
    })
  })

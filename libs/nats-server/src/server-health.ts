/**
 * Whether a server still stores what it is sent. After a write that its disk refused a stream is frozen: publishes are
 * not answered, and room alone does not mend it (measured on 2.14.5, docs/adr/0026). The server tells whoever may ask
 * on its system account; this speaks just enough of its protocol for that one question.
 */
import { connect } from 'node:net'
import { systemTimers } from '@waggle/kernel'
import { natsServerFault } from './errors.ts'
import type { ReadInfoOptions } from './server-info.ts'

export interface HealthQuestion extends ReadInfoOptions {
  readonly host: string
  readonly port: number
  /** A user of the system account that may ask servers for `HEALTHZ`. */
  readonly user: string
  readonly password: string
}

const INBOX = '_INBOX.waggle.health'
const ANSWER_BYTES_MAX = 1 << 20
const FROZEN = /stream .* write error/u

/**
 * What the server says of a stream that a write error froze; `undefined` where there is none.
 * @throws Fault `NATS_SERVER_UNREACHABLE`
 */
export const readFrozenStream = ({
  host,
  port,
  user,
  password,
  timeoutMs = 2_000,
  timers = systemTimers,
}: HealthQuestion): Promise<string | undefined> =>
  new Promise((resolve, reject) => {
    let received = ''
    let asked = false
    const socket = connect({ host, port })
    const end = (): void => {
      cancel()
      socket.destroy()
    }
    const fail = (why: string, cause?: unknown): void => {
      end()
      const message = `a nats-server does not tell its health: ${why}; address=${host}:${port}`
      reject(natsServerFault('NATS_SERVER_UNREACHABLE', message, { host, port }, { cause }))
    }
    const cancel = timers.after(timeoutMs, () => {
      fail(`no answer within ${timeoutMs} ms`)
    })
    socket.setEncoding('utf8')
    socket.on('error', (error) => {
      fail(error.message, error)
    })
    socket.on('close', () => {
      fail('the connection was closed before an answer')
    })
    socket.on('data', (chunk: string) => {
      received += chunk
      if (!asked) {
        const id = /^INFO .*"server_id":"([A-Z0-9]+)".*\r\n/u.exec(received)?.[1]
        if (id === undefined) return
        asked = true
        const options = JSON.stringify({ user, pass: password, verbose: false, pedantic: false, lang: 'waggle' })
        socket.write(`CONNECT ${options}\r\nSUB ${INBOX} 1\r\nPUB $SYS.REQ.SERVER.${id}.HEALTHZ ${INBOX} 2\r\n{}\r\n`)
        return
      }
      const refused = /^-ERR (.*)\r\n/mu.exec(received)?.[1]
      const answer = /^MSG .*\r\n(.*)\r\n/mu.exec(received)?.[1]
      if (refused !== undefined || received.length > ANSWER_BYTES_MAX) fail(refused ?? 'its answer has no end')
      else if (answer !== undefined) {
        end()
        resolve(errorOf(answer))
      }
    })
  })

const errorOf = (answer: string): string | undefined => {
  try {
    const { data } = JSON.parse(answer) as { readonly data?: { readonly error?: unknown } }
    const error = typeof data?.error === 'string' ? data.error : ''
    return FROZEN.test(error) ? error : undefined
  } catch {
    return undefined
  }
}

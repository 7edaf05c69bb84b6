/**
 * A few words of NATS' client protocol, for what must be asked of a server where no client library is at hand: whether
 * its JetStream works, and what it refuses.
 */
import { connect } from 'node:net'
import { systemTimers } from '@waggle/kernel'
import { LOOPBACK } from '../server-config.ts'

export interface WireCredentials {
  readonly port: number
  /** Absent: as the server takes connections without credentials. */
  readonly user?: string
  readonly password?: string
}

const INBOX = '_INBOX.wire'

/** Sends `commands` over a connection of its own and gives `until`'s first answer to what was received. */
const converse = <T>(
  { port, user, password }: WireCredentials,
  { commands, timeoutMs }: { readonly commands: string; readonly timeoutMs: number },
  until: (received: string) => T | undefined,
): Promise<T> =>
  new Promise((resolve, reject) => {
    let received = ''
    const socket = connect({ host: LOOPBACK, port })
    const fail = (why: string): void => {
      end()
      reject(new Error(`${why}; received: ${received.slice(-500)}`))
    }
    const cancel = systemTimers.after(timeoutMs, () => {
      fail(`no answer within ${timeoutMs} ms`)
    })
    const end = (): void => {
      cancel()
      socket.destroy()
    }
    // Counts in the protocol are of bytes.
    socket.setEncoding('latin1')
    socket.on('error', (error) => {
      fail(error.message)
    })
    socket.on('close', () => {
      fail('the connection was closed')
    })
    socket.on('data', (chunk: string) => {
      if (received === '') {
        const options = { verbose: false, headers: true, no_responders: true, user, pass: password }
        socket.write(`CONNECT ${JSON.stringify(options)}\r\n${commands}`)
      }
      received += chunk
      const answer = until(received)
      if (answer === undefined) return
      end()
      resolve(answer)
    })
  })

const firstReply = (received: string): string | undefined => {
  const message = /\r\nH?MSG \S+ \S+ +(?:(\d+) +)?(\d+)\r\n/.exec(received)
  if (message === null) return undefined
  const [head, headers = '0', total = '0'] = message
  const start = message.index + head.length
  if (received.length < start + Number(total)) return undefined
  return received.slice(start + Number(headers), start + Number(total))
}

/** The first reply to a request; empty when nobody is there to answer. @throws Error when none comes in time */
export const wireRequest = (
  credentials: WireCredentials,
  subject: string,
  { body = '', timeoutMs = 1_000 }: { readonly body?: string; readonly timeoutMs?: number } = {},
): Promise<string> => {
  const publish = `PUB ${subject} ${INBOX} ${Buffer.byteLength(body)}\r\n${body}\r\n`
  return converse(credentials, { commands: `SUB ${INBOX} 1\r\n${publish}`, timeoutMs }, firstReply)
}

/** What the server complains of, `-ERR` by `-ERR`, when it is sent these commands (`SUB a.b 1`, `PUB a.b 0\r\n`). */
export const wireComplaints = (
  credentials: WireCredentials,
  commands: readonly string[],
): Promise<readonly string[]> => {
  const text = [...commands, 'PING'].map((command) => `${command}\r\n`).join('')
  return converse(credentials, { commands: text, timeoutMs: 5_000 }, (received) => {
    // A connection that is refused altogether gets no answer to its ping.
    if (!/\r\n(PONG|-ERR 'Authorization Violation')\r\n/.test(received)) return undefined
    return received.split('\r\n').filter((line) => line.startsWith('-ERR'))
  })
}

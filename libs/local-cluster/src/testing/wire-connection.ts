/**
 * NATS as its bytes: what any client in any language sends and sees, with nothing of ours or of a library in between.
 *
 * A library would keep from the server what these tests are about: bodies above its limit, subjects and headers that
 * are none, and the server's own words about them.
 */
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import type { FaultBody } from '@waggle/kernel'
import { decodeBody } from '@waggle/protocol'

export interface WireMessage {
  readonly subject: string
  /** Status line of headers without a body of ours, such as `503` where nobody listens. */
  readonly status?: string
  readonly headers: Readonly<Record<string, string>>
  readonly data: Buffer
}

export interface WireReply extends Omit<WireMessage, 'subject'> {
  /** As the reply's first byte tells it, which is what a client of one encoding looks at. */
  readonly encoding: 'json' | 'messagePack'
  readonly body: ReplyBody
}

/** Whatever the reply holds, beside what every reply has. */
interface ReplyBody {
  readonly [name: string]: unknown
  readonly ok?: boolean
  readonly error?: FaultBody
}

export type WireBody = Uint8Array | string

/** Far longer than anything takes that these tests ask. */
const ANSWER_MS_MAX = 30_000

const CRLF = Buffer.from('\r\n')
/** Distinguishes the inboxes of connections of one test run. */
let connections = 0

export class WireConnection {
  readonly #socket: Socket
  readonly #inbox: string
  readonly #waiting = new Map<string, (message: WireMessage) => void>()
  readonly #heard = new Map<string, WireMessage[]>()
  /** What the server complained of, oldest first. */
  readonly complaints: string[] = []
  readonly #pongs: (() => void)[] = []
  readonly closed: Promise<unknown>
  #buffered: Buffer = Buffer.alloc(0)
  #requests = 0

  private constructor(socket: Socket, inboxPrefix: string) {
    this.#socket = socket
    connections += 1
    this.#inbox = `${inboxPrefix}.wire${connections}`
    this.closed = once(socket, 'close')
    // A server that throws us out resets the connection while we still write.
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => this.#received(chunk))
  }

  /** @param access user and password; none for tenant `default` */
  static async open(
    url: string,
    { user, password, inboxPrefix = '_INBOX' }: { user?: string; password?: string; inboxPrefix?: string } = {},
  ): Promise<WireConnection> {
    const { hostname, port } = new URL(url)
    const socket = createConnection({ host: hostname, port: Number(port) })
    await once(socket, 'connect')
    const connection = new WireConnection(socket, inboxPrefix)
    const options = { verbose: false, pedantic: false, headers: true, no_responders: true, user, pass: password }
    connection.write(`CONNECT ${JSON.stringify(options)}\r\nSUB ${connection.#inbox}.* 1\r\n`)
    await connection.flush()
    return connection
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed
  }

  write(...parts: readonly WireBody[]): void {
    this.#socket.cork()
    for (const part of parts) this.#socket.write(part)
    this.#socket.uncork()
  }

  /** Resolves when the server has taken everything that was written, with its complaints about it. */
  async flush(): Promise<readonly string[]> {
    const seen = this.complaints.length
    const pong = new Promise<void>((resolve) => this.#pongs.push(resolve))
    this.write('PING\r\n')
    await Promise.race([pong, this.closed])
    return this.complaints.slice(seen)
  }

  publish(subject: string, body: WireBody, { reply = '', headers = '' } = {}): void {
    const bytes = Buffer.from(body)
    const sizes = headers === '' ? `${bytes.length}` : `${headers.length} ${headers.length + bytes.length}`
    this.write(`${headers === '' ? 'PUB' : 'HPUB'} ${subject} ${reply} ${sizes}\r\n${headers}`, bytes, CRLF)
  }

  /** One request's reply. @throws Error when none came, with the server's complaints */
  async request(subject: string, body: WireBody, headers?: string): Promise<WireReply> {
    this.#requests += 1
    const reply = `${this.#inbox}.${this.#requests}`
    const answered = new Promise<WireMessage>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no answer subject=${subject} complaints=${this.complaints.join(' ')}`)),
        ANSWER_MS_MAX,
      )
      this.#waiting.set(reply, (message) => {
        clearTimeout(timer)
        resolve(message)
      })
    })
    this.publish(subject, body, { reply, ...(headers === undefined ? {} : { headers }) })
    const { status, headers: received, data } = await answered
    if (status !== undefined) return { status, headers: received, data, encoding: 'json', body: {} }
    const { encoding, value } = decodeBody(data)
    return { headers: received, data, encoding, body: value as ReplyBody }
  }

  /** Where answers to `publish` with this reply subject go; every message counts. */
  listen(name: string): { readonly reply: string; readonly messages: readonly WireMessage[] } {
    const messages: WireMessage[] = []
    const reply = `${this.#inbox}.${name}`
    this.#heard.set(reply, messages)
    return { reply, messages }
  }

  async close(): Promise<void> {
    this.#socket.destroy()
    await this.closed
  }

  #received(chunk: Buffer): void {
    this.#buffered = Buffer.concat([this.#buffered, chunk])
    for (let end = this.#buffered.indexOf(CRLF); end >= 0; end = this.#buffered.indexOf(CRLF)) {
      const line = this.#buffered.subarray(0, end).toString()
      const body = end + CRLF.length
      const size = /^H?MSG /.test(line) ? Number(line.split(' ').at(-1)) : undefined
      if (size === undefined) this.#control(line)
      else if (this.#buffered.length < body + size + CRLF.length) return
      else this.#message(line.split(' '), this.#buffered.subarray(body, body + size))
      this.#buffered = this.#buffered.subarray(body + (size === undefined ? 0 : size + CRLF.length))
    }
  }

  #control(line: string): void {
    if (line === 'PING') this.write('PONG\r\n')
    else if (line === 'PONG') this.#pongs.shift()?.()
    else if (line.startsWith('-ERR')) this.complaints.push(line)
  }

  /** `MSG subject sid [reply] size` or `HMSG subject sid [reply] headerSize size` */
  #message(line: readonly string[], bytes: Buffer): void {
    const subject = line[1] as string
    const headerSize = line[0] === 'HMSG' ? Number(line.at(-2)) : 0
    const [version = '', ...lines] = bytes.subarray(0, headerSize).toString().trimEnd().split('\r\n')
    const headers: Record<string, string> = Object.fromEntries(
      lines.map((text) => [text.slice(0, text.indexOf(': ')), text.slice(text.indexOf(': ') + 2)]),
    )
    const status = version.split(' ')[1]
    const message = { subject, headers, data: Buffer.from(bytes.subarray(headerSize)) }
    this.#heard.get(subject)?.push(message)
    this.#waiting.get(subject)?.(status === undefined ? message : { ...message, status })
    this.#waiting.delete(subject)
  }
}

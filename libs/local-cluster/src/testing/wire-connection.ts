/**
 * NATS as its bytes: what any client in any language sends and sees, with nothing of ours or of a library in between.
 *
 * A library would keep from the server what these tests are about: bodies above its limit, subjects and headers that
 * are none, and the server's own words about them.
 */
import type { FaultBody } from '@waggle/kernel'
import { decodeBody } from '@waggle/protocol'
import { NatsSocket, type SocketMessage } from './nats-socket.ts'

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

/** Distinguishes the inboxes of connections of one test run. */
let connections = 0

export class WireConnection {
  readonly #socket: NatsSocket
  readonly #inbox: string
  readonly #waiting: Map<string, (message: WireMessage) => void>
  readonly #heard: Map<string, WireMessage[]>
  #requests = 0

  private constructor(socket: NatsSocket, inbox: string, listeners: Listeners) {
    this.#socket = socket
    this.#inbox = inbox
    this.#waiting = listeners.waiting
    this.#heard = listeners.heard
  }

  /** @param access user and password; none for tenant `default` */
  static async open(
    url: string,
    { inboxPrefix = '_INBOX', ...access }: { user?: string; password?: string; inboxPrefix?: string } = {},
  ): Promise<WireConnection> {
    connections += 1
    const inbox = `${inboxPrefix}.wire${connections}`
    const listeners: Listeners = { waiting: new Map(), heard: new Map() }
    const socket = await NatsSocket.open(url, access, (message) => {
      deliver(listeners, message)
    })
    socket.write(`SUB ${inbox}.* 1\r\n`)
    await socket.flush()
    return new WireConnection(socket, inbox, listeners)
  }

  /** What the server complained of, oldest first. */
  get complaints(): readonly string[] {
    return this.#socket.complaints
  }

  get closed(): Promise<unknown> {
    return this.#socket.closed
  }

  get isOpen(): boolean {
    return this.#socket.isOpen
  }

  write(...parts: readonly WireBody[]): void {
    this.#socket.write(...parts)
  }

  /** Resolves when the server has taken everything that was written, with its complaints about it. */
  async flush(): Promise<readonly string[]> {
    const seen = this.complaints.length
    await this.#socket.flush()
    return this.complaints.slice(seen)
  }

  publish(subject: string, body: WireBody, { reply = '', headers = '' } = {}): void {
    const bytes = Buffer.from(body)
    const sizes = headers === '' ? `${bytes.length}` : `${headers.length} ${headers.length + bytes.length}`
    this.write(`${headers === '' ? 'PUB' : 'HPUB'} ${subject} ${reply} ${sizes}\r\n${headers}`, bytes, '\r\n')
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
    await this.#socket.close()
  }
}

/** Who is told of messages to a subject: the one request that waits there, and whoever listens. */
interface Listeners {
  readonly waiting: Map<string, (message: WireMessage) => void>
  readonly heard: Map<string, WireMessage[]>
}

const deliver = ({ waiting, heard }: Listeners, { subject, headers: block, data }: SocketMessage): void => {
  const [version = '', ...lines] = block.toString().trimEnd().split('\r\n')
  const headers: Record<string, string> = Object.fromEntries(
    lines.map((text) => [text.slice(0, text.indexOf(': ')), text.slice(text.indexOf(': ') + 2)]),
  )
  const status = version.split(' ')[1]
  const message = { subject, headers, data }
  heard.get(subject)?.push(message)
  waiting.get(subject)?.(status === undefined ? message : { ...message, status })
  waiting.delete(subject)
}

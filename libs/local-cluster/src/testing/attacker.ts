/**
 * A connection that sends what no library would, with whatever credentials it got hold of, and keeps everything that it
 * hears and everything that the server forbids it.
 */
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'

export interface AttackerAccess {
  readonly user?: string
  readonly password?: string
}

export interface Heard {
  readonly subject: string
  readonly reply: string
  /** The block of headers as it came; empty where there is none. */
  readonly headers: string
  readonly data: Buffer
}

export interface Sending {
  readonly reply?: string
  /** Lines `Name: value`, or a whole block when it begins with `NATS/`. */
  readonly headers?: readonly string[] | string
}

const CRLF = '\r\n'

export class Attacker {
  readonly heard: Heard[] = []
  /** The server's complaints, oldest first. */
  readonly refusals: string[] = []
  readonly #socket: Socket
  #pongs: (() => void)[] = []
  #unread = Buffer.alloc(0)
  #subscriptions = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('error', () => undefined)
    socket.on('close', () => {
      for (const pong of this.#pongs.splice(0)) pong()
    })
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
  }

  static async connect(url: string, { user, password }: AttackerAccess = {}): Promise<Attacker> {
    const { hostname, port } = new URL(url)
    const socket = createConnection({ host: hostname, port: Number(port) })
    await once(socket, 'connect')
    const attacker = new Attacker(socket)
    const options = { verbose: false, headers: true, no_responders: true, user, pass: password }
    socket.write(`CONNECT ${JSON.stringify(options)}${CRLF}`)
    await attacker.flush()
    return attacker
  }

  /** What the server forbade of all that was sent since the last time. */
  async flush(): Promise<readonly string[]> {
    if (!this.#socket.destroyed) {
      const pong = new Promise<void>((resolve) => this.#pongs.push(resolve))
      this.#socket.write(`PING${CRLF}`)
      await pong
    }
    return this.refusals.splice(0)
  }

  publish(subject: string, body: string, { reply = '', headers = [] }: Sending = {}): void {
    const block = blockOf(headers)
    const sizes = block === '' ? `${body.length}` : `${block.length} ${block.length + body.length}`
    const line = [block === '' ? 'PUB' : 'HPUB', subject, ...(reply === '' ? [] : [reply]), sizes].join(' ')
    this.#socket.write(`${line}${CRLF}${block}${body}${CRLF}`, 'latin1')
  }

  subscribe(subject: string, queue = ''): void {
    this.#subscriptions += 1
    this.#socket.write(`SUB ${subject} ${queue} ${this.#subscriptions}${CRLF}`)
  }

  /** The first answer. @throws Error with what the server forbade, when none comes */
  async request(inboxPrefix: string, subject: string, body: string, sending: Sending = {}): Promise<Heard> {
    this.#subscriptions += 1
    const reply = `${inboxPrefix}.good.${this.#subscriptions}`
    this.subscribe(reply)
    this.publish(subject, body, { ...sending, reply })
    const deadlineMs = Date.now() + 30_000
    for (;;) {
      const answer = this.heard.find((message) => message.subject === reply)
      if (answer !== undefined) return answer
      if (Date.now() > deadlineMs) throw new Error(`no answer subject=${subject}: ${this.refusals.join('; ')}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  async close(): Promise<void> {
    this.#socket.destroy()
    if (!this.#socket.closed) await once(this.#socket, 'close')
  }

  #read(chunk: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, chunk])
    for (let end = this.#unread.indexOf(CRLF); end >= 0; end = this.#unread.indexOf(CRLF)) {
      const words = this.#unread.subarray(0, end).toString('latin1').split(' ')
      const size = /^H?MSG$/.test(words[0] ?? '') ? Number(words.at(-1)) : -CRLF.length
      const next = end + CRLF.length + size + CRLF.length
      if (this.#unread.length < next) return
      if (size >= 0) this.#hear(words, this.#unread.subarray(end + CRLF.length, next - CRLF.length))
      else if (words[0] === 'PONG') this.#pongs.shift()?.()
      else if (words[0] === 'PING') this.#socket.write(`PONG${CRLF}`)
      else if (words[0] === '-ERR') this.refusals.push(words.join(' '))
      this.#unread = this.#unread.subarray(next)
    }
  }

  /** `MSG subject sid [reply] size` or `HMSG subject sid [reply] headersSize size` */
  #hear(words: readonly string[], bytes: Buffer): void {
    const sizes = words[0] === 'HMSG' ? 2 : 1
    const headersSize = sizes === 2 ? Number(words.at(-2)) : 0
    this.heard.push({
      subject: words[1] as string,
      reply: words.length > 3 + sizes ? (words[3] as string) : '',
      headers: bytes.subarray(0, headersSize).toString('latin1'),
      data: Buffer.from(bytes.subarray(headersSize)),
    })
  }
}

const blockOf = (headers: readonly string[] | string): string => {
  if (typeof headers === 'string') return headers
  return headers.length === 0 ? '' : `NATS/1.0${CRLF}${headers.join(CRLF)}${CRLF}${CRLF}`
}

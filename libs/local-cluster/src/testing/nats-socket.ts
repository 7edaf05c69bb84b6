/**
 * The client protocol of NATS as its bytes, with no library in between, which would keep from the server what tests of
 * the wire and of attacks are about.
 */
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'

export interface SocketAccess {
  readonly user?: string | undefined
  readonly password?: string | undefined
}

/** A message as it came. */
export interface SocketMessage {
  readonly subject: string
  /** Empty where the message has none. */
  readonly reply: string
  /** The block of headers as it came; empty where there is none. */
  readonly headers: Buffer
  readonly data: Buffer
}

export type SocketBytes = Uint8Array | string

const CRLF = Buffer.from('\r\n')

export class NatsSocket {
  /** What the server complained of, oldest first. */
  readonly complaints: string[] = []
  readonly closed: Promise<unknown>
  readonly #socket: Socket
  readonly #onMessage: (message: SocketMessage) => void
  readonly #pongs: (() => void)[] = []
  #unread: Buffer = Buffer.alloc(0)

  private constructor(socket: Socket, onMessage: (message: SocketMessage) => void) {
    this.#socket = socket
    this.#onMessage = onMessage
    this.closed = new Promise((resolve) => socket.once('close', resolve))
    // A server that throws us out resets the connection while we still write.
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
  }

  static async open(
    url: string,
    { user, password }: SocketAccess,
    onMessage: (message: SocketMessage) => void,
  ): Promise<NatsSocket> {
    const { hostname, port } = new URL(url)
    const socket = createConnection({ host: hostname, port: Number(port) })
    await once(socket, 'connect')
    const connection = new NatsSocket(socket, onMessage)
    const options = { verbose: false, pedantic: false, headers: true, no_responders: true, user, pass: password }
    connection.write(`CONNECT ${JSON.stringify(options)}\r\n`)
    return connection
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed
  }

  write(...parts: readonly SocketBytes[]): void {
    this.#socket.cork()
    for (const part of parts) this.#socket.write(part)
    this.#socket.uncork()
  }

  /** Resolves when the server has taken everything that was written, or has thrown us out. */
  async flush(): Promise<void> {
    if (!this.isOpen) return
    const pong = new Promise<void>((resolve) => this.#pongs.push(resolve))
    this.write('PING\r\n')
    await Promise.race([pong, this.closed])
  }

  async close(): Promise<void> {
    this.#socket.destroy()
    await this.closed
  }

  #read(chunk: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, chunk])
    for (let end = this.#unread.indexOf(CRLF); end >= 0; end = this.#unread.indexOf(CRLF)) {
      const words = this.#unread.subarray(0, end).toString('latin1').split(' ')
      const body = end + CRLF.length
      const size = words[0] === 'MSG' || words[0] === 'HMSG' ? Number(words.at(-1)) : undefined
      const next = size === undefined ? body : body + size + CRLF.length
      if (this.#unread.length < next) return
      if (size === undefined) this.#control(words)
      else this.#message(words, this.#unread.subarray(body, body + size))
      this.#unread = this.#unread.subarray(next)
    }
  }

  #control(words: readonly string[]): void {
    if (words[0] === 'PING') this.write('PONG\r\n')
    else if (words[0] === 'PONG') this.#pongs.shift()?.()
    else if (words[0] === '-ERR') this.complaints.push(words.join(' '))
  }

  /** `MSG subject sid [reply] size` or `HMSG subject sid [reply] headersSize size` */
  #message(words: readonly string[], bytes: Buffer): void {
    const sizes = words[0] === 'HMSG' ? 2 : 1
    const headersSize = sizes === 2 ? Number(words.at(-2)) : 0
    this.#onMessage({
      subject: words[1] as string,
      reply: words.length > 3 + sizes ? (words[3] as string) : '',
      headers: Buffer.from(bytes.subarray(0, headersSize)),
      data: Buffer.from(bytes.subarray(headersSize)),
    })
  }
}

/**
 * A connection that sends what no library would, with whatever credentials it got hold of, and keeps everything that it
 * hears and everything that the server forbids it.
 */
import { NatsSocket } from './nats-socket.ts'

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
  readonly heard: readonly Heard[]
  readonly #socket: NatsSocket
  #subscriptions = 0

  private constructor(socket: NatsSocket, heard: readonly Heard[]) {
    this.#socket = socket
    this.heard = heard
  }

  static async connect(url: string, access: AttackerAccess = {}): Promise<Attacker> {
    const heard: Heard[] = []
    const socket = await NatsSocket.open(url, access, ({ headers, ...message }) =>
      heard.push({ ...message, headers: headers.toString('latin1') }),
    )
    const attacker = new Attacker(socket, heard)
    await attacker.flush()
    return attacker
  }

  /** The server has not thrown it out. */
  get isOpen(): boolean {
    return this.#socket.isOpen
  }

  /** What the server forbade of all that was sent since the last time. */
  async flush(): Promise<readonly string[]> {
    await this.#socket.flush()
    return this.#socket.complaints.splice(0)
  }

  publish(subject: string, body: string, { reply = '', headers = [] }: Sending = {}): void {
    const block = blockOf(headers)
    const sizes = block === '' ? `${body.length}` : `${block.length} ${block.length + body.length}`
    const line = [block === '' ? 'PUB' : 'HPUB', subject, ...(reply === '' ? [] : [reply]), sizes].join(' ')
    this.#socket.write(Buffer.from(`${line}${CRLF}${block}${body}${CRLF}`, 'latin1'))
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
      if (Date.now() > deadlineMs)
        throw new Error(`no answer subject=${subject}: ${this.#socket.complaints.join('; ')}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  async close(): Promise<void> {
    await this.#socket.close()
  }
}

const blockOf = (headers: readonly string[] | string): string => {
  if (typeof headers === 'string') return headers
  return headers.length === 0 ? '' : `NATS/1.0${CRLF}${headers.join(CRLF)}${CRLF}${CRLF}`
}

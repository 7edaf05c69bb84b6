/**
 * Requests over one connection.
 *
 * Q1  Only so many are under way at once; one too many is `BUSY`, so that a client's own memory is bounded (P11).
 * Q2  A request that no server would carry is refused before it is sent.
 * Q3  Closing waits for what was begun, for some seconds, but ends at once what only waits for something to happen; a
 *     second closing waits for the first.
 */
import { encodeBody, fault, invalidField, limits } from '@waggle/protocol'
import type { ServerSettings } from './connect-options.ts'
import { Exchange, type ReplyMap, type Request } from './exchange.ts'
import { Link, type LinkPorts } from './link.ts'

export interface PlainRequest extends Omit<Request, 'bytes'> {
  readonly body: ReplyMap
}

const UNDER_WAY_MAX = 4_096
const RETRY_AFTER_MS = 100
const CLOSE_MS_MAX = 5_000

export class Requester {
  readonly #link: Link
  readonly #ports: LinkPorts
  readonly #underWay = new Set<Exchange>()
  #closing: Promise<void> | undefined

  /** @throws Fault as `Link.open` */
  static async open(settings: ServerSettings, inboxPrefix: string, ports: LinkPorts): Promise<Requester> {
    return new Requester(await Link.open(settings, inboxPrefix, ports), ports)
  }

  private constructor(link: Link, ports: LinkPorts) {
    this.#link = link
    this.#ports = ports
  }

  /** The result in the answer. @throws Fault */
  async request({ body, ...request }: PlainRequest): Promise<ReplyMap> {
    if (this.#closing !== undefined) throw fault('CLOSED', 'the client was closed')
    const underWay = this.#underWay.size
    // Q1
    if (underWay >= UNDER_WAY_MAX)
      throw fault(
        'BUSY',
        `too many requests of this client are under way count=${underWay} limit=${UNDER_WAY_MAX}`,
        { limit: UNDER_WAY_MAX },
        { retryAfterMs: RETRY_AFTER_MS },
      )
    const exchange = new Exchange({ ...this.#ports, link: this.#link }, { ...request, bytes: this.#encode(body) })
    this.#underWay.add(exchange)
    try {
      return await exchange.outcome
    } finally {
      this.#underWay.delete(exchange)
    }
  }

  /** Q3. */
  async close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const begun = [...this.#underWay]
    for (const exchange of begun) if (exchange.isPoll) exchange.abandon()
    const cancel = this.#ports.timers.after(CLOSE_MS_MAX, () => {
      for (const exchange of begun) exchange.abandon()
    })
    await Promise.allSettled(begun.map(({ outcome }) => outcome))
    cancel()
    await this.#link.close()
  }

  /** Q2. @throws Fault `INVALID_FIELD`, `REQUEST_TOO_LARGE` */
  #encode(body: ReplyMap): Uint8Array {
    const bytes = encoded(body)
    const limit = this.#link.requestBytesMax
    if (bytes.length > limit)
      throw fault('REQUEST_TOO_LARGE', `request is too large bytes=${bytes.length} limit=${limit}`, {
        size: bytes.length,
        limit,
      })
    return bytes
  }
}

const encoded = (body: ReplyMap): Uint8Array => {
  try {
    return encodeBody(body, 'messagePack')
  } catch {
    throw invalidField('request', `plain data, nested at most ${limits.BODY_DEPTH_MAX} deep`)
  }
}

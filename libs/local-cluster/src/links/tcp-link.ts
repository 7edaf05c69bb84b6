/**
 * A way between two processes of this machine that can be disturbed: whoever connects to its port is connected to the
 * target, as long as the link lets it.
 *
 * J1  A link that is cut ends its connections and takes no new ones.
 * J2  A link that is held ends none: new connections are taken and hear nothing, as from a machine that is not reached.
 * J3  Directions are disturbed each for itself: what goes from the one who connects, and what comes back.
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Waiting } from '@waggle/kernel'
import { ByteLane, type Passage } from './byte-lane.ts'

const LOOPBACK = '127.0.0.1'
const OPEN: Passage = { kind: 'open', delayMs: 0 }

export interface LinkDisturbance {
  /** J1. Everything else is left out then. */
  readonly isCut?: boolean
  /** From whoever connects to the target. */
  readonly forth?: Partial<Passage>
  /** From the target to whoever connected. */
  readonly back?: Partial<Passage>
}

export interface TcpLinkParts extends Waiting {
  readonly from: string
  readonly to: string
  /** The target's port; asked for at each connection. */
  readonly target: () => number
}

interface Pair {
  readonly near: Socket
  readonly far: Socket
  readonly forth: ByteLane
  readonly back: ByteLane
}

export class TcpLink {
  readonly from: string
  readonly to: string
  readonly #parts: TcpLinkParts
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  /** J2: connections that were taken while the way was held. */
  readonly #callers = new Set<Socket>()
  #isCut = false
  #forth: Passage = OPEN
  #back: Passage = OPEN

  private constructor(parts: TcpLinkParts, server: Server) {
    this.from = parts.from
    this.to = parts.to
    this.#parts = parts
    this.#server = server
    server.on('connection', (near) => {
      this.#called(near)
    })
  }

  static async open(parts: TcpLinkParts): Promise<TcpLink> {
    const server = createServer({ noDelay: true })
    server.listen({ port: 0, host: LOOPBACK })
    await once(server, 'listening')
    return new TcpLink(parts, server)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Those that go through now. */
  get connections(): number {
    return this.#pairs.size
  }

  /** Ends the connection that was made last. */
  endLast(): void {
    const last = [...this.#pairs].at(-1)
    if (last !== undefined) this.#end(last)
  }

  /** Whoever holds neither forth nor back passes them again; nothing at all heals it. */
  disturb({ isCut = false, forth = {}, back = {} }: LinkDisturbance): void {
    this.#isCut = isCut
    this.#forth = { ...OPEN, ...forth }
    this.#back = { ...OPEN, ...back }
    if (isCut) {
      // J1
      this.#endAll()
      return
    }
    for (const pair of this.#pairs) {
      pair.forth.set(this.#forth)
      pair.back.set(this.#back)
    }
    if (this.#isHeld) return
    for (const near of this.#callers) this.#joined(near)
    this.#callers.clear()
  }

  async close(): Promise<void> {
    this.#isCut = true
    this.#endAll()
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    await closed
  }

  get #isHeld(): boolean {
    return this.#forth.kind === 'held' || this.#back.kind === 'held'
  }

  #called(near: Socket): void {
    near.on('error', () => undefined)
    if (this.#isCut) near.destroy()
    else if (this.#isHeld) {
      // J2
      near.pause()
      this.#callers.add(near)
      near.once('close', () => this.#callers.delete(near))
    } else this.#joined(near)
  }

  #joined(near: Socket): void {
    const far = connect({ host: LOOPBACK, port: this.#parts.target(), noDelay: true })
    far.on('error', () => undefined)
    const pair: Pair = {
      ...{ near, far },
      forth: new ByteLane({ source: near, target: far }, this.#forth, this.#parts),
      back: new ByteLane({ source: far, target: near }, this.#back, this.#parts),
    }
    this.#pairs.add(pair)
    for (const socket of [near, far])
      socket.once('close', () => {
        this.#end(pair)
      })
  }

  #end(pair: Pair): void {
    this.#pairs.delete(pair)
    pair.forth.end()
    pair.back.end()
    pair.near.destroy()
    pair.far.destroy()
  }

  #endAll(): void {
    for (const pair of [...this.#pairs]) this.#end(pair)
    for (const near of this.#callers) near.destroy()
    this.#callers.clear()
  }
}

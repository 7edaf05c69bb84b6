/**
 * The NATS servers that a connection could go to instead. A server that is cut off from the others of its cluster tells
 * its connections that it is the only one, and the library forgets the others.
 */
import { Silence } from '@waggle/kernel'

/** The part of a connection to NATS that is used. */
export interface PooledConnection {
  getServer(): string
  getServers(): readonly { readonly listen: string }[]
  setServers(servers: string[]): void
  reconnect(): Promise<void>
}

/** The library shuffles its servers and goes to the first. */
const SHUFFLES_MAX = 16

export class ServerPool {
  readonly #connection: PooledConnection
  readonly #silence: Silence
  /** The last that there were when there were several. */
  #servers: readonly string[] = []

  constructor(connection: PooledConnection, nowMs: number) {
    this.#connection = connection
    this.#silence = new Silence(nowMs)
    this.changed()
  }

  /** To be called after the connection has said that its servers are others, or that it is at another one. */
  changed(): void {
    const servers = this.#connection.getServers().map(({ listen }) => listen)
    if (servers.length > 1) this.#servers = servers
  }

  /** Something came from the server. */
  heard(nowMs: number): void {
    this.#silence.broken(nowMs)
  }

  /**
   * Goes to another server, where one is known and the silence has lasted too long.
   * @param expectedMs since when something should have come @returns whether it goes
   */
  leave(nowMs: number, expectedMs?: number): boolean {
    const connection = this.#connection
    const servers = [...this.#servers]
    if (servers.length === 0 || !this.#silence.isTooLong(nowMs, expectedMs)) return false
    const left = connection.getServer()
    // The one that is left stays among them: it may be the only one that there is.
    connection.setServers(servers)
    for (let tries = 1; tries < SHUFFLES_MAX && connection.getServers()[0]?.listen === left; tries += 1)
      connection.setServers(servers)
    void connection.reconnect()
    return true
  }
}

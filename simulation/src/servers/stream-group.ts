/**
 * The servers' copies of one stream: who leads it, what a copy knows that lags, and what an election does.
 *
 * E1  What is committed stays. A message that was never acknowledged may be in the stream, or not.
 * E2  A server that was deposed answers reads for a while from what it knew: absence and "last" from it are no proof.
 * E3  While there is no leader, publishes are lost, refused, or taken and forgotten with their id remembered; each of
 *     them was seen on real servers.
 * E4  A copy may lag behind, or lack a record that the others have.
 */
import type { Dice } from '../world/dice.ts'
import type { World } from '../world/world.ts'
import type { Network, ServerName } from '../network/network.ts'
import type { Stream, StoredMessage } from './stream.ts'

/** What one server knows of a stream. */
export interface CopyView {
  readonly first: number
  readonly last: number
  /** A record that this copy cannot give. */
  readonly lacks: ReadonlySet<number>
}

interface Deposed {
  readonly server: ServerName
  readonly view: CopyView
  readonly untilMs: number
}

export class StreamGroup {
  readonly stream: Stream
  leader: ServerName
  readonly #world: World
  readonly #dice: Dice
  readonly #network: Network
  readonly #lacking = new Map<ServerName, Set<number>>()
  /** Records that no copy can give for now. */
  readonly #unreadable = new Set<number>()
  #electedMs = -Infinity
  #deposed: Deposed | undefined

  constructor(stream: Stream, leader: ServerName, parts: { world: World; dice: Dice; network: Network }) {
    this.stream = stream
    this.leader = leader
    this.#world = parts.world
    this.#dice = parts.dice
    this.#network = parts.network
  }

  get isElecting(): boolean {
    return this.#world.nowMs < this.#electedMs
  }

  /** E2, E3: another server leads, after a while without any. */
  elect(next: ServerName, { electionMs, staleMs }: { readonly electionMs: number; readonly staleMs: number }): void {
    if (next === this.leader) return
    this.#network.hit('streamElection')
    const view = this.#viewOf(this.leader, 0)
    this.#deposed = { server: this.leader, view, untilMs: this.#world.nowMs + staleMs }
    this.#electedMs = this.#world.nowMs + electionMs
    this.leader = next
  }

  /** What the server says that a client of `asked` takes for the leader; `undefined` when nobody answers. */
  leaderView(asked: ServerName): CopyView | undefined {
    const deposed = this.#deposed
    if (deposed !== undefined && this.#world.nowMs < deposed.untilMs && asked === deposed.server) {
      this.#network.hit('staleRead')
      return deposed.view
    }
    if (this.isElecting || !this.#network.isOpen([asked, this.leader, asked])) return undefined
    return this.#viewOf(this.leader, 0)
  }

  /** Any copy (E4). */
  copyView(server: ServerName): CopyView {
    const lag = server === this.leader || !this.#dice.chance(0.2) ? 0 : this.#dice.below(4)
    if (lag > 0) this.#network.hit('laggingCopy')
    return this.#viewOf(server, lag)
  }

  /** Whether another copy than this one's lacks the record already: then this one keeps it. */
  isLacking(sequence: number, besides: ServerName): boolean {
    return [...this.#lacking].some(([server, sequences]) => server !== besides && sequences.has(sequence))
  }

  /** E4. */
  loseRecord(server: ServerName, sequence: number): void {
    this.#lacking.set(server, new Set([...(this.#lacking.get(server) ?? []), sequence]))
    this.#network.hit('holeInCopy')
  }

  /** No copy gives the record until it is mended: what was kept is there, and cannot be had. */
  hide(sequence: number): void {
    this.#unreadable.add(sequence)
    this.#network.hit('hiddenRecord')
  }

  unhide(sequence: number): void {
    this.#unreadable.delete(sequence)
  }

  mend(): void {
    this.#lacking.clear()
    this.#unreadable.clear()
    this.#deposed = undefined
    this.#electedMs = -Infinity
  }

  read(view: CopyView, sequence: number): StoredMessage | undefined {
    if (sequence > view.last || view.lacks.has(sequence) || this.#unreadable.has(sequence)) return undefined
    return this.stream.at(sequence)
  }

  #viewOf(server: ServerName, lag: number): CopyView {
    const { first, last } = this.stream
    return { first, last: Math.max(first - 1, last - lag), lacks: this.#lacking.get(server) ?? new Set() }
  }
}

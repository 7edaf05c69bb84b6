/** The ways between the processes of a cluster, each through a port that whoever breaks things can disturb. */
import type { Waiting } from '@waggle/kernel'
import { TcpLink, type LinkDisturbance } from './tcp-link.ts'

export class Links {
  readonly #waiting: Waiting
  readonly #links = new Map<string, TcpLink>()

  constructor(waiting: Waiting) {
    this.#waiting = waiting
  }

  /** The port by which `from` reaches `to`; the same link whenever it is asked for. */
  async port(from: string, to: string, target: () => number): Promise<number> {
    const name = `${from} ${to}`
    let link = this.#links.get(name)
    if (link === undefined) {
      link = await TcpLink.open({ ...this.#waiting, from, to, target })
      this.#links.set(name, link)
    }
    return link.port
  }

  /** All links between the two, whichever of them connects; `*` stands for everybody. */
  between(one: string, other: string): readonly TcpLink[] {
    const is = (name: string, wanted: string): boolean => wanted === '*' || name === wanted
    return [...this.#links.values()].filter(
      ({ from, to }) => (is(from, one) && is(to, other)) || (is(from, other) && is(to, one)),
    )
  }

  /** Disturbs what goes between the two; `forth` is from whoever connects. */
  disturb(one: string, other: string, disturbance: LinkDisturbance): void {
    for (const link of this.between(one, other)) link.disturb(disturbance)
  }

  heal(): void {
    for (const link of this.#links.values()) link.disturb({})
  }

  async close(): Promise<void> {
    await Promise.all([...this.#links.values()].map((link) => link.close()))
  }
}

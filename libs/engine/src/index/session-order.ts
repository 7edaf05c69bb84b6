/**
 * Which experiences stand beside which: those of one task, and those of one agent within it, in the order in which they
 * were recorded. A cache of the state like every index; all changes are idempotent. What names no task is not here.
 *
 * O1  The order is that of lists: by `createdAt`, then by address.
 * O2  Records arrive in this order but for restored ones, so lists are sorted only when one was out of place, and not
 *     before somebody asks.
 */
import { assert } from '@waggle/kernel'
import type { ExperienceId } from '@waggle/protocol'
import type { ExperienceRow } from '../memory/experience/experience-rows.ts'
import { compareAddresses } from '../state/address-order.ts'

/** An entry with its id, its names and its places in two lists: measured. */
const ENTRY_BYTES = 320

type Entry = Pick<ExperienceRow, 'id' | 'sourceAgent' | 'sourceTask' | 'createdAt' | 'address'>

/** The ids just before and just after one. */
export interface Beside {
  readonly before: ExperienceId | undefined
  readonly after: ExperienceId | undefined
}

export class SessionOrder {
  readonly #entries = new Map<ExperienceId, Entry>()
  readonly #sessions = new Map<string, Session>()

  get bytes(): number {
    return this.#entries.size * ENTRY_BYTES
  }

  /** Adds a record, or replaces the one of that id. */
  put({ id, sourceAgent, sourceTask, createdAt, address }: Entry): void {
    this.remove(id)
    if (sourceTask === undefined) return
    const entry = { id, sourceAgent, sourceTask, createdAt, address }
    this.#entries.set(id, entry)
    for (const name of namesOf(entry)) {
      const session = this.#sessions.get(name) ?? new Session()
      this.#sessions.set(name, session)
      session.add(entry)
    }
  }

  remove(id: ExperienceId): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    this.#entries.delete(id)
    for (const name of namesOf(entry)) {
      const session = this.#sessions.get(name)
      if (session?.remove(entry) === 0) this.#sessions.delete(name)
    }
  }

  /** @param sameAgent of the same agent's records alone */
  beside(id: ExperienceId, sameAgent: boolean): Beside {
    const entry = this.#entries.get(id)
    if (entry === undefined) return { before: undefined, after: undefined }
    const [ofTask, ofAgent] = namesOf(entry)
    return (this.#sessions.get(sameAgent ? ofAgent : ofTask) as Session).beside(entry)
  }
}

/** The task, and the agent within it, as names that cannot be taken for each other. */
const namesOf = ({ sourceTask, sourceAgent }: Entry): readonly [string, string] => [
  JSON.stringify([sourceTask]),
  JSON.stringify([sourceTask, sourceAgent]),
]

class Session {
  readonly #entries: Entry[] = []
  #isSorted = true

  add(entry: Entry): void {
    const last = this.#entries.at(-1)
    if (last !== undefined && compare(last, entry) > 0) this.#isSorted = false
    this.#entries.push(entry)
  }

  /** Returns how many are left. */
  remove(entry: Entry): number {
    this.#entries.splice(this.#placeOf(entry), 1)
    return this.#entries.length
  }

  beside(entry: Entry): Beside {
    const place = this.#placeOf(entry)
    return { before: this.#entries[place - 1]?.id, after: this.#entries[place + 1]?.id }
  }

  #placeOf(entry: Entry): number {
    // O2
    if (!this.#isSorted) this.#entries.sort(compare)
    this.#isSorted = true
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compare(this.#entries[middle] as Entry, entry) < 0) low = middle + 1
      else high = middle
    }
    assert(this.#entries[low] === entry, 'an entry stands at its place in its session')
    return low
  }
}

/** O1. No two are equal: each has an address of its own. */
const compare = (left: Entry, right: Entry): number =>
  left.createdAt - right.createdAt || compareAddresses(left.address, right.address)

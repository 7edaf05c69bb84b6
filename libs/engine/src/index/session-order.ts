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

/** What is kept of an entry: where it stands, and the sessions that it stands in. */
interface Place extends Pick<Entry, 'id' | 'createdAt' | 'address'> {
  readonly ofTask: Session
  /** Of the agent within the task. */
  readonly ofAgent: Session
}

/** The ids just before and just after one. */
export interface Beside {
  readonly before: ExperienceId | undefined
  readonly after: ExperienceId | undefined
}

export class SessionOrder {
  readonly #places = new Map<ExperienceId, Place>()
  readonly #sessions = new Map<string, Session>()

  get bytes(): number {
    return this.#places.size * ENTRY_BYTES
  }

  /** Adds a record, or replaces the one of that id. */
  put({ id, sourceAgent, sourceTask, createdAt, address }: Entry): void {
    this.remove(id)
    if (sourceTask === undefined) return
    const ofTask = this.#session([sourceTask])
    const ofAgent = this.#session([sourceTask, sourceAgent])
    const place = { id, createdAt, address, ofTask, ofAgent }
    this.#places.set(id, place)
    ofTask.add(place)
    ofAgent.add(place)
  }

  remove(id: ExperienceId): void {
    const place = this.#places.get(id)
    if (place === undefined) return
    this.#places.delete(id)
    for (const session of [place.ofTask, place.ofAgent])
      if (session.remove(place) === 0) this.#sessions.delete(session.name)
  }

  /** @param sameAgent of the same agent's records alone */
  beside(id: ExperienceId, sameAgent: boolean): Beside {
    const place = this.#places.get(id)
    if (place === undefined) return { before: undefined, after: undefined }
    return (sameAgent ? place.ofAgent : place.ofTask).beside(place)
  }

  #session(parts: readonly string[]): Session {
    // JSON: no two lists of texts have one name.
    const name = JSON.stringify(parts)
    const session = this.#sessions.get(name) ?? new Session(name)
    this.#sessions.set(name, session)
    return session
  }
}

class Session {
  readonly name: string
  readonly #places: Place[] = []
  #isSorted = true

  constructor(name: string) {
    this.name = name
  }

  add(place: Place): void {
    const last = this.#places.at(-1)
    if (last !== undefined && compare(last, place) > 0) this.#isSorted = false
    this.#places.push(place)
  }

  /** Returns how many are left. */
  remove(place: Place): number {
    this.#places.splice(this.#indexOf(place), 1)
    return this.#places.length
  }

  beside(place: Place): Beside {
    const at = this.#indexOf(place)
    return { before: this.#places[at - 1]?.id, after: this.#places[at + 1]?.id }
  }

  #indexOf(place: Place): number {
    // O2
    if (!this.#isSorted) this.#places.sort(compare)
    this.#isSorted = true
    let low = 0
    let high = this.#places.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compare(this.#places[middle] as Place, place) < 0) low = middle + 1
      else high = middle
    }
    assert(this.#places[low] === place, 'an entry stands at its place in its session')
    return low
  }
}

/** O1. No two are equal: each has an address of its own. */
const compare = (left: Place, right: Place): number =>
  left.createdAt - right.createdAt || compareAddresses(left.address, right.address)

/** What is going to happen, by time; of one time, in the order in which it was planned. */

export interface PlannedEvent {
  readonly atMs: number
  readonly order: number
  /** For the trace: what kind of event it is, and where. */
  readonly label: string
  act(): void
}

const isBefore = (one: PlannedEvent, other: PlannedEvent): boolean =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order)

export class EventHeap {
  readonly #events: PlannedEvent[] = []

  get size(): number {
    return this.#events.length
  }

  peek(): PlannedEvent | undefined {
    return this.#events[0]
  }

  push(event: PlannedEvent): void {
    const events = this.#events
    let index = events.length
    events.push(event)
    while (index > 0) {
      const parent = (index - 1) >>> 1
      const above = events[parent] as PlannedEvent
      if (!isBefore(event, above)) break
      events[index] = above
      index = parent
    }
    events[index] = event
  }

  pop(): PlannedEvent | undefined {
    const events = this.#events
    const first = events[0]
    const last = events.pop()
    if (first === undefined || last === undefined || events.length === 0) return first
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= events.length) break
      if (child + 1 < events.length && isBefore(events[child + 1] as PlannedEvent, events[child] as PlannedEvent))
        child += 1
      if (!isBefore(events[child] as PlannedEvent, last)) break
      events[index] = events[child] as PlannedEvent
      index = child
    }
    events[index] = last
    return first
  }
}

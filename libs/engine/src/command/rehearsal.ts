/**
 * Decisions that build on one another inside one command: each is made against what those before it would leave, in an
 * overlay that is thrown away. The command's events are all of theirs, in their order.
 */
import type { CollectiveId, LogEvent, Sequence } from '@waggle/protocol'
import { applyEntry } from '../event/apply.ts'
import { Overlay } from '../state/overlay.ts'
import type { DecideContext } from './decider.ts'

/** Where the overlay's rows seem to stand; no decision asks. */
const NOWHERE = Number.MAX_SAFE_INTEGER as Sequence

export class Rehearsal {
  /** What the next decision sees. */
  readonly view: Overlay
  readonly events: LogEvent[] = []
  readonly #context: DecideContext
  readonly #collective: CollectiveId
  readonly #command: string

  constructor(context: DecideContext, collective: CollectiveId, command: string) {
    this.view = new Overlay(context.view)
    this.#context = context
    this.#collective = collective
    this.#command = command
  }

  /** Takes what was decided: from now on it is there. */
  take(events: readonly LogEvent[]): void {
    const { tenant, timeMs, generation } = this.#context
    const entry = { tenant, collective: this.#collective, command: this.#command, events, result: { ok: {} } }
    const batch = { sequence: NOWHERE, timeMs, generation }
    applyEntry(this.view, entry, batch, this.events.length, () => undefined)
    this.events.push(...events)
  }
}

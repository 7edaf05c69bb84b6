/** Who was heard of lately, by name, with what each said last. */
import { ROSTER_ENTRIES_MAX, ROSTER_MS } from './limits.ts'

interface Entry<Said> {
  readonly said: Said
  readonly heardMs: number
}

export class Roster<Said> {
  readonly #entries = new Map<string, Entry<Said>>()

  hear(name: string, said: Said, nowMs: number): void {
    this.#forget(nowMs)
    if (this.#entries.size < ROSTER_ENTRIES_MAX || this.#entries.has(name))
      this.#entries.set(name, { said, heardMs: nowMs })
  }

  /** By name. */
  present(nowMs: number): readonly Said[] {
    this.#forget(nowMs)
    return [...this.#entries.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, { said }]) => said)
  }

  /** Of those heard since then whom `is` wants, the one heard last. */
  newest(is: (said: Said) => boolean, sinceMs: number): Said | undefined {
    let newest: Entry<Said> | undefined
    for (const entry of this.#entries.values())
      if (entry.heardMs >= sinceMs && entry.heardMs >= (newest?.heardMs ?? -Infinity) && is(entry.said)) newest = entry
    return newest?.said
  }

  #forget(nowMs: number): void {
    for (const [name, { heardMs }] of this.#entries) if (nowMs - heardMs > ROSTER_MS) this.#entries.delete(name)
  }
}

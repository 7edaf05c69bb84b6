/** What the other replicas of a shard have said of their digests, and which of them are there to be asked. */
import type { Clock } from '@waggle/kernel'
import type { Generation, ReplicaBeat } from '@waggle/protocol'

/** Some beats. */
const SILENCE_MS = 3_000
/** A replica that is further behind would make everybody wait. */
const NEAR_RECORDS = 1_000

interface Heard {
  readonly beat: ReplicaBeat
  readonly atMs: number
}

export class HeardDigests {
  readonly #clock: Clock
  readonly #generation: Generation
  readonly #heard = new Map<string, Heard>()

  constructor({ clock, generation }: { readonly clock: Clock; readonly generation: Generation }) {
    this.#clock = clock
    this.#generation = generation
  }

  heard(beat: ReplicaBeat): void {
    if (beat.generation === this.#generation) this.#heard.set(beat.node, { beat, atMs: this.#clock.monotonicMs() })
  }

  isThere(node: string): boolean {
    const heard = this.#heard.get(node)
    return heard !== undefined && this.#clock.monotonicMs() - heard.atMs < SILENCE_MS
  }

  /** Those that are there and near the end, in the order of their names. */
  near(applied: number): readonly string[] {
    return [...this.#heard]
      .filter(([node, { beat }]) => this.isThere(node) && applied - beat.applied < NEAR_RECORDS)
      .map(([node]) => node)
      .sort()
  }

  /** What each has found at that record. */
  at(sequence: number): ReadonlyMap<string, string> {
    const found = new Map<string, string>()
    for (const [node, { beat }] of this.#heard)
      for (const each of beat.digests ?? []) if (each.sequence === sequence) found.set(node, each.digest)
    return found
  }
}

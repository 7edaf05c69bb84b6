/**
 * How old the newest verified checkpoint of a shard is. The state knows which it is and not when it was written: the
 * directory's list of checkpoints does, and is read once for each.
 */
import type { Clock } from '@waggle/kernel'
import type { Bucket } from '../nats/jetstream-bucket.ts'
import type { Waiting } from '../nats/jetstream-retry.ts'
import { readManifest } from './checkpoint-manifest.ts'

export interface CheckpointAgeParts extends Waiting {
  readonly shard: number
  readonly entries: Bucket
  readonly clock: Clock
}

export class CheckpointAge {
  readonly #parts: CheckpointAgeParts
  #sequence = 0
  #atMs: number | undefined

  constructor(parts: CheckpointAgeParts) {
    this.#parts = parts
  }

  /** Milliseconds; `undefined` while that is not known. */
  get ageMs(): number | undefined {
    return this.#atMs === undefined ? undefined : Math.max(0, this.#parts.clock.nowMs() - this.#atMs)
  }

  /** @param sequence of the newest verified checkpoint; 0 where there is none */
  look(sequence: number): void {
    if (sequence === this.#sequence) return
    this.#sequence = sequence
    const { entries, shard } = this.#parts
    readManifest(entries, this.#parts, shard).then(
      (kept) => (this.#atMs = kept.find((one) => one.sequence === sequence)?.atMs ?? this.#atMs),
      // It is looked for again when the leader looks again.
      () => (this.#sequence = 0),
    )
  }
}

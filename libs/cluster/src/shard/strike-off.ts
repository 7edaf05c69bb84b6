/**
 * Which replicas a leader strikes off (DESIGN K1), so that one that never comes back does not keep the log for ever:
 * pure. Whoever was struck off comes back through a checkpoint. Times are monotonic milliseconds.
 *
 * Z1  A replica goes that was silent for an hour; while the stream is above three quarters of its room, for two
 *     minutes, which a restart does not take.
 * Z2  Silence counts from when this leader began to listen: what was said before it nobody told it.
 * Z3  The leader itself never goes, and nobody does before its own hold is registered: what is left must be there. That
 *     the last one stays, the log sees to.
 */
export const SILENCE_MS_MAX = 60 * 60 * 1_000
export const SILENCE_MS_MAX_TIGHT = 2 * 60 * 1_000
/** Z1. */
const TIGHT_RATIO = 0.75

export interface Silence {
  /** Registered replicas. */
  readonly holds: readonly string[]
  /** This leader's. */
  readonly self: string
  /** When each other replica was heard last. */
  readonly heardAtMs: ReadonlyMap<string, number>
  /** Z2. */
  readonly sinceMs: number
  readonly nowMs: number
  /** Of the stream; `bytesMax` at most 0 where it has no bound. */
  readonly bytes: number
  readonly bytesMax: number
}

/** Those that are to be struck off, the longest silent first. */
export const silentReplicas = (silence: Silence): readonly string[] => {
  const { holds, self, heardAtMs, sinceMs, nowMs, bytes, bytesMax } = silence
  // Z3.
  if (!holds.includes(self)) return []
  const isTight = bytesMax > 0 && bytes > bytesMax * TIGHT_RATIO
  const maxMs = isTight ? SILENCE_MS_MAX_TIGHT : SILENCE_MS_MAX
  const silentMs = (replica: string): number => nowMs - Math.max(sinceMs, heardAtMs.get(replica) ?? -Infinity)
  return holds
    .filter((replica) => replica !== self && silentMs(replica) > maxMs)
    .sort((left, right) => silentMs(right) - silentMs(left))
}

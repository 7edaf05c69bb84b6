/**
 * When a leader takes a checkpoint by itself: when a restart without one would have much to replay, when the log wants
 * to be purged, and once an hour where anything happened.
 */
export interface CheckpointProgress {
  /** Records since the newest verified checkpoint. */
  readonly records: number
  /** What the log takes, and may. */
  readonly bytes: number
  readonly bytesMax: number
  /** Milliseconds since the last one was verified, or since this replica began to lead. */
  readonly sinceVerifiedMs: number
  /** Milliseconds since the last attempt ended; absent before the first. */
  readonly sinceAttemptMs?: number | undefined
  /** Milliseconds that the last attempt took. */
  readonly tookMs: number
}

/** About 10 s of replay. */
const RECORDS_MAX = 50_000
/** From here on a log wants to be purged; of its room. */
const BYTES_RATIO = 0.2
/** Fewer would purge next to nothing. */
const RECORDS_OF_FULL_MIN = 500
const PERIOD_MS = 60 * 60 * 1_000
/** The cluster's own records, such as holds. */
const RECORDS_OF_OWN = 16
const REST_MS_MIN = 30_000
/** So that a large state is not copied all the time. */
const REST_RATIO = 10

export const isCheckpointDue = (progress: CheckpointProgress): boolean => {
  const { records, bytes, bytesMax, sinceVerifiedMs, sinceAttemptMs = Infinity, tookMs } = progress
  if (sinceAttemptMs < Math.max(REST_MS_MIN, REST_RATIO * tookMs)) return false
  if (records >= RECORDS_MAX) return true
  if (bytes >= bytesMax * BYTES_RATIO && records >= RECORDS_OF_FULL_MIN) return true
  return sinceVerifiedMs >= PERIOD_MS && records > RECORDS_OF_OWN
}

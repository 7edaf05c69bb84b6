/** The limits of one router. Times are milliseconds. */
import { limits } from '@waggle/protocol'
import { assert } from '@waggle/kernel'

/** What a router keeps over all shards; beyond it, it answers `BUSY` (P11). */
export const KEPT_BYTES_MAX = 64_000_000
export const KEPT_COUNT_MAX = 65_536
/**
 * What a router keeps of requests that wait for changes, apart from the others, which they must not take room from.
 * Half of it for one shard is twice what a leader lets wait.
 */
export const POLLS_BYTES_MAX = 16_000_000
export const POLLS_COUNT_MAX = 8_192
/** What keeping a request costs beside its body: measured about 400 bytes of objects and texts. */
export const KEPT_OVERHEAD_BYTES = 512
/** Requests to every shard at once that are under way. */
export const FAN_OUTS_MAX = 1_024
/** What their answers may take together until the last one has come. */
export const HELD_BYTES_MAX = 64_000_000

/** Of a leader that beats every 250: six beats in a row. */
export const SILENCE_MS = 1_500
/** After it a request that is still open counts as lost on its way, and goes out again; each further time, twice it. */
export const OVERDUE_MS = 2_000
export const OVERDUE_MS_MAX = 32_000
/** One that waits for changes is open for as long as it waits, which says nothing about what became of it. */
export const POLL_OVERDUE_MS = 15_000
/** Of those, how many go out again at one beat: a leader that is only slow must not get all its work twice. */
export const OVERDUE_COUNT_MAX = 64
/** A leader answers at the request's own time limit; a router that heard nothing, this much later. */
export const GRACE_MS = 1_000
export const TICK_MS = 100
/** For a caller that was refused: the next beat makes room. */
export const RETRY_AFTER_MS = 500

/** A read with less time waits for its token nowhere but at the leader, which mostly has it. */
export const WAITING_MS_MIN = 2 * OVERDUE_MS

/** Followers of one shard that are listened to: copies of its state, and some that are on their way out. */
export const FOLLOWERS_MAX = 32

/** How long the last beat of a node, a compactor or a follower speaks for it. */
export const ROSTER_MS = 10_000
/** Of one that is to do something: three beats in a row. */
export const ACTIVE_MS = 3_500
export const ROSTER_ENTRIES_MAX = 1_024

/** For what is kept to be answered, when the router is to leave. */
export const DRAIN_MS_MAX = 2_000

assert(limits.REQUEST_BYTES_MAX + KEPT_OVERHEAD_BYTES < KEPT_BYTES_MAX / 2, 'a shard can keep the largest request')
assert(SILENCE_MS > 2 * TICK_MS, 'silence is told by several ticks')

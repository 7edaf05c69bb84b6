/**
 * Every limit of the surfaces that users hold on to, in one place. Sizes of text are UTF-8 bytes.
 * Sources: PulseDB's published limits for the fields of a memory, DESIGN F3 and K8 for requests, records and replies.
 */
import { assert } from '@waggle/kernel'

/** A request as the wire carries it. nats-server's `max_payload` must be 64 KB larger (DESIGN F3). */
export const REQUEST_BYTES_MAX = 8_000_000
/** One message of the log, its headers included. What is larger travels in parts. */
export const RECORD_BYTES_MAX = 1_000_000
/** Room that a record's frame, its headers and the positions inside it may take. */
export const RECORD_OVERHEAD_BYTES_MAX = 4_096
/** Nesting of a request's maps and lists. */
export const BODY_DEPTH_MAX = 32
/** Maps and lists in one request: each costs tens of bytes of memory while it may cost one byte on the wire. */
export const BODY_CONTAINERS_MAX = 100_000
/** Names in all maps of one request: measured, 1.3 million different ones in 8 MB stop the process for seconds. */
export const BODY_NAMES_MAX = 100_000
/** What a reply may take; a result that needs more is refused, and lists come in pages (DESIGN K8). */
export const REPLY_BYTES_MAX = 8_000_000
/** What of a server's `max_payload` is left for headers and the frame of a message. */
export const PAYLOAD_OVERHEAD_BYTES = 65_536
/** Logical shards of a cluster, fixed when it is created. */
export const SHARDS_MAX = 128
export const SHARDS_DEFAULT = 16
/** A text of as many tokens as there can be shards. */
export const TOKEN_BYTES_MAX = 4_096
/** A page of a list ends early, with a cursor, when its items reach this size. */
export const PAGE_BYTES_MAX = 4_000_000

export const TENANT_BYTES_MAX = 64
export const COLLECTIVE_NAME_BYTES_MAX = 255
export const COLLECTIVE_OWNER_BYTES_MAX = 255
export const COLLECTIVE_EMBEDDER_BYTES_MAX = 100
/** Collectives of one tenant that may carry the same name: one row of the state lists them all. */
export const COLLECTIVES_PER_NAME_MAX = 1_024
export const DIMENSION_MAX = 4_096

export const CONTENT_BYTES_MAX = 102_400
export const DOMAIN_TAGS_MAX = 50
export const DOMAIN_TAG_BYTES_MAX = 100
export const RELATED_FILES_MAX = 100
export const RELATED_FILE_BYTES_MAX = 500
export const SOURCE_AGENT_BYTES_MAX = 256
export const SOURCE_TASK_BYTES_MAX = 1_024
/** Each text inside an experience's type, such as a fix or a rationale. */
export const TYPE_TEXT_BYTES_MAX = 10_240

export const RELATION_METADATA_BYTES_MAX = 10_240
export const INSIGHT_CONTENT_BYTES_MAX = 51_200
export const INSIGHT_SOURCES_MAX = 100
export const ACTIVITY_AGENT_BYTES_MAX = 255
export const ACTIVITY_TEXT_BYTES_MAX = 1_024
/**
 * Relations of one experience in each direction, and insights that rest on it: one row of the state lists each, 16 KB
 * at the most, and deleting the experience takes them along in one batch, 0.4 s of a leader at the worst.
 */
export const LINKS_PER_EXPERIENCE_MAX = 1_024
/** Instances that have reinforced one experience: its row names each. */
export const APPLICATION_INSTANCES_MAX = 1_024
export const UINT32_MAX = 0xffff_ffff
export const HALF_LIFE_MS_MAX = 100 * 365 * 24 * 60 * 60 * 1_000
export const FREQ_WEIGHT_MAX = 1_000

/** Steps of a path through relations. */
export const PATH_DEPTH_MAX = 8
export const PATH_DEPTH_DEFAULT = 3
/** Relations that one search for paths may look at. */
export const PATH_BUDGET_MAX = 10_000
export const PATH_BUDGET_DEFAULT = 1_000
/** Items that a page may skip: beyond it a cursor serves, which costs nothing. */
export const PAGE_OFFSET_MAX = 1_000_000

/** How long `watch.next` may wait for a change. */
export const WATCH_WAIT_MS_MAX = 30_000
export const CHANGES_DEFAULT = 100
/** Peers with a cursor on a tenant's changes: one row of the state lists them. */
export const SYNC_CURSORS_MAX = 256
/** Cursors that are registered on one collective: one row of the state lists them. */
export const CURSORS_PER_COLLECTIVE_MAX = 64
export const CURSOR_NAME_BYTES_MAX = 100

/** Experiences in one `recordMany` or `getMany`, commands in one `batch.commit`. */
export const BATCH_ITEMS_MAX = 1_000
/** Events that one `batch.commit` may lead to: about 0.1 ms of a leader each (measured). */
export const BATCH_EVENTS_MAX = 4_096
/**
 * Rows that one `batch.commit` or `collective.restore` may write, one counted as often as it is written: an insight
 * writes one for each of its sources. About 0.03 ms of a leader each (measured), which must answer others meanwhile.
 */
export const BATCH_ROWS_MAX = 24_576
/**
 * What the rows that one `batch.commit` leaves may take in memory, before they are written: a change of 40 bytes can
 * write a record and a row of the journal of 200 KB. All that a request can carry fits.
 */
export const BATCH_BYTES_MAX = 3 * REQUEST_BYTES_MAX
/** `k` of a search, `limit` of `recent` and of a list's page. */
export const RESULTS_MAX = 1_000
export const RESULTS_DEFAULT = 10
export const PAGE_ITEMS_DEFAULT = 100
/** Values in each list of a filter. */
export const FILTER_VALUES_MAX = 100

export const IDEMPOTENCY_KEY_BYTES_MAX = 256
export const IDEMPOTENCY_WINDOW_MS = 7 * 24 * 60 * 60 * 1_000
/** How far ahead of the log's time a request's `issuedAt` may lie. */
export const ISSUED_AT_AHEAD_MS_MAX = 10 * 60 * 1_000
/**
 * What whoever was answered `BUSY` is told to wait: about what a full mailbox takes to drain, 64 groups of a few ms.
 */
export const BUSY_RETRY_AFTER_MS = 100
export const TIMEOUT_MS_DEFAULT = 20_000
export const TIMEOUT_MS_MAX = 300_000
/** The latest time that can be written: the end of the year 9999. */
export const TIME_MS_MAX = 253_402_300_799_999

/** The text of one token, and what joins it to the next. */
const TOKEN_TEXT_BYTES = 31

/** Fields of an experience, its own map, its type's, and its three lists, counted generously. */
const NAMES_OF_EXPERIENCE_MAX = 32
/** Rows that go, or change, with a relation, and with an insight's loss of a source. */
const ROWS_OF_RELATION = 7
const ROWS_OF_LOSS = 4
const CONTAINERS_OF_EXPERIENCE_MAX = 8

assert(PAGE_BYTES_MAX * 2 <= REPLY_BYTES_MAX, 'a page ends well before a reply must')
assert(CONTENT_BYTES_MAX < REQUEST_BYTES_MAX, 'the largest content fits into a request')
assert(RECORD_OVERHEAD_BYTES_MAX < RECORD_BYTES_MAX, 'a record has room for a payload beside its frame')
assert(BATCH_ITEMS_MAX * NAMES_OF_EXPERIENCE_MAX < BODY_NAMES_MAX, 'the names of the largest batch fit')
assert(BATCH_ITEMS_MAX * CONTAINERS_OF_EXPERIENCE_MAX < BODY_CONTAINERS_MAX, 'the maps and lists of it fit')
assert(SHARDS_MAX * TOKEN_TEXT_BYTES <= TOKEN_BYTES_MAX, 'a token of every shard fits into one text')
assert(3 * LINKS_PER_EXPERIENCE_MAX < BATCH_EVENTS_MAX, 'a batch may delete the most related experience')
assert(
  (2 * ROWS_OF_RELATION + ROWS_OF_LOSS) * LINKS_PER_EXPERIENCE_MAX < BATCH_ROWS_MAX,
  'and may write what goes with it',
)
assert(DIMENSION_MAX * 4 < RECORD_BYTES_MAX, 'the largest embedding fits into a record')

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
/** A piece of a checkpoint on its way to a backup, or back. */
export const CHECKPOINT_PIECE_BYTES_MAX = 512 * 1024
/** Logical shards of a cluster, fixed when it is created. */
export const SHARDS_MAX = 128
export const SHARDS_DEFAULT = 16
/** A text of as many tokens as there can be shards. */
export const TOKEN_BYTES_MAX = 4_096
/** A page of a list ends early, with a cursor, when its items reach this size. */
export const PAGE_BYTES_MAX = 4_000_000

export const TENANT_BYTES_MAX = 64
/** Of a process of a cluster: one token of a subject. */
export const NODE_NAME_LENGTH_MAX = 64
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
/** A registered cursor that nobody saves for so long is abandoned. */
export const CURSOR_KEEP_MS_DEFAULT = 7 * 24 * 60 * 60 * 1_000
/** What it has not seen is counted so far. */
export const CURSOR_UNSEEN_MAX = 1_000
export const CURSOR_KEEP_MS_MIN = 60 * 1_000
export const CURSOR_KEEP_MS_MAX = 366 * 24 * 60 * 60 * 1_000

/** Exoware's: keys, the prefixes of selectors, and values. */
export const KEY_BYTES_MAX = 254
export const VALUE_BYTES_MAX = 10 * 1024 * 1024
/** Entries of one put, keys of one deletion, keys that are asked for at once: some 0.2 s of a leader at the most. */
export const KEYS_PER_BATCH_MAX = 16_384
/** Rows in one frame of a scan. */
export const BATCH_SCAN_ROWS_MAX = 4_096
/** A value up to this size stands in a reply whole; of a larger one a reply carries pieces. */
export const VALUE_PIECE_BYTES_MAX = 4_000_000
/** Puts that are larger than a request come in parts: so large is a part, so large all of one put may be. */
export const UPLOAD_PART_BYTES_MAX = 4_000_000
export const UPLOAD_PARTS_MAX = 5
export const UPLOAD_BYTES_MAX = 16 * 1024 * 1024
/** Puts of one collective that are begun and not ended; what is left for an hour goes. */
export const UPLOADS_MAX = 16
export const UPLOAD_KEPT_MS = 60 * 60 * 1_000
export const SELECTORS_MAX = 16
export const VALUE_FILTERS_MAX = 16
export const REGEX_BYTES_MAX = 1_024
/** An expression once it is compiled: a byte that it is asked about costs so many steps of some 10 ns at the most. */
export const REGEX_SIZE_MAX = 2_048
/** What the value filters of a subscriber may cost for one value, in such steps: some 3 s, in turns with others. */
export const VALUE_FILTER_STEPS_MAX = 2 ** 28
/** Groups of an expression, named or not: each is carried along while it is matched. */
export const REGEX_GROUPS_MAX = 32
export const PRUNE_POLICIES_MAX = 64
/** Steps of all expressions of one prune together: compiled as one decision, in 40 ms at the most (measured). */
export const PRUNE_REGEX_SIZE_MAX = 8_192
export const GROUP_CAPTURES_MAX = 16
/** Prunes of one collective that are under way. */
export const PRUNE_JOBS_MAX = 16

/** Of one reduction. */
export const REDUCERS_MAX = 64
export const GROUP_EXPRESSIONS_MAX = 16
export const REDUCE_CHECKS_MAX = 64
/** Values in each list of a check. */
export const REDUCE_VALUES_MAX = 1_024
/** Expressions in one another: twelve that each hold two fit into `BODY_DEPTH_MAX`. */
export const EXPRESSION_DEPTH_MAX = 12
/** Expressions in all of one reduction: with the largest texts some 25 ms a row at the worst. */
export const EXPRESSION_NODES_MAX = 256
/** A text that a reduction computes with; rows with longer ones are skipped and counted. */
export const REDUCE_TEXT_BYTES_MAX = 65_536
/** Groups of one reduction, and maps and lists in its reply, whose decoder takes `BODY_CONTAINERS_MAX`. */
export const REDUCE_GROUPS_MAX = 10_000
export const REDUCE_CONTAINERS_MAX = 90_000
/** A stored row: its columns, the depth of its lists, and the items of all of them, 5 ms of whoever looks at it. */
export const STORED_ROW_COLUMNS_MAX = 65_536
export const STORED_ROW_DEPTH_MAX = 32
export const STORED_ROW_ITEMS_MAX = 262_144

/** Points in one request of the vector and payload store. */
export const POINTS_PER_BATCH_MAX = 10_000
/** A payload as JSON text. */
export const PAYLOAD_BYTES_MAX = 1024 * 1024
export const PAYLOAD_DEPTH_MAX = 128
export const FILTER_DEPTH_MAX = 8
export const FILTER_CONDITIONS_MAX = 256
export const PATTERN_BYTES_MAX = 1_024
/** All patterns of a filter together: 0.4 s for each megabyte of payloads at the worst (measured). */
export const FILTER_PATTERN_BYTES_MAX = 4_096
/** Values in a list of a filter on payloads, and what each may take as JSON text. */
export const PAYLOAD_VALUES_MAX = 1_000
export const PAYLOAD_VALUE_BYTES_MAX = 65_536

/** MenteDB's page, and what of it is data. */
export const PAGE_BYTES = 64 * 1024
export const PAGE_DATA_BYTES = 65_504
export const PAGES_MAX = 2 ** 40
/** A memory as it is stored: it fits into a request and a reply. MenteDB's had to fit into a page. */
export const MEMORY_BYTES_MAX = 4_000_000
/** Tags of a memory, and its attributes. */
export const MEMORY_TAGS_MAX = 1_000
export const MEMORY_ATTRIBUTES_MAX = 1_000
export const ATTRIBUTE_NAME_BYTES_MAX = 1_024
/** Pages that one request may write or free: some 0.1 s of a leader at the most (measured). */
export const PAGES_PER_BATCH_MAX = 4_096

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
/** The words of a search: a page of text, so that a question cannot cost as much as an import. */
export const QUERY_TEXT_BYTES_MAX = 10_240
/** Results of a search that are to differ from each other: each is compared with all that might follow it. */
export const DIVERSE_RESULTS_MAX = 100
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
assert(UPLOAD_PARTS_MAX * UPLOAD_PART_BYTES_MAX >= UPLOAD_BYTES_MAX, 'the parts of the largest put carry it')
assert(VALUE_BYTES_MAX < UPLOAD_BYTES_MAX, 'the largest value can be put')
assert(2 * VALUE_PIECE_BYTES_MAX <= REPLY_BYTES_MAX, 'a piece of a value fits into a reply, in JSON too')
assert(2 * MEMORY_BYTES_MAX <= REPLY_BYTES_MAX, 'a memory fits into a reply, in most of JSON too')
assert(
  BATCH_ITEMS_MAX + REQUEST_BYTES_MAX / PAGE_DATA_BYTES < PAGES_PER_BATCH_MAX,
  'what a request can carry may be written',
)
assert(2 * EXPRESSION_DEPTH_MAX + 6 <= BODY_DEPTH_MAX, 'the deepest expression fits into a request')
assert(REDUCE_CONTAINERS_MAX < BODY_CONTAINERS_MAX, 'the groups of the largest reduction can be decoded')
assert(DIMENSION_MAX * 4 < RECORD_BYTES_MAX, 'the largest embedding fits into a record')

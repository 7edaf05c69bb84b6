import {
  BATCH_SCAN_ROWS_MAX,
  CHANGES_DEFAULT,
  GROUP_CAPTURES_MAX,
  KEY_BYTES_MAX,
  KEYS_PER_BATCH_MAX,
  PRUNE_POLICIES_MAX,
  REGEX_BYTES_MAX,
  SELECTORS_MAX,
  UPLOAD_PART_BYTES_MAX,
  UPLOAD_PARTS_MAX,
  VALUE_BYTES_MAX,
  VALUE_FILTERS_MAX,
  WATCH_WAIT_MS_MAX,
} from '../limits.ts'
import { orderEncodings } from '../batch-store.ts'
import { bytes } from '../schema/bytes.ts'
import { optional, withDefault } from '../schema/decoder.ts'
import { choice, map } from '../schema/map.ts'
import { boolean, integer, list, oneOf, pair, text, uint64, uuid } from '../schema/values.ts'
import { operation } from './operation.ts'
import { resultCount } from './page-fields.ts'
import { reduceFields } from './reduce-fields.ts'
import { ttlMs } from './ttl-fields.ts'

const key = bytes({ bytesMax: KEY_BYTES_MAX })
const keys = list(key, { itemsMax: KEYS_PER_BATCH_MAX })
const sequence = integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const count = integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const regex = text({ bytesMin: 1, bytesMax: REGEX_BYTES_MAX })

/** Reads may ask that the state has reached a sequence; the answer names the one that it had before. */
const reading = { collective: uuid, minSequence: optional(sequence) } as const
const batchSize = withDefault(integer({ min: 1, max: BATCH_SCAN_ROWS_MAX }), BATCH_SCAN_ROWS_MAX)

const selector = map({ prefix: key, regex: optional(regex) })
const selectors = list(selector, { itemsMax: SELECTORS_MAX })
const valueFilters = list(
  choice({
    exact: bytes({ bytesMax: VALUE_BYTES_MAX }),
    prefix: bytes({ bytesMax: VALUE_BYTES_MAX }),
    regex,
  }),
  { itemsMax: VALUE_FILTERS_MAX },
)

const retain = choice({
  keepLatest: map({ count: integer({ min: 1, max: Number.MAX_SAFE_INTEGER }) }),
  greaterThan: map({ threshold: uint64 }),
  greaterThanOrEqual: map({ threshold: uint64 }),
  dropAll: map({}),
})

const captureGroup = text({ bytesMin: 1, bytesMax: REGEX_BYTES_MAX })
/** That exactly one of `keys` and `sequence` is there is a rule of the policy. */
const policy = map({
  keys: optional(
    map({
      selector,
      groupBy: optional(map({ captureGroups: list(captureGroup, { itemsMax: GROUP_CAPTURES_MAX }) })),
      orderBy: optional(map({ captureGroup, encoding: oneOf(orderEncodings) })),
    }),
  ),
  sequence: optional(map({})),
  retain,
})

/** The entries of a put, also of one that comes in parts. @throws Fault of kind `invalid` that names the field */
export const decodeKeyEntries = list(pair(key, bytes({ bytesMax: VALUE_BYTES_MAX })), { itemsMax: KEYS_PER_BATCH_MAX })

/** The writes of keys that a batch may mix with others. */
export const keyWriteFields = {
  'keys.put': { entries: decodeKeyEntries, ttlMs },
  'keys.delete': { keys },
} as const

export const keyOperations = {
  /** `entries`, or what was staged under `upload`, all of whose parts are there and have that SHA-256 together. */
  'keys.put': operation('write', {
    collective: uuid,
    entries: optional(keyWriteFields['keys.put'].entries),
    upload: optional(
      map({
        id: uuid,
        parts: integer({ min: 1, max: UPLOAD_PARTS_MAX }),
        sha256: bytes({ bytesMax: 32 }),
      }),
    ),
    ttlMs,
  }),
  /**
   * A part of a put that is larger than a request: a piece of the MessagePack of its list of entries, whose keys and
   * values are binary or text. It changes nothing until the put names it. Of two parts with one index the last counts.
   */
  'keys.stage': operation('write', {
    collective: uuid,
    upload: uuid,
    index: integer({ min: 0, max: UPLOAD_PARTS_MAX - 1 }),
    bytes: bytes({ bytesMax: UPLOAD_PART_BYTES_MAX }),
  }),
  'keys.delete': operation('write', { collective: uuid, ...keyWriteFields['keys.delete'] }),
  /** `offset` and `version`: a further piece of a large value, as long as it is still that one. */
  'keys.get': operation('read', {
    ...reading,
    key,
    offset: optional(count),
    version: optional(text({ bytesMin: 1, bytesMax: 64 })),
  }),
  /** `from`: of a long list, the first key that the reply is to speak of. */
  'keys.getMany': operation('read', { ...reading, keys, from: withDefault(count, 0), batchSize }),
  /** `after`: goes on behind that key, in the direction of the scan. */
  'keys.range': operation('read', {
    ...reading,
    start: optional(key),
    end: optional(key),
    limit: optional(count),
    reverse: withDefault(boolean, false),
    after: optional(key),
    batchSize,
  }),
  'keys.reduce': operation('read', { ...reading, start: optional(key), end: optional(key), ...reduceFields }),
  /**
   * The batch of a sequence, whole or what of it passes. `from`: of a large one, the first entry that the reply is to
   * speak of. `entry` and `offset`: a piece of that entry's value.
   */
  'keys.batch': operation('read', {
    ...reading,
    sequence,
    selectors: optional(selectors),
    valueFilters: optional(valueFilters),
    from: withDefault(count, 0),
    entry: optional(count),
    offset: optional(count),
  }),
  'keys.position': operation('read', reading),
  /** `since`: from that batch on; `from`: behind a cursor; neither: what comes from now on. */
  'keys.subscribe': operation('read', {
    collective: uuid,
    selectors: withDefault(selectors, [{ prefix: new Uint8Array() }]),
    valueFilters: withDefault(valueFilters, []),
    since: optional(sequence),
    from: optional(text({ bytesMin: 1, bytesMax: 200 })),
    max: withDefault(resultCount, CHANGES_DEFAULT),
    waitMs: withDefault(integer({ min: 0, max: WATCH_WAIT_MS_MAX }), 0),
  }),
  'keys.prune': operation('admin', { collective: uuid, policies: list(policy, { itemsMax: PRUNE_POLICIES_MAX }) }),
  /** Without `rule`: nothing is dropped any more. */
  'keys.setRetention': operation('admin', { collective: uuid, rule: optional(retain) }),
  /** What became of a prune, or of the first application of a rule. */
  'keys.job': operation('read', { collective: uuid, job: uuid }),
} as const

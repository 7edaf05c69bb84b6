import { invalidField, type Retain } from '@waggle/protocol'
import type { RequestBody } from '../caller.ts'
import type { CollectiveCall, Written } from '../collective-call.ts'
import type { BytesInput } from '../inputs.ts'
import { lifetimeOf, type StoreOptions } from '../lifetime-option.ts'
import { isAbsent, isList, optionsOf, plainCopy, plainMap } from '../plain-data.ts'
import { SESSION_OPTIONS, type WriteOptions } from '../session.ts'
import { readBatch, type BatchContents } from './key-batches.ts'
import type {
  JobOptions,
  KeyEntryInput,
  KeyMatchInput,
  KeyRangeInput,
  KeyReadOptions,
  PrunePolicyInput,
  ReduceInput,
  RetainInput,
  SubscribeInput,
} from './key-inputs.ts'
import { KeyPrefix } from './key-prefix.ts'
import { KeyReader, knownOf } from './key-reader.ts'
import { KeySession } from './key-session.ts'
import { KeySubscription } from './key-subscription.ts'
import { KeyWriteBatch } from './key-write-batch.ts'
import { putEntries } from './large-put.ts'
import { awaitJob, waitOf, type Pruned } from './prune-jobs.ts'
import type { Reduced } from './reduced.ts'
import type { WholeEntry } from './whole-entries.ts'

/** What a store of keys says of itself. */
export interface KeysStatus {
  /** The newest batch; 0 before the first. */
  readonly current: number
  /** The first batch whose entries are kept; absent where none are. */
  readonly oldest?: number
  /** Keys of the whole store. */
  readonly keyCount: number
  /** What of the batches is kept; absent: all. */
  readonly rule?: Retain
}

/** What a batch of writes of keys became. */
export interface KeysWritten extends Written {
  /** Of the batch; writes of the same moment may share it. */
  readonly sequence: number
}

/**
 * Ordered keys with values (Exoware's `StoreEngine`), written in batches that a journal tells. Keys and values are
 * bytes; a text stands for its UTF-8. Under a prefix (`prefixed`) every method means that family of keys alone.
 */
export class KeysHandle {
  readonly #call: CollectiveCall
  readonly #prefix: KeyPrefix
  readonly #reader: KeyReader

  constructor(call: CollectiveCall, prefix: KeyPrefix = KeyPrefix.none) {
    this.#call = call
    this.#prefix = prefix
    this.#reader = new KeyReader(call, prefix)
  }

  /**
   * Writes entries, all or none; of a key that comes twice the last value stays. Any size up to 16 MiB. A key that is
   * put again has the lifetime of its last put.
   */
  async put(entries: readonly KeyEntryInput[], options: StoreOptions = {}): Promise<KeysWritten> {
    const { lifetime, known } = lifetimeOf(options)
    const stored = this.#prefix.entries(plainCopy(entries, 'entries'), 'entries')
    const { sequence, token } = await putEntries(this.#call, stored, known, lifetime)
    return { sequence, token }
  }

  /** Deletes keys, also those that are not there. */
  async delete(keys: readonly BytesInput[], options: WriteOptions = {}): Promise<KeysWritten> {
    const stored = this.#prefix.keys(plainCopy(keys, 'keys'), 'keys')
    const { sequence, token } = await this.#call.call('keys.delete', { keys: stored }, options)
    return { sequence, token }
  }

  /** The value, or `undefined`. */
  async get(key: BytesInput, options: KeyReadOptions = {}): Promise<Uint8Array | undefined> {
    return this.#reader.get(key, options)
  }

  /** In the order asked, repeats kept. `batchSize`: how many come in one reply. */
  async getMany(
    keys: readonly BytesInput[],
    options: KeyReadOptions & { readonly batchSize?: number | undefined } = {},
  ): Promise<readonly (readonly [key: Uint8Array, value: Uint8Array | undefined])[]> {
    return this.#reader.getMany(keys, options)
  }

  /** The keys between two bounds, which belong to it, in their order or against it. */
  range(
    query: KeyRangeInput = {},
    options: KeyReadOptions = {},
  ): AsyncGenerator<readonly [key: Uint8Array, value: Uint8Array], undefined> {
    return this.#reader.range(query, options)
  }

  /** Counts, sums and extremes over a range, computed where the rows are. */
  async reduce(query: ReduceInput, options: KeyReadOptions = {}): Promise<Reduced> {
    return this.#reader.reduce(query, options)
  }

  /** The newest batch of this store; 0 before the first. */
  async currentSequence(options: KeyReadOptions = {}): Promise<number> {
    return (await this.status(options)).current
  }

  /** The first batch whose entries are kept; `undefined` where none are. */
  async oldestRetained(options: KeyReadOptions = {}): Promise<number | undefined> {
    return (await this.status(options)).oldest
  }

  async status(options: KeyReadOptions = {}): Promise<KeysStatus> {
    const { current, oldest, keyCount, rule } = await this.#reader.read('keys.position', {}, knownOf(options))
    return { current, keyCount, ...(oldest === undefined ? {} : { oldest }), ...(rule === undefined ? {} : { rule }) }
  }

  /**
   * Every entry of a batch in the order given, or those that pass; `[]` where the sequence is no batch of this store,
   * `undefined` where it was pruned or is not there yet.
   */
  async batch(
    sequence: number,
    match: KeyMatchInput = {},
    options: KeyReadOptions = {},
  ): Promise<readonly WholeEntry[] | undefined> {
    return (await this.changes(sequence, match, options))?.entries
  }

  /** As `batch`, with the keys that it deleted. */
  async changes(
    sequence: number,
    match: KeyMatchInput = {},
    options: KeyReadOptions = {},
  ): Promise<BatchContents | undefined> {
    const { fields, options: known } = knownOf(options)
    const { selectors, valueFilters } = optionsOf(match, ['selectors', 'valueFilters'])
    const matched = { selectors: this.#prefix.selectors(selectors, 'selectors'), valueFilters }
    const found = await readBatch(this.#call, { ...fields, ...matched, sequence }, known)
    return (
      found && {
        entries: found.entries.map(([key, value]) => [this.#prefix.rest(key), value]),
        deleted: found.deleted.map((key) => this.#prefix.rest(key)),
      }
    )
  }

  /**
   * What batches do to the keys, one frame a batch that matches, without gap or repeat, deletions included. `since`:
   * from that batch on. To go on later, pass the subscription's `cursor` as `from`. Ends without an error when the
   * signal is aborted or the loop is left; batches that were pruned are a fault `BATCH_EVICTED`.
   */
  subscribe(input: SubscribeInput = {}): KeySubscription {
    return new KeySubscription(this.#call, this.#prefix, input)
  }

  /**
   * Deletes what policies do not retain, in the background, and waits for it: says how many keys and batches went.
   * `waitMs`: no longer than that; what is not done then goes on.
   */
  async prune(policies: readonly PrunePolicyInput[], options: WriteOptions & JobOptions = {}): Promise<Pruned> {
    return this.#prune(this.#prefix.policies(plainCopy(policies, 'policies'), 'policies'), options)
  }

  /** Forgets the batches below a sequence; keys and values stay. */
  async pruneBatchLog(cutoff: number | bigint, options: WriteOptions & JobOptions = {}): Promise<Pruned> {
    this.#refusePrefix('pruneBatchLog')
    if (isAbsent(cutoff)) throw invalidField('cutoff', 'a sequence')
    const retain = { greaterThanOrEqual: { threshold: plainCopy(cutoff, 'cutoff') } }
    return this.#prune([{ sequence: {}, retain }], options)
  }

  /** Keeps batches by a rule from now on, without any, all; applied to what is there before it returns. */
  async setRetention(
    rule?: RetainInput,
    options: WriteOptions & JobOptions = {},
  ): Promise<Written & { readonly oldest: number | undefined }> {
    this.#refusePrefix('setRetention')
    const { waitMs, ...known } = optionsOf(options, [...SESSION_OPTIONS, 'waitMs'])
    const durationMs = waitOf(waitMs)
    const fields = isAbsent(rule) ? {} : { rule: plainMap(rule, 'rule') }
    const begun = await this.#call.call('keys.setRetention', fields, known)
    const read = withoutKey(known)
    await awaitJob(this.#call, begun, durationMs, read)
    const { oldest, token } = await this.#call.call('keys.position', {}, read)
    return { oldest, token }
  }

  /** Reads that never see less than the first of them did. @param options `sequence`: the floor to begin with */
  session(options: { readonly sequence?: number | undefined } = {}): KeySession {
    const { sequence } = optionsOf(options, ['sequence'])
    if (sequence !== undefined && !Number.isSafeInteger(sequence)) throw invalidField('sequence', 'a sequence')
    return new KeySession(this.#call, this.#prefix, sequence as number | undefined)
  }

  /** The keys that begin with a prefix, as a store of their own: its keys are what is behind it. @throws Fault */
  prefixed(prefix: BytesInput): KeysHandle {
    return new KeysHandle(this.#call, this.#prefix.extended(plainCopy(prefix, 'prefix'), 'prefix'))
  }

  /** Entries of this store as they stand in the whole one, to be put there together with others. @throws Fault */
  entries(entries: readonly KeyEntryInput[]): readonly KeyEntryInput[] {
    const stored = this.#prefix.entries(plainCopy(entries, 'entries'), 'entries')
    if (!isList(stored)) throw invalidField('entries', 'list')
    return stored as readonly KeyEntryInput[]
  }

  /** Writes under several prefixes that become one batch. */
  writeBatch(): KeyWriteBatch<KeysHandle> {
    return new KeyWriteBatch(this.#call, (under) => {
      if (isAbsent(under)) return this.#prefix
      // Unlike `instanceof`, this asks nothing of what may be somebody else's.
      if (typeof under !== 'object' || !(#call in under) || under.#call !== this.#call)
        throw invalidField('under', 'keys of the same collective')
      return under.#prefix
    })
  }

  async #prune(policies: unknown, options: WriteOptions & JobOptions): Promise<Pruned> {
    const { waitMs, ...known } = optionsOf(options, [...SESSION_OPTIONS, 'waitMs'])
    const durationMs = waitOf(waitMs)
    const begun = await this.#call.call('keys.prune', { policies }, known)
    return awaitJob(this.#call, begun, durationMs, withoutKey(known))
  }

  /** What concerns every family is no business of one. */
  #refusePrefix(method: string): void {
    if (!this.#prefix.isNone) throw invalidField(method, 'a call on the whole store')
  }
}

/** Options of the reads that follow a write. */
const withoutKey = ({ idempotencyKey: _, ...options }: RequestBody): RequestBody => options

/**
 * Answers reads of one replica: over what is applied, with the indexes and caches that follow it.
 *
 * A watcher waits no longer than its request may take, holds no reading meanwhile, and is woken when a change of its
 * collective is applied, never before.
 */
import {
  isFault,
  silentSpan,
  type Clock,
  type Fault,
  type Histogram,
  type Logger,
  type Metrics,
  type Span,
  type Timers,
} from '@waggle/kernel'
import {
  isPollName,
  metricTable,
  type PollName,
  type ReadName,
  type RequestOf,
  type Sequence,
  type TenantId,
} from '@waggle/protocol'
import { RegexCache } from './batch-store/regex/regex-cache.ts'
import type { EngineFigures } from './engine-figures.ts'
import type { Effect } from './event/effect.ts'
import { CollectiveIndexes } from './index/collective-indexes.ts'
import type { GraphFolder } from './index/graph/graph-host.ts'
import { IndexGraphs } from './index/graph/index-graphs.ts'
import { IndexMemory } from './index/index-memory.ts'
import { AppliedState, type Reading } from './query/applied-state.ts'
import { FairTurns } from './query/fair-turns.ts'
import type { QueryContext } from './query/querier.ts'
import { query } from './query/query.ts'
import type { Position } from './recovery/position.ts'
import { DEFAULT_SETTINGS, type EngineSettings } from './settings.ts'
import type { ShardTokens } from './shard-tokens.ts'
import type { KeyValueStore } from './store/key-value-store.ts'
import { PointIndexes } from './vector-store/point-indexes.ts'
import { ChangeWaiters } from './watch/change-waiters.ts'
import { longPoll } from './watch/long-poll.ts'
import { lagOf } from './watch/places.ts'
import { polls, SharedJournals, type Poll } from './watch/polls.ts'

/** What a read answers: its result, and the token of the state that it speaks of. */
type ReadReply = Readonly<Record<string, unknown>> & { readonly token: string }

export interface ReadsParts {
  readonly store: KeyValueStore
  readonly clock: Clock
  readonly timers: Timers
  readonly tokens: ShardTokens
  readonly settings?: EngineSettings
  readonly position: () => Position
  /** Shared with other stores of the process; absent: there are none. */
  readonly indexMemory?: IndexMemory
  /** Where large indexes have their graphs; absent: they have none. */
  readonly graphs?: GraphFolder
  readonly logger: Logger
  readonly metrics: Metrics
  /** Whether somebody may begin to wait for changes. @throws Fault why not */
  readonly check: () => void
}

export interface ReadRequest {
  readonly operation: ReadName
  readonly fields: unknown
  /** How long it may still wait, milliseconds. */
  readonly leftMs: () => number
  /** Of the request. */
  readonly span: Span
}

export class Reads {
  readonly #parts: ReadsParts
  readonly #indexes: CollectiveIndexes
  readonly #points: PointIndexes
  readonly #state: AppliedState
  readonly #watchers: ChangeWaiters
  readonly #journals = new SharedJournals()
  readonly #regexes = new RegexCache()
  readonly #turns: FairTurns
  readonly #candidates: Histogram
  readonly #lag: Histogram

  constructor(parts: ReadsParts) {
    this.#parts = parts
    this.#state = new AppliedState(parts.store, parts.position().applied)
    this.#watchers = new ChangeWaiters(parts.timers)
    this.#turns = new FairTurns(parts.timers)
    const indexes = { memory: parts.indexMemory ?? new IndexMemory(), turns: this.#turns }
    const graphs = graphsOf(parts)
    this.#indexes = new CollectiveIndexes({ ...indexes, graphs })
    this.#points = new PointIndexes(indexes)
    this.#candidates = parts.metrics.histogram(metricTable.searchCandidates, {})
    this.#lag = parts.metrics.histogram(metricTable.watchLag, {})
  }

  /** Answers at once what waits for nothing. @throws Fault */
  answer(tenant: TenantId, { operation, fields, leftMs, span }: ReadRequest): ReadReply | Promise<ReadReply> {
    if (isPollName(operation)) {
      this.#noteLag(fields as RequestOf<PollName>)
      const waitMs = Math.min((fields as RequestOf<PollName>).waitMs, leftMs())
      if (waitMs > 0) return this.#poll(tenant, operation, fields as RequestOf<PollName>, waitMs)
    }
    if (!span.isRecording) return this.#reading(tenant, (context) => query(operation, fields, context) as object)
    return this.#traced(tenant, { operation, fields, leftMs, span })
  }

  /** How much it keeps at this moment. */
  get figures(): Omit<EngineFigures, 'writes'> {
    const { vectors, recall } = this.#indexes.figures
    return { vectors: vectors + this.#points.size, recall, watchers: this.#watchers.waiting }
  }

  /** Runs `use` over one moment of what is applied. */
  read<Result>(use: (reading: Reading) => Result): Result {
    return this.#state.read(use)
  }

  /** Called when a batch is in the store and no other one is on its way. */
  applied(sequence: Sequence, effects: readonly Effect[]): void {
    this.#state.advance(sequence)
    this.#indexes.apply(effects)
    this.#points.apply(effects)
    this.#watchers.applied(effects)
  }

  /** Nobody waits for changes any more. */
  endPolls(reason: Fault): void {
    this.#watchers.end(reason)
  }

  /** Waits for the readings that were begun. */
  async close(): Promise<void> {
    await this.#state.close()
    this.#indexes.clear()
    this.#points.clear()
  }

  async #poll<Name extends PollName>(
    tenant: TenantId,
    operation: Name,
    fields: RequestOf<Name>,
    waitMs: number,
  ): Promise<ReadReply> {
    const { journal, scope, read, isAnswer, goOn }: Poll<Name> = polls[operation]
    return longPoll(fields, {
      ...{ isAnswer, goOn, waitMs },
      follow: (followed) => this.#watchers.follow(followed, journal),
      read: async (request, onScope) =>
        this.#reading(tenant, (context) => {
          this.#parts.check()
          onScope(scope(request, context))
          return read(request, context, this.#journals)
        }),
    })
  }

  #noteLag({ from }: RequestOf<PollName>): void {
    const lag = lagOf(from, this.#parts.position())
    if (lag !== undefined) this.#lag.record(lag)
  }

  async #traced(tenant: TenantId, { operation, fields, span }: ReadRequest): Promise<ReadReply> {
    const part = span.child('waggle.read')
    try {
      return await this.#reading(tenant, (context) => query(operation, fields, { ...context, span: part }) as object)
    } catch (error) {
      part.fail(isFault(error) ? error.code : 'INTERNAL')
      throw error
    } finally {
      part.end()
    }
  }

  /** @param ask called in the moment that it then sees */
  #reading<Result extends object>(
    tenant: TenantId,
    ask: (context: QueryContext) => Result | Promise<Result>,
  ): (ReadReply & Result) | Promise<ReadReply & Result> {
    return this.#state.read((reading) => {
      const { settings = DEFAULT_SETTINGS, clock, position } = this.#parts
      const { timeMs, generation } = position()
      const result = ask({
        reading,
        indexes: this.#indexes,
        points: this.#points,
        tenant,
        generation,
        nowMs: Math.max(clock.nowMs(), timeMs),
        settings,
        timers: this.#turns.of(tenant),
        regexes: this.#regexes,
        candidates: this.#candidates,
        span: silentSpan,
      })
      return result instanceof Promise
        ? result.then((late) => this.#withToken(late, reading))
        : this.#withToken(result, reading)
    })
  }

  #withToken<Result extends object>(result: Result, { sequence }: Reading): ReadReply & Result {
    return { ...result, token: this.#parts.tokens.of(sequence) }
  }
}

const graphsOf = ({ graphs, store, position, clock, timers, logger }: ReadsParts): IndexGraphs | undefined => {
  if (graphs === undefined) return undefined
  const made = new IndexGraphs({ graphs, generation: position().generation, clock, timers, logger })
  // Where nothing can be read there is nothing, or a later opening finds it.
  made.sweep(store).catch(() => undefined)
  return made
}

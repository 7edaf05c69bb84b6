/**
 * The engine of one replica of one shard: a log, a state, and a writer while it leads. It knows no network; whoever
 * hosts it hands it a log, a store and the ports of the kernel, and says when to lead.
 *
 * E1  Opening checks the `applied/` run; catching up replays the log to its end. An engine leads only after both.
 * E2  Writes go through the one mailbox of the term; a read sees one moment of what is applied.
 * E3  A read or write that carries a token waits until the state has reached it, or says that it has not (P5).
 * E4  Where the log is the fence, a strong read is released by an append of this term that began after the read arrived
 *     (DESIGN L6); under the folder's lock nobody else writes, so what is applied is the newest there is.
 * E5  A watcher waits no longer than its request may take, holds no reading meanwhile, and is woken when a change of
 *     its collective is applied, never before. The end of the term ends its waiting at once.
 * E6  A follower applies what it hears of the log, and answers reads from that: those that want no more than what a
 *     replica has, or wait for their token. Whether it is near enough to the end to be asked is its host's business.
 * E7  Where the log asks for a digest every replica is at the same record, leader or not; its host takes it (K3).
 */
import { type Fault, isFault, silentMetrics, silentSpan, type Span } from '@waggle/kernel'
import {
  decodeRequest,
  fault,
  isPollName,
  isSequencedName,
  isWriteName,
  limits,
  partition,
  type BuiltName,
  type DecodedRequest,
  type Epoch,
  type Generation,
  type ReadName,
  type RequestOf,
  type RequestOptions,
  type Sequence,
  type TenantId,
  type Token,
  type WriteName,
} from '@waggle/protocol'
import type { Answer, OwnCommand } from './commit/submission.ts'
import { submissionOf } from './commit/submission-of-request.ts'
import { readCheckpoint, type VerifiedCheckpoint } from './checkpoint/checkpoint-row.ts'
import { digestState, type StateDigest } from './digest.ts'
import { readOnlyFault } from './errors.ts'
import type { EngineFigures } from './engine-figures.ts'
import type { EngineParts } from './engine-parts.ts'
import type { Effect } from './event/effect.ts'
import { readHolds } from './keeping/hold-rows.ts'
import { readHorizon, type LogHorizon } from './keeping/log-horizon.ts'
import type { JournalPruning } from './keeping/journal-pruner.ts'
import type { StoredRecord } from './log/batch-log.ts'
import type { Reading } from './query/applied-state.ts'
import { AppliedRun } from './recovery/applied-run.ts'
import { initialPosition, readPosition, type Position } from './recovery/position.ts'
import { Reads } from './reads.ts'
import { replay, replayNext, type ReplayParts } from './recovery/replay.ts'
import { SequenceWaiters } from './sequence-waiters.ts'
import { ShardTokens } from './shard-tokens.ts'
import { Term } from './term.ts'
import { refuseAhead } from './watch/places.ts'

/** What an operation answers: its result, and the token of the state that it speaks of. */
export type Reply = Readonly<Record<string, unknown>> & { readonly token: string }

export class Engine {
  readonly #parts: EngineParts
  readonly #run: AppliedRun
  readonly #reads: Reads
  readonly #tokens: ShardTokens
  readonly #waiters: SequenceWaiters
  #position: Position
  #term: Term | undefined
  #closed: Promise<void> | undefined

  private constructor(parts: EngineParts, position: Position, run: AppliedRun) {
    this.#parts = parts
    this.#position = position
    this.#run = run
    this.#waiters = new SequenceWaiters(parts.timers)
    this.#tokens = new ShardTokens(parts.shard, position.generation)
    this.#reads = new Reads({
      metrics: silentMetrics,
      ...parts,
      tokens: this.#tokens,
      position: () => this.#position,
      check: () => {
        // Whoever follows from now on is told of the end of the term; of one that has ended nobody is.
        if (this.#closed !== undefined) throw closedFault()
        if (this.#term === undefined && !this.isReadOnly) throw notLeading()
      },
    })
  }

  /** Opens a replica as it stands in its store. @throws Fault `CORRUPT`, `GENERATION_CHANGED`, `FORMAT_UNSUPPORTED` */
  static async open(parts: EngineParts): Promise<Engine> {
    const { store, log } = parts
    const stored = readPosition(store)
    if (stored !== undefined && stored.generation !== log.generation)
      throw fault('GENERATION_CHANGED', `state belongs to another log generation=${stored.generation}`, {
        generation: stored.generation,
      })
    const start = stored ?? initialPosition(log.generation)
    return new Engine(parts, start, await AppliedRun.load(store, start))
  }

  get generation(): Generation {
    return this.#position.generation
  }

  /** Whether every write is refused. */
  get isReadOnly(): boolean {
    return this.#parts.readOnly === true
  }

  /** Where this replica stands in its log. */
  get position(): Position {
    return this.#position
  }

  /**
   * E1. Replays the log up to its end as of the call, or up to the record `until`.
   * @throws Fault as `replay` does
   */
  async catchUp(until?: Sequence): Promise<Position> {
    return replay(this.#replaying, this.#position, until)
  }

  /**
   * E6. Applies a record that a follower has heard of; gives whether it was the next one, and could be judged. Where it
   * is not, `catchUp` reads what lies between. One call at a time, and none beside `catchUp`.
   * @throws Fault as `replay` does
   */
  async follow(record: StoredRecord): Promise<boolean> {
    return replayNext({ ...this.#replaying, tracer: this.#parts.tracer }, this.#position, record)
  }

  /**
   * Lets writes in; the term opens with the first of them. Under the folder's lock there is nobody to announce it to.
   */
  admit(): void {
    this.#term = this.#newTerm()
  }

  /** Opens a term with its barrier; writes are taken from now on. @throws Fault `NOT_LEADING`, `UNAVAILABLE` */
  async lead(): Promise<Epoch> {
    const term = this.#newTerm()
    this.#term = term
    try {
      return await term.open()
    } catch (error) {
      this.#term = undefined
      throw error
    }
  }

  /** Ends the term: what waits is refused with `NOT_LEADING`; resolves when the append under way has ended. */
  async stepDown(): Promise<void> {
    const term = this.#term
    this.#endTerm()
    await term?.abandon(notLeading())
  }

  /** Ends the term when everything that was taken has been answered. */
  async release(): Promise<void> {
    const term = this.#term
    // Whoever leads next lets them wait on.
    this.#reads.endPolls(notLeading())
    await term?.end(notLeading())
    if (this.#term === term) this.#endTerm()
  }

  /**
   * Executes an operation of the table for a tenant.
   * @param body fields and options side by side, as on the wire
   * @param span of the request: what it takes here is told as parts of it, and the log keeps its context
   * @throws Fault of any kind; never another error
   */
  async execute(tenant: TenantId, operation: string, body: unknown, span: Span = silentSpan): Promise<Reply> {
    const begunMs = this.#parts.clock.monotonicMs()
    try {
      const request = decodeRequest(operation, body)
      if (this.#closed !== undefined) throw closedFault()
      if (this.isReadOnly) refuseWrite(request.operation)
      else if (this.#term === undefined && !isFollowersRead(request)) throw notLeading()
      const wanted = this.#tokenAhead(request.options)
      if (wanted !== undefined) await this.#reach(wanted, request.options)
      return isWriteName(request.operation)
        ? await this.#write(tenant, request as DecodedRequest<WriteName>, span)
        : await this.#read(tenant, request as DecodedRequest<ReadName>, begunMs, span)
    } catch (error) {
      if (isFault(error)) throw error
      // A read that was under way when the store closed under it.
      if (this.#closed !== undefined) throw closedFault()
      throw fault('INTERNAL', `operation failed operation=${operation} reason=${String(error)}`, {}, { cause: error })
    }
  }

  /** Submits a command of the engine's own or its host's, beside those of tenants. @throws Fault */
  async submit(command: OwnCommand): Promise<Answer> {
    return this.#leading.submitOwn(command)
  }

  /** Runs `use` over one moment of what is applied. @throws Fault `CLOSED` */
  async read<Result>(use: (reading: Reading) => Promise<Result> | Result): Promise<Result> {
    if (this.#closed !== undefined) throw closedFault()
    return this.#reads.read(use)
  }

  /** How much it keeps at this moment. */
  figures(): EngineFigures {
    return { ...this.#reads.figures, writes: this.#term?.waiting ?? 0 }
  }

  /** For each registered replica the lowest record that it needs. */
  holds(): Readonly<Record<string, Sequence>> {
    return readHolds(this.#parts.store)
  }

  /** Up to where the log may be purged, as it is logged and applied, and how far it could be. */
  horizon(): LogHorizon {
    return readHorizon(this.#parts.store)
  }

  /** Prunes journals by the retention rule: a bounded part of what there is. @throws Fault */
  async pruneJournals(keepMs: number): Promise<JournalPruning> {
    return this.#leading.pruneJournals(keepMs)
  }

  /** A digest over every row of the state, at one moment (P8). */
  async digest(): Promise<StateDigest> {
    return digestState(this.#parts.store, () => this.#parts.timers.yield())
  }

  /** The newest verified checkpoint, as it is logged. */
  checkpoint(): VerifiedCheckpoint | undefined {
    return readCheckpoint(this.#parts.store)
  }

  /** Answers what was begun, then lets go of the log; the store stays open. A second call waits for the first. */
  async close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  #endTerm(): void {
    this.#term = undefined
    this.#reads.endPolls(notLeading())
  }

  async #close(): Promise<void> {
    this.#reads.endPolls(closedFault())
    await this.#term?.end(closedFault())
    this.#waiters.end(closedFault())
    await this.#reads.close()
  }

  get #replaying(): ReplayParts {
    const { log, store, fence } = this.#parts
    return { log, store, fence, run: this.#run, onApplied: this.#onApplied }
  }

  /** The term under way. @throws Fault `NOT_LEADING`, `READ_ONLY` */
  get #leading(): Term {
    if (this.isReadOnly) throw readOnlyFault()
    if (this.#term === undefined) throw notLeading()
    return this.#term
  }

  #newTerm(): Term {
    const { log, store, fence, clock, timers, ids, logger, shard, shards, journalRestMs, onTermEnded } = this.#parts
    const term: Term = new Term({
      ...{ log, store, fence, clock, timers, ids, logger, journalRestMs },
      ...{ run: this.#run, metrics: this.#parts.metrics ?? silentMetrics },
      isOfThisShard: (id) => partition(id, shards) === shard,
      position: () => this.#position,
      onApplied: this.#onApplied,
      catchUp: () => this.catchUp(),
      onEnded: (reason) => {
        if (this.#term !== term) return
        // Under the folder's lock the end of the term is the end of writing, and everyone is told why.
        if (fence === 'log') this.#endTerm()
        onTermEnded?.(reason)
      },
    })
    return term
  }

  readonly #onApplied = (reached: Position, effects: readonly Effect[]): void => {
    this.#parts.onApplied?.(reached.applied)
    this.#position = reached
    // E7.
    for (const effect of effects)
      if (effect.kind === 'checkpoint') this.#parts.onCheckpointing?.(effect)
      else if (effect.kind === 'digest') this.#parts.onCheckpointing?.({ ...effect, sequence: reached.applied })
    this.#reads.applied(reached.applied, effects)
    this.#waiters.reached(reached.applied)
    if (effects.some(({ kind }) => kind === 'drop')) this.#term?.maintain()
    for (const effect of effects)
      if (effect.kind === 'upkeep') this.#term?.maintainKeys(effect.scope)
      else if (effect.kind === 'expiry') this.#term?.noteExpiry(effect.scope, effect.expiresAt)
  }

  async #write(tenant: TenantId, request: DecodedRequest<WriteName>, span: Span): Promise<Reply> {
    const { operation, fields } = request
    // Decisions know no sequence.
    if (operation === 'cursor.save') refuseAhead((fields as RequestOf<'cursor.save'>).cursor, this.#position, 'cursor')
    const { result, sequence } = await this.#leading.submit(submissionOf(tenant, request, this.#parts.ids, span))
    return {
      ...(result as object),
      ...(isSequencedName(operation) ? { sequence } : {}),
      token: this.#tokens.of(sequence),
    }
  }

  #read(tenant: TenantId, request: DecodedRequest<ReadName>, begunMs: number, span: Span): Reply | Promise<Reply> {
    const { operation, fields, options } = request
    const leftMs = (): number => {
      const passedMs = this.#parts.clock.monotonicMs() - begunMs
      return Math.max(0, (options.timeoutMs ?? limits.TIMEOUT_MS_DEFAULT) - passedMs)
    }
    const answer = (): Reply | Promise<Reply> => this.#reads.answer(tenant, { operation, fields, leftMs, span })
    // E4
    const isConfirmed = options.consistency !== 'strong' || this.#parts.fence !== 'log'
    return isConfirmed ? answer() : this.#leading.confirm().then(answer)
  }

  /** E3. The token that the state has not reached yet. @throws Fault `GENERATION_CHANGED`, `INVALID_TOKEN` */
  #tokenAhead({ token: text, consistency }: RequestOptions): Token | undefined {
    const token = text === undefined ? undefined : this.#tokens.find(text)
    if (consistency === 'any' || token === undefined) return undefined
    if (token.generation !== this.generation)
      throw fault('GENERATION_CHANGED', 'the token belongs to another life of this store', {
        field: 'token',
        shard: token.shard,
      })
    return token.sequence <= this.#position.applied ? undefined : token
  }

  /** E3. @throws Fault `CONSISTENCY_NOT_READY`, `BUSY` */
  async #reach({ sequence }: Token, { timeoutMs = limits.TIMEOUT_MS_DEFAULT }: RequestOptions): Promise<void> {
    if (await this.#waiters.wait(sequence, timeoutMs)) return
    const { applied } = this.#position
    throw fault('CONSISTENCY_NOT_READY', `state has not reached the token sequence=${sequence} applied=${applied}`, {
      ...{ sequence, applied },
    })
  }
}

/** E6. */
const isFollowersRead = ({ operation, options }: DecodedRequest): boolean =>
  !isWriteName(operation) && !isPollName(operation) && options.consistency !== 'strong'

const refuseWrite = (operation: BuiltName): void => {
  if (isWriteName(operation)) throw readOnlyFault()
}

const closedFault = (): Fault => fault('CLOSED', 'the store was closed')
const notLeading = (): Fault => fault('NOT_LEADING', 'this replica does not lead its shard')

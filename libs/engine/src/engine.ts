/**
 * The engine of one shard: one log, one state, one writer. It knows no network; whoever hosts it hands it a log, a
 * store and the ports of the kernel.
 *
 * E1  Opening recovers: the `applied/` run is checked, then the log is replayed up to its end.
 * E2  Writes go through the one mailbox; a read sees one moment of what is applied.
 * E3  A read or write that carries a token waits until the state has reached it, or says that it has not (P5).
 */
import type { Fault } from '@waggle/kernel'
import { type Clock, type IdSource, isFault, type Logger, sha256, type Timers } from '@waggle/kernel'
import {
  decodeRequest,
  decodeToken,
  encodeMessagePack,
  encodeToken,
  fault,
  isWriteName,
  limits,
  type DecodedRequest,
  type Generation,
  type ReadName,
  type RequestOptions,
  type Sequence,
  type TenantId,
  type Token,
  type WriteName,
} from '@waggle/protocol'
import { GroupCommit } from './commit/group-commit.ts'
import type { Answer, Submission } from './commit/submission.ts'
import { digestState } from './digest.ts'
import { CollectiveIndexes } from './index/collective-indexes.ts'
import type { BatchLog } from './log/batch-log.ts'
import { Maintenance } from './maintenance.ts'
import { AppliedState } from './query/applied-state.ts'
import { query } from './query/query.ts'
import { AppliedRun } from './recovery/applied-run.ts'
import { initialPosition, readPosition, type Position } from './recovery/position.ts'
import { replay } from './recovery/replay.ts'
import { SequenceWaiters } from './sequence-waiters.ts'
import type { KeyValueStore } from './store/key-value-store.ts'

export interface EngineParts {
  readonly log: BatchLog
  readonly store: KeyValueStore
  readonly clock: Clock
  readonly timers: Timers
  readonly ids: IdSource
  readonly logger: Logger
  /** Number of the shard, for tokens. */
  readonly shard: number
  /** Called with the newest durable sequence before anyone is answered. */
  readonly onDurable?: (sequence: Sequence) => void
}

/** What an operation answers: its result, and the token of the state that it speaks of. */
export type Reply = Readonly<Record<string, unknown>> & { readonly token: string }

/** Idempotency keys of requests are remembered by this much of the hash of their fields. */
const REQUEST_HASH_BYTES = 16

export class Engine {
  readonly #parts: EngineParts
  readonly #commit: GroupCommit
  readonly #indexes = new CollectiveIndexes()
  readonly #state: AppliedState
  readonly #waiters: SequenceWaiters
  readonly #maintenance: Maintenance
  #position: Position
  #closed: Promise<void> | undefined

  private constructor(parts: EngineParts, position: Position, run: AppliedRun) {
    const { store, clock, timers, ids } = parts
    this.#parts = parts
    this.#position = position
    this.#state = new AppliedState(store, position.applied)
    this.#waiters = new SequenceWaiters(timers)
    this.#commit = new GroupCommit({
      ...{ log: parts.log, store, run, position, clock, timers, ids },
      onCommitted: (reached, changes) => {
        parts.onDurable?.(reached.applied)
        this.#position = reached
        this.#state.advance(reached.applied)
        this.#indexes.apply(changes)
        this.#waiters.reached(reached.applied)
        if (changes.some(({ kind }) => kind === 'drop')) this.#maintenance.request()
      },
    })
    this.#maintenance = new Maintenance({
      ...{ store, timers, logger: parts.logger },
      timeMs: () => this.#position.timeMs,
      submit: (command) => this.#submit({ ...command, key: ids.uuid(), bytes: 0 }),
    })
  }

  /** E1. @throws Fault `CORRUPT` or `FORMAT_UNSUPPORTED` */
  static async open(parts: EngineParts): Promise<Engine> {
    const { store, log } = parts
    const stored = readPosition(store)
    if (stored !== undefined && stored.generation !== log.generation)
      throw fault('GENERATION_CHANGED', `state belongs to another log generation=${stored.generation}`, {
        generation: stored.generation,
      })
    const start = stored ?? initialPosition(log.generation)
    const run = await AppliedRun.load(store, start)
    const engine = new Engine(parts, await replay(log, store, start, run), run)
    engine.#maintenance.start()
    return engine
  }

  get generation(): Generation {
    return this.#position.generation
  }

  /** The newest sequence whose effects reads see. */
  get applied(): Sequence {
    return this.#position.applied
  }

  /**
   * Executes an operation of the table for a tenant.
   * @param body fields and options side by side, as on the wire
   * @throws Fault of any kind; never another error
   */
  async execute(tenant: TenantId, operation: string, body: unknown): Promise<Reply> {
    try {
      const request = decodeRequest(operation, body)
      if (this.#closed !== undefined) throw closedFault()
      await this.#awaitToken(request.options)
      return isWriteName(request.operation)
        ? await this.#write(tenant, request as DecodedRequest<WriteName>)
        : await this.#read(tenant, request as DecodedRequest<ReadName>)
    } catch (error) {
      if (isFault(error)) throw error
      // A read that was under way when the store closed under it.
      if (this.#closed !== undefined) throw closedFault()
      throw fault('INTERNAL', `operation failed operation=${operation} reason=${String(error)}`, {}, { cause: error })
    }
  }

  /** A digest over every row of the state, at one moment (P8). */
  async digest(): Promise<{ readonly sequence: Sequence; readonly digest: string }> {
    return digestState(this.#parts.store)
  }

  /** Answers what was begun, then lets go of the log; the store stays open. A second call waits for the first. */
  async close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await this.#maintenance.stop()
    await this.#commit.end(closedFault())
    this.#waiters.end(closedFault())
    await this.#state.close()
  }

  async #write(tenant: TenantId, { operation, fields, options }: DecodedRequest<WriteName>): Promise<Reply> {
    const encoded = encodeMessagePack([operation, fields])
    if (encoded.length > limits.REQUEST_BYTES_MAX) throw requestTooLarge(encoded.length)
    const { issuedAt } = options
    const { result, sequence } = await this.#submit({
      name: operation,
      tenant,
      ...('collective' in fields ? { collective: fields.collective } : {}),
      fields,
      key: options.idempotencyKey ?? this.#parts.ids.uuid(),
      requestHash: sha256(encoded).subarray(0, REQUEST_HASH_BYTES),
      ...(issuedAt === undefined ? {} : { issuedAt }),
      bytes: encoded.length,
    })
    return { ...(result as object), token: this.#token(sequence) }
  }

  async #submit(submission: Omit<Submission, 'resolve' | 'reject'>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#commit.submit({ ...submission, resolve, reject })
    })
  }

  async #read(tenant: TenantId, { operation, fields }: DecodedRequest<ReadName>): Promise<Reply> {
    return this.#state.read(async (reading) => {
      const context = { reading, indexes: this.#indexes, tenant, generation: this.generation }
      const result = await query(operation, fields, context)
      return { ...(result as object), token: this.#token(reading.sequence) }
    })
  }

  #token(sequence: Sequence): string {
    return encodeToken({ shard: this.#parts.shard, generation: this.generation, sequence })
  }

  /** E3. @throws Fault `GENERATION_CHANGED` or `CONSISTENCY_NOT_READY` */
  async #awaitToken({ token: text, consistency, timeoutMs }: RequestOptions): Promise<void> {
    if (text === undefined) return
    const token: Token = decodeToken(text)
    if (consistency === 'any' || token.shard !== this.#parts.shard) return
    if (token.generation !== this.generation)
      throw fault('GENERATION_CHANGED', 'the token belongs to another life of this store', { field: 'token' })
    if (token.sequence <= this.#position.applied) return
    const reached = await this.#waiters.wait(token.sequence, timeoutMs ?? limits.TIMEOUT_MS_DEFAULT)
    if (!reached)
      throw fault(
        'CONSISTENCY_NOT_READY',
        `state has not reached the token sequence=${token.sequence} applied=${this.#position.applied}`,
        { sequence: token.sequence, applied: this.#position.applied },
      )
  }
}

const closedFault = (): Fault => fault('CLOSED', 'the store was closed')

const requestTooLarge = (size: number): Fault =>
  fault('REQUEST_TOO_LARGE', `request is too large bytes=${size} limit=${limits.REQUEST_BYTES_MAX}`, {
    size,
    limit: limits.REQUEST_BYTES_MAX,
  })

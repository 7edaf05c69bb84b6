import type { Embedder } from '@waggle/embedding'
import { isUuid, type Clock, type IdSource, type Timers } from '@waggle/kernel'
import { fault, invalidField, limits, requiredField, type Collective, type TenantUsage } from '@waggle/protocol'
import type { Caller, RequestBody } from './caller.ts'
import { CollectiveHandle } from './collective-handle.ts'
import { Embedders } from './embedders.ts'
import type { CollectiveInput } from './inputs.ts'
import { Gate } from './gate.ts'
import { isAbsent, plainMap } from './plain-data.ts'
import { Session, type CallOptions, type CallResult, type WriteOptions } from './session.ts'

/** Writes of one client that are under way at once: enough for sixteen full groups, a quarter of a shard's mailbox. */
const WRITES_AT_ONCE_MAX = 1_024

/** What an interface is made of, whichever face it has. */
export interface WaggleParts {
  readonly caller: Caller
  readonly clock: Clock
  readonly timers: Timers
  readonly ids: IdSource
  /** Embedders beside the built-in `hashing`. */
  readonly embedders?: readonly Embedder[]
  /** Time limit of calls that name none, milliseconds. */
  readonly timeoutMs?: number
}

/** A store of collectives, embedded or behind a connection. Every method throws `Fault` and nothing else. */
export class Waggle {
  readonly #caller: Caller
  readonly #session: Session
  readonly #embedders: Embedders

  constructor({ caller, clock, timers, ids, embedders = [], timeoutMs }: WaggleParts) {
    this.#caller = caller
    this.#session = new Session({ caller, clock, timers, ids, gate: new Gate(WRITES_AT_ONCE_MAX, timers) }, timeoutMs)
    this.#embedders = new Embedders(embedders)
  }

  /** Creates a collective. Names need not be unique; without an id it gets one that its idempotency key decides. */
  async createCollective(
    input: CollectiveInput & { readonly id?: string | undefined },
    options: WriteOptions = {},
  ): Promise<CollectiveHandle> {
    const { collective, token } = await this.#session.call('collective.create', this.#newCollective(input), options)
    return this.#handle(collective, token)
  }

  /** The collective of that name, created if there is none. */
  async getOrCreateCollective(input: CollectiveInput, options: WriteOptions = {}): Promise<CollectiveHandle> {
    const fields = this.#newCollective(input)
    const { collective, token } = await this.#session.call('collective.getOrCreate', fields, options)
    return this.#handle(collective, token)
  }

  /** The collective of that id or name. @throws Fault `NOT_FOUND`, `AMBIGUOUS_NAME` */
  async collective(idOrName: string, options: CallOptions = {}): Promise<CollectiveHandle> {
    if (typeof idOrName !== 'string') throw invalidField('collective', 'an id or a name')
    if (idOrName === '') throw requiredField('collective')
    const byId = isUuid(idOrName.toLowerCase()) ? await this.#find({ collective: idOrName }, options) : undefined
    const found = byId?.collective === undefined ? await this.#find({ name: idOrName }, options) : byId
    if (found.collective === undefined)
      throw fault('NOT_FOUND', `collective not found collective=${idOrName.slice(0, 300)}`, { entity: 'collective' })
    return this.#handle(found.collective, found.token)
  }

  /** The tenant's collectives, oldest first. */
  async collectives(
    query: { readonly owner?: string | undefined } = {},
    options: CallOptions = {},
  ): Promise<readonly Collective[]> {
    return (await this.#session.call('collective.list', plainMap(query, 'query', { isRequest: true }), options)).items
  }

  /** What the tenant has, over all its collectives. */
  async usage(options: CallOptions = {}): Promise<TenantUsage> {
    return (await this.#session.call('tenant.usage', {}, options)).usage
  }

  /** Waits for what was begun, then closes; a second call does nothing. */
  async close(): Promise<void> {
    await this.#caller.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #find(
    query: { readonly collective: string } | { readonly name: string },
    options: CallOptions,
  ): Promise<CallResult<'collective.get'>> {
    return this.#session.call('collective.get', query, options)
  }

  /** An embedder is no data: it stays here, and its name is what is kept. */
  #newCollective(input: unknown): RequestBody {
    const { embedder, ...fields } = plainMap(input, 'collective', { isRequest: true, asIs: 'embedder' })
    const { dimension } = fields
    // What is wrong with a dimension is said where the request is decoded.
    if (isAbsent(embedder) || !isDimension(dimension)) return fields
    return { ...fields, embedder: this.#embedders.nameFor(embedder, dimension) }
  }

  /** @param token of the reply that named the collective */
  #handle(collective: Collective, token: string | undefined): CollectiveHandle {
    return new CollectiveHandle(this.#session.forCollective(token), this.#embedders, collective)
  }
}

const isDimension = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= limits.DIMENSION_MAX

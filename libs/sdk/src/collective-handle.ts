import {
  fault,
  invalidField,
  type Collective,
  type CollectiveStats,
  type Experience,
  type SearchHit,
} from '@waggle/protocol'
import type { RequestBody } from './caller.ts'
import type { Embedders } from './embedders.ts'
import type {
  EmbeddingInput,
  ExperienceInput,
  IncludeInput,
  ListInput,
  PatchInput,
  RecentInput,
  RestoreInput,
  SearchInput,
} from './inputs.ts'
import type { CallOptions, Session, WriteOptions } from './session.ts'

/** What a write returns: a token that any agent may hand to another, whose reads then reflect this write. */
export interface Written {
  readonly token: string
}

/**
 * One collective: what an agent holds on to. Every method throws `Fault` and nothing else. A handle remembers the
 * newest token it saw and sends it along, so it always reads its own writes.
 */
export class CollectiveHandle {
  readonly #session: Session
  readonly #embedders: Embedders
  readonly #collective: Collective

  constructor(session: Session, embedders: Embedders, collective: Collective) {
    this.#session = session
    this.#embedders = embedders
    this.#collective = collective
  }

  get id(): string {
    return this.#collective.id
  }

  get name(): string {
    return this.#collective.name
  }

  get dimension(): number {
    return this.#collective.dimension
  }

  /** The collective as it was when the handle was made. */
  get info(): Collective {
    return this.#collective
  }

  /** Records an experience. Without an id it gets one that its idempotency key decides. */
  async record(input: ExperienceInput, options: WriteOptions = {}): Promise<Written & { readonly id: string }> {
    const [experience] = await this.#embedded([fieldsOf(input, 'experience')])
    const { id, token } = await this.#call('experience.record', experience as RequestBody, options)
    return { id, token }
  }

  /** Records up to 1000 experiences, all or none; ids come in input order. */
  async recordMany(
    inputs: readonly ExperienceInput[],
    options: WriteOptions = {},
  ): Promise<Written & { readonly ids: readonly string[] }> {
    if (!Array.isArray(inputs)) throw invalidField('experiences', 'list')
    const fields = inputs.map((input: unknown, index) => fieldsOf(input, `experiences[${index}]`))
    const experiences = await this.#embedded(fields)
    const { ids, token } = await this.#call('experience.recordMany', { experiences }, options)
    return { ids, token }
  }

  /** The experience with its embedding, or `undefined`. */
  async get(id: string, options: CallOptions = {}): Promise<Experience | undefined> {
    return (await this.#call('experience.get', { id }, options)).experience
  }

  /** In the order asked; `undefined` where there is none. */
  async getMany(
    ids: readonly string[],
    options: CallOptions & IncludeInput = {},
  ): Promise<readonly (Experience | undefined)[]> {
    const { items } = await this.#call('experience.getMany', { ids, include: options.include }, options)
    return items.map((item) => item ?? undefined)
  }

  /** Replaces the fields that the patch names. `ifVersion`: only if the record still has that version. */
  async update(
    id: string,
    patch: PatchInput,
    options: WriteOptions & { readonly ifVersion?: number } = {},
  ): Promise<Written & { readonly version: number }> {
    const { ifVersion, ...rest } = options
    const { version, token } = await this.#call('experience.update', { id, patch, ifVersion }, rest)
    return { version, token }
  }

  /** Hides the record from search and `recent`; archiving twice is the same as once. */
  async archive(id: string, options: WriteOptions = {}): Promise<Written & { readonly version: number }> {
    const { version, token } = await this.#call('experience.archive', { id }, options)
    return { version, token }
  }

  async unarchive(id: string, options: WriteOptions = {}): Promise<Written & { readonly version: number }> {
    const { version, token } = await this.#call('experience.unarchive', { id }, options)
    return { version, token }
  }

  async delete(id: string, options: WriteOptions = {}): Promise<Written> {
    const { token } = await this.#call('experience.delete', { id }, options)
    return { token }
  }

  /** Counts one more use of the experience; returns the total after it. */
  async reinforce(id: string, options: WriteOptions = {}): Promise<Written & { readonly applications: number }> {
    const { applications, token } = await this.#call('experience.reinforce', { id }, options)
    return { applications, token }
  }

  /** The k nearest that match, best first. */
  async search(
    query: SearchInput,
    options: CallOptions & IncludeInput = {},
  ): Promise<{ readonly results: readonly SearchHit[]; readonly token: string }> {
    const { text, embedding, include = options.include, ...fields } = fieldsOf(query, 'query') as SearchInput
    const vector = embedding ?? (text === undefined ? undefined : await this.#embedText(text))
    const { results, token } = await this.#call('experience.search', { ...fields, embedding: vector, include }, options)
    return { results, token }
  }

  /** Newest first. */
  async recent(query: RecentInput = {}, options: CallOptions & IncludeInput = {}): Promise<readonly Experience[]> {
    const { include = options.include, ...fields } = fieldsOf(query, 'query') as RecentInput
    return (await this.#call('experience.recent', { ...fields, include }, options)).items
  }

  /** Oldest first, archived ones included, page by page; `cursor` is absent at the end. */
  async list(
    query: ListInput = {},
    options: CallOptions & IncludeInput = {},
  ): Promise<{ readonly items: readonly Experience[]; readonly cursor?: string }> {
    const { include = options.include, ...fields } = fieldsOf(query, 'query') as ListInput
    const { items, cursor } = await this.#call('experience.list', { ...fields, include }, options)
    return cursor === undefined ? { items } : { items, cursor }
  }

  async stats(options: CallOptions = {}): Promise<CollectiveStats> {
    return (await this.#call('collective.stats', {}, options)).stats
  }

  /**
   * Puts records of an export back with the fields that the server owns; records that are there already, byte for
   * byte, are counted and left alone.
   */
  async restore(
    experiences: readonly RestoreInput[],
    options: WriteOptions = {},
  ): Promise<Written & { readonly restored: number; readonly existing: number }> {
    const { restored, existing, token } = await this.#call('collective.restore', { experiences }, options)
    return { restored, existing, token }
  }

  /** Deletes the collective with everything in it. */
  async deleteCollective(options: WriteOptions = {}): Promise<Written> {
    const { token } = await this.#call('collective.delete', {}, options)
    return { token }
  }

  #call<Name extends CollectiveOperation>(operation: Name, fields: RequestBody, options: WriteOptions & IncludeInput) {
    if (fields.collective !== undefined)
      throw fault('UNKNOWN_FIELD', 'unknown field field=collective', { field: 'collective' })
    const { token, consistency, timeoutMs, idempotencyKey } = optionsOf(options)
    const known = { token, consistency, timeoutMs, idempotencyKey }
    return this.#session.call(operation, { ...fields, collective: this.id }, known as WriteOptions)
  }

  /** Fills in the embeddings that are missing, where the collective has an embedder. */
  async #embedded(inputs: readonly RequestBody[]): Promise<readonly RequestBody[]> {
    const missing = inputs.filter(({ embedding, content }) => isAbsent(embedding) && isText(content))
    if (missing.length === 0) return inputs
    const embedder = this.#embedders.of(this.#collective)
    if (embedder === undefined) return inputs
    const vectors = await embedder.embed(missing.map(({ content }) => content as string))
    const made = new Map(missing.map((input, index) => [input, vectors[index]]))
    return inputs.map((input) => (made.has(input) ? { ...input, embedding: made.get(input) } : input))
  }

  async #embedText(text: unknown): Promise<EmbeddingInput | undefined> {
    if (!isText(text)) throw invalidField('text', 'text that is not empty')
    const [vector] = (await this.#embedders.of(this.#collective)?.embed([text])) ?? []
    return vector
  }
}

type CollectiveOperation =
  | 'collective.stats'
  | 'collective.restore'
  | 'collective.delete'
  | 'experience.record'
  | 'experience.recordMany'
  | 'experience.update'
  | 'experience.archive'
  | 'experience.unarchive'
  | 'experience.delete'
  | 'experience.reinforce'
  | 'experience.get'
  | 'experience.getMany'
  | 'experience.list'
  | 'experience.recent'
  | 'experience.search'

const isAbsent = (value: unknown): boolean => value === undefined || value === null

const isText = (value: unknown): value is string => typeof value === 'string' && value.length > 0

/** The fields of a map that a caller wrote. @throws Fault `INVALID_FIELD` for anything else */
export const fieldsOf = (value: unknown, field: string): RequestBody => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidField(field, 'map')
  return { ...value }
}

const optionsOf = (options: unknown): Readonly<Record<string, unknown>> => fieldsOf(options, 'options')

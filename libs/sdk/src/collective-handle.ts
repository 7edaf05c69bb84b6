import {
  fault,
  invalidField,
  limits,
  type Collective,
  type CollectiveStats,
  type Experience,
  type ResultOf,
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
import { isAbsent, optionsOf, plainCopy, plainMap, plainMaps } from './plain-data.ts'
import { SESSION_OPTIONS, type CallOptions, type Session, type WriteOptions } from './session.ts'

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
    const experience = plainMap(input, 'experience', { isRequest: true })
    const known = optionsOf(options, SESSION_OPTIONS)
    const [vector] = this.#lacksEmbedding(experience) ? await this.#embed([experience.content]) : []
    const fields = vector === undefined ? experience : { ...experience, embedding: vector }
    const { id, token } = await this.#call('experience.record', fields, known)
    return { id, token }
  }

  /** Records up to 1000 experiences, all or none; ids come in input order. */
  async recordMany(
    inputs: readonly ExperienceInput[],
    options: WriteOptions = {},
  ): Promise<Written & { readonly ids: readonly string[] }> {
    const experiences = plainMaps(inputs, 'experiences', limits.BATCH_ITEMS_MAX)
    const known = optionsOf(options, SESSION_OPTIONS)
    const lacking = experiences.filter((experience) => this.#lacksEmbedding(experience))
    const vectors = lacking.length === 0 ? [] : await this.#embed(lacking.map(({ content }) => content))
    const made = new Map(lacking.map((experience, index) => [experience, vectors[index]]))
    const fields = experiences.map((experience) =>
      made.has(experience) ? { ...experience, embedding: made.get(experience) } : experience,
    )
    const { ids, token } = await this.#call('experience.recordMany', { experiences: fields }, known)
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
    const { include, ...known } = optionsOf(options, [...SESSION_OPTIONS, 'include'])
    const { items } = await this.#call('experience.getMany', { ids: plainCopy(ids, 'ids'), include }, known)
    return items.map((item) => item ?? undefined)
  }

  /** Replaces the fields that the patch names. `ifVersion`: only if the record still has that version. */
  async update(
    id: string,
    patch: PatchInput,
    options: WriteOptions & { readonly ifVersion?: number | undefined } = {},
  ): Promise<Written & { readonly version: number }> {
    const { ifVersion, ...known } = optionsOf(options, [...SESSION_OPTIONS, 'ifVersion'])
    const fields = { id, patch: plainCopy(patch, 'patch'), ifVersion }
    const { version, token } = await this.#call('experience.update', fields, known)
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
    const { fields, known } = queryOf(query, options)
    const { text, embedding, ...others } = fields
    const vector = isAbsent(embedding) && !isAbsent(text) ? await this.#embedText(text) : embedding
    const { results, token } = await this.#call('experience.search', { ...others, embedding: vector }, known)
    return { results, token }
  }

  /** Newest first. */
  async recent(query: RecentInput = {}, options: CallOptions & IncludeInput = {}): Promise<readonly Experience[]> {
    const { fields, known } = queryOf(query, options)
    return (await this.#call('experience.recent', fields, known)).items
  }

  /** Oldest first, archived ones included, page by page; `cursor` is absent at the end. */
  async list(
    query: ListInput = {},
    options: CallOptions & IncludeInput = {},
  ): Promise<{ readonly items: readonly Experience[]; readonly cursor?: string }> {
    const { fields, known } = queryOf(query, options)
    const { items, cursor } = await this.#call('experience.list', fields, known)
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
    const fields = { experiences: plainCopy(experiences, 'experiences') }
    const { restored, existing, token } = await this.#call('collective.restore', fields, options)
    return { restored, existing, token }
  }

  /** Deletes the collective with everything in it. */
  async deleteCollective(options: WriteOptions = {}): Promise<Written> {
    const { token } = await this.#call('collective.delete', {}, options)
    return { token }
  }

  async #call<Name extends CollectiveOperation>(
    operation: Name,
    fields: RequestBody,
    options: WriteOptions,
  ): Promise<ResultOf<Name> & Written> {
    if (fields.collective !== undefined)
      throw fault('UNKNOWN_FIELD', 'unknown field field=collective', { field: 'collective' })
    const reply = await this.#session.call(operation, { ...fields, collective: this.id }, options)
    const { token } = reply
    if (token === undefined) throw fault('INTERNAL', `the reply has no token operation=${operation}`)
    return { ...reply, token }
  }

  /** True where an embedding is to be made: there is an embedder, and a text for it. */
  #lacksEmbedding({ embedding, content }: RequestBody): boolean {
    return isAbsent(embedding) && isText(content) && this.#collective.embedder !== undefined
  }

  /** @throws Fault `EMBEDDER_NOT_FOUND`, `EMBEDDER_FAILED` */
  async #embed(texts: readonly unknown[]): Promise<readonly EmbeddingInput[]> {
    return this.#embedders.embed(this.#collective, texts as readonly string[])
  }

  async #embedText(text: unknown): Promise<EmbeddingInput | undefined> {
    if (!isText(text)) throw invalidField('text', 'text that is not empty')
    if (this.#collective.embedder === undefined) return undefined
    const [vector] = await this.#embed([text])
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

const isText = (value: unknown): value is string => typeof value === 'string' && value.length > 0

/** The fields of a query; what it includes may be said beside it or in it. */
const queryOf = (query: unknown, options: unknown): { readonly fields: RequestBody; readonly known: RequestBody } => {
  const { include, ...known } = optionsOf(options, [...SESSION_OPTIONS, 'include'])
  return { fields: { include, ...plainMap(query, 'query', { isRequest: true }) }, known }
}

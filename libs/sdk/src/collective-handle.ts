import {
  limits,
  type Collective,
  type CollectiveStats,
  type Experience,
  type Insight,
  type InsightHit,
  type Related,
  type Relation,
  type ResultOf,
  type SearchHit,
} from '@waggle/protocol'
import { ActivityHandle } from './activity-handle.ts'
import { CollectiveCall, type Written } from './collective-call.ts'
import { CursorsHandle } from './cursors-handle.ts'
import type { RequestBody } from './caller.ts'
import type { Embedders } from './embedders.ts'
import type {
  BatchCommandInput,
  ColdInput,
  CollectiveUpdateInput,
  ContextInput,
  ExperienceInput,
  IncludeInput,
  InsightInput,
  InsightListInput,
  InsightSearchInput,
  ListInput,
  PageInput,
  PatchInput,
  PathsInput,
  RecentInput,
  RelatedInput,
  RelationInput,
  RestoreInput,
  RestoreManyInput,
  SearchInput,
  TimeInput,
} from './inputs.ts'
import { KeysHandle } from './keys/keys-handle.ts'
import { MissingEmbeddings } from './missing-embeddings.ts'
import { PagesHandle } from './pages/pages-handle.ts'
import { PayloadsHandle } from './points/payloads-handle.ts'
import { VectorsHandle } from './points/vectors-handle.ts'
import { isList, optionsOf, plainCopy, plainMap, plainMaps, refuseFields } from './plain-data.ts'
import { pageOf, queryOf, type Page } from './queries.ts'
import { pollChanges, Watch, type Changes, type PollInput, type PollOptions, type WatchInput } from './watch.ts'
import { SESSION_OPTIONS, type CallOptions, type Session, type WriteOptions } from './session.ts'

/** As many as a page may have: who wants all of them wants few requests. */
const RELATED_OF_PAGE = limits.RESULTS_MAX

/** What the commands of a batch answer, in their order; the sequence is that of the batch. */
export type BatchResults<Commands extends readonly BatchCommandInput[]> = {
  readonly [Index in keyof Commands]: Omit<ResultOf<Commands[Index]['operation']>, 'sequence'>
}

/**
 * One collective: what an agent holds on to. Every method throws `Fault` and nothing else. A handle remembers the
 * newest token it saw and sends it along, so it always reads its own writes.
 */
export class CollectiveHandle {
  /** Who works in the collective, and at what. */
  readonly activity: ActivityHandle
  /** How far readers of its changes are. */
  readonly cursors: CursorsHandle
  /** Ordered keys with values, written in batches that its journal tells. */
  readonly keys: KeysHandle
  /** Vectors by ids of 64 bits. */
  readonly vectors: VectorsHandle
  /** JSON by ids of 64 bits. */
  readonly payloads: PayloadsHandle
  /** Pages with checksums, and memories in them. */
  readonly pages: PagesHandle
  readonly #call: CollectiveCall
  readonly #embeddings: MissingEmbeddings
  #collective: Collective

  constructor(session: Session, embedders: Embedders, collective: Collective) {
    this.#call = new CollectiveCall(session, collective.id)
    this.#embeddings = new MissingEmbeddings(embedders, collective)
    this.#collective = collective
    this.activity = new ActivityHandle(this.#call)
    this.cursors = new CursorsHandle(this.#call)
    this.keys = new KeysHandle(this.#call)
    this.vectors = new VectorsHandle(this.#call)
    this.payloads = new PayloadsHandle(this.#call)
    this.pages = new PagesHandle(this.#call)
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

  /** The collective as it was when the handle was made, or last changed by it. */
  get info(): Collective {
    return this.#collective
  }

  /** Records an experience. Without an id it gets one that its idempotency key decides. */
  async record(input: ExperienceInput, options: WriteOptions = {}): Promise<Written & { readonly id: string }> {
    return this.#create('experience.record', plainMap(input, 'experience', { isRequest: true }), options)
  }

  /** Records up to 1000 experiences, all or none; ids come in input order. */
  async recordMany(
    inputs: readonly ExperienceInput[],
    options: WriteOptions = {},
  ): Promise<Written & { readonly ids: readonly string[] }> {
    const experiences = plainMaps(inputs, 'experiences', limits.BATCH_ITEMS_MAX)
    const known = optionsOf(options, SESSION_OPTIONS)
    const { ids, token } = await this.#embeddings.filled(experiences, async (filled) =>
      this.#call.call('experience.recordMany', { experiences: filled }, known),
    )
    return { ids, token }
  }

  /** The experience with its embedding, or `undefined`. */
  async get(id: string, options: CallOptions = {}): Promise<Experience | undefined> {
    return (await this.#call.call('experience.get', { id }, options)).experience
  }

  /** In the order asked; `undefined` where there is none. */
  async getMany(
    ids: readonly string[],
    options: CallOptions & IncludeInput = {},
  ): Promise<readonly (Experience | undefined)[]> {
    const { include, ...known } = optionsOf(options, [...SESSION_OPTIONS, 'include'])
    const { items } = await this.#call.call('experience.getMany', { ids: plainCopy(ids, 'ids'), include }, known)
    return items.map((item) => item ?? undefined)
  }

  /**
   * Replaces the fields that the patch names. `ifVersion`: only if the record still has that version. `ttlMs`: how long
   * it is to be seen from now on, and `null`: for ever.
   */
  async update(
    id: string,
    patch: PatchInput,
    options: WriteOptions & {
      readonly ifVersion?: number | undefined
      readonly ttlMs?: number | null | undefined
    } = {},
  ): Promise<Written & { readonly version: number }> {
    const { ifVersion, ttlMs, ...known } = optionsOf(options, [...SESSION_OPTIONS, 'ifVersion', 'ttlMs'])
    const isEnded = plainMap(options, 'options').ttlMs === null
    const fields = { id, patch: plainCopy(patch, 'patch'), ifVersion, ttlMs: isEnded ? null : ttlMs }
    const { version, token } = await this.#call.call('experience.update', fields, known)
    return { version, token }
  }

  /** Hides the record from search and `recent`; archiving twice is the same as once. */
  async archive(id: string, options: WriteOptions = {}): Promise<Written & { readonly version: number }> {
    const { version, token } = await this.#call.call('experience.archive', { id }, options)
    return { version, token }
  }

  async unarchive(id: string, options: WriteOptions = {}): Promise<Written & { readonly version: number }> {
    const { version, token } = await this.#call.call('experience.unarchive', { id }, options)
    return { version, token }
  }

  async delete(id: string, options: WriteOptions = {}): Promise<Written> {
    return this.#call.write('experience.delete', { id }, options)
  }

  /** Counts one more use of the experience; returns the total after it. */
  async reinforce(id: string, options: WriteOptions = {}): Promise<Written & { readonly applications: number }> {
    const { applications, token } = await this.#call.call('experience.reinforce', { id }, options)
    return { applications, token }
  }

  /** The k best that match: by meaning, by words, or by both, as far as the query gives them. */
  async search(
    query: SearchInput,
    options: CallOptions & IncludeInput = {},
  ): Promise<{ readonly results: readonly SearchHit[]; readonly token: string }> {
    const { fields, known } = queryOf(query, options)
    const { results, token } = await this.#embeddings.asked(fields, async (asked) =>
      this.#call.call('experience.search', asked, known),
    )
    return { results, token }
  }

  /** Newest first. */
  async recent(query: RecentInput = {}, options: CallOptions & IncludeInput = {}): Promise<readonly Experience[]> {
    const { fields, known } = queryOf(query, options)
    return (await this.#call.call('experience.recent', fields, known)).items
  }

  /** Oldest first, archived ones included, page by page; `cursor` is absent at the end. */
  async list(query: ListInput = {}, options: CallOptions & IncludeInput = {}): Promise<Page<Experience>> {
    const { fields, known } = queryOf(query, options)
    return pageOf(await this.#call.call('experience.list', fields, known))
  }

  /** How alive the experience is, 0..1: it fades with time and rises with reinforcement. `now`: as of which time. */
  async energy(id: string, options: CallOptions & { readonly now?: TimeInput | undefined } = {}): Promise<number> {
    const { now, ...known } = optionsOf(options, [...SESSION_OPTIONS, 'now'])
    return (await this.#call.call('experience.energy', { id, now }, known)).energy
  }

  /** Experiences whose energy is below a bound, the coldest first; archived ones are not among them. */
  async cold(query: ColdInput = {}, options: CallOptions = {}): Promise<ResultOf<'experience.cold'>['items']> {
    return (await this.#call.call('experience.cold', plainMap(query, 'query', { isRequest: true }), options)).items
  }

  /** What an agent should know before it starts, all of one moment: near, recent, concluded, related, who is there. */
  async context(
    query: ContextInput,
    options: CallOptions & IncludeInput = {},
  ): Promise<ResultOf<'context.get'> & Written> {
    const { fields, known } = queryOf(query, options)
    const { similar, recent, insights, relations, activeAgents, token } = await this.#embeddings.asked(
      fields,
      async (asked) => this.#call.call('context.get', asked, known),
    )
    return { similar, recent, insights, relations, activeAgents, token }
  }

  /** Says how one experience bears on another. At most one relation of a type leads from one to the other. */
  async relate(relation: RelationInput, options: WriteOptions = {}): Promise<Written & { readonly id: string }> {
    return this.#create('relation.create', plainMap(relation, 'relation', { isRequest: true }), options)
  }

  async unrelate(id: string, options: WriteOptions = {}): Promise<Written> {
    return this.#call.write('relation.delete', { id }, options)
  }

  async getRelation(id: string, options: CallOptions = {}): Promise<Relation | undefined> {
    return (await this.#call.call('relation.get', { id }, options)).relation
  }

  /** The collective's relations, oldest first, page by page. */
  async relations(query: PageInput = {}, options: CallOptions = {}): Promise<Page<Relation>> {
    return pageOf(await this.#call.call('relation.list', plainMap(query, 'query', { isRequest: true }), options))
  }

  /** Everything that is related to an experience: outgoing first, then incoming, each oldest first. */
  async related(
    id: string,
    query: RelatedInput = {},
    options: CallOptions & IncludeInput = {},
  ): Promise<readonly Related[]> {
    const { fields, known } = queryOf(query, options)
    refuseFields(fields, ['id', 'limit', 'cursor'])
    const all: Related[] = []
    let cursor: string | undefined
    do {
      const page = await this.#call.call('relation.related', { ...fields, id, cursor, limit: RELATED_OF_PAGE }, known)
      all.push(...page.items)
      cursor = page.cursor
    } while (cursor !== undefined)
    return all
  }

  /** Ways from one experience to another, or to all that can be reached, shortest first. */
  async paths(query: PathsInput, options: CallOptions = {}): Promise<ResultOf<'relation.paths'>> {
    const fields = plainMap(query, 'query', { isRequest: true })
    const { paths, truncated } = await this.#call.call('relation.paths', fields, options)
    return { paths, truncated }
  }

  /** Keeps what was concluded from experiences. It becomes stale when one of them is deleted. */
  async storeInsight(insight: InsightInput, options: WriteOptions = {}): Promise<Written & { readonly id: string }> {
    return this.#create('insight.store', plainMap(insight, 'insight', { isRequest: true }), options)
  }

  /** The insight with its embedding, or `undefined`. */
  async getInsight(id: string, options: CallOptions = {}): Promise<Insight | undefined> {
    return (await this.#call.call('insight.get', { id }, options)).insight
  }

  /** The k nearest insights, best first. */
  async insights(query: InsightSearchInput, options: CallOptions & IncludeInput = {}): Promise<readonly InsightHit[]> {
    const { fields, known } = queryOf(query, options)
    // Their words are not searched: a text is only what an embedding is made of.
    const { results } = await this.#embeddings.asked(fields, async ({ text: _, ...asked }) =>
      this.#call.call('insight.search', asked, known),
    )
    return results
  }

  /** The collective's insights, oldest first, page by page. */
  async listInsights(query: InsightListInput = {}, options: CallOptions & IncludeInput = {}): Promise<Page<Insight>> {
    const { fields, known } = queryOf(query, options)
    return pageOf(await this.#call.call('insight.list', fields, known))
  }

  async deleteInsight(id: string, options: WriteOptions = {}): Promise<Written> {
    return this.#call.write('insight.delete', { id }, options)
  }

  /** Carries out up to 1000 writes, each seeing those before it, all or none; results come in their order. */
  async commit<const Commands extends readonly BatchCommandInput[]>(
    commands: Commands,
    options: WriteOptions = {},
  ): Promise<Written & { readonly results: BatchResults<Commands>; readonly sequence: number }> {
    const given = plainMaps(commands, 'commands', limits.BATCH_ITEMS_MAX)
    const known = optionsOf(options, SESSION_OPTIONS)
    const { results, sequence, token } = await this.#embeddings.filled(given, async (filled) =>
      this.#call.call('batch.commit', { commands: filled }, known),
    )
    return { results: results as BatchResults<Commands>, sequence, token }
  }

  /**
   * The changes as they happen, in order, without gap or repeat: `for await (const change of hive.watch()) …`. To go
   * on later, pass the last one's `cursor` as `from`. Ends without an error when the signal is aborted or the loop is
   * left.
   */
  watch(input: WatchInput = {}): Watch {
    return new Watch(this.#call, input)
  }

  /**
   * The changes after a place: one reply, and the `next` place to go on from. `lost`: changes after `from` are gone,
   * and `next` is the oldest place that is kept.
   */
  async poll(input: PollInput = {}, options: PollOptions = {}): Promise<Changes> {
    return pollChanges(this.#call, input, options)
  }

  async stats(options: CallOptions = {}): Promise<CollectiveStats> {
    return (await this.#call.call('collective.stats', {}, options)).stats
  }

  /**
   * Puts an export back with the fields that the server owns (a list is one of experiences); what is there already,
   * byte for byte, is counted and left alone.
   */
  async restore(
    what: readonly RestoreInput[] | RestoreManyInput,
    options: WriteOptions = {},
  ): Promise<Written & { readonly restored: number; readonly existing: number }> {
    const fields = isList(what)
      ? { experiences: plainCopy(what, 'experiences') }
      : plainMap(what, 'experiences', { isRequest: true })
    const { restored, existing, token } = await this.#call.call('collective.restore', fields, options)
    return { restored, existing, token }
  }

  /** Changes what the collective is called, whose it is, or how energy fades in it. */
  async updateCollective(
    update: CollectiveUpdateInput,
    options: WriteOptions = {},
  ): Promise<Written & { readonly collective: Collective }> {
    const fields = plainMap(update, 'update', { isRequest: true })
    const { collective, token } = await this.#call.call('collective.update', fields, options)
    this.#collective = collective
    return { collective, token }
  }

  /** Deletes the collective with everything in it. */
  async deleteCollective(options: WriteOptions = {}): Promise<Written> {
    return this.#call.write('collective.delete', {}, options)
  }

  /** Of what has a content the embedding is made where it is missing. */
  async #create(
    operation: 'experience.record' | 'relation.create' | 'insight.store',
    fields: RequestBody,
    options: WriteOptions,
  ): Promise<Written & { readonly id: string }> {
    const known = optionsOf(options, SESSION_OPTIONS)
    const { id, token } = await this.#embeddings.filled([fields], async ([filled = fields]) =>
      this.#call.call(operation, filled, known),
    )
    return { id, token }
  }
}

/**
 * The embeddings that callers of a collective leave out, made by its embedder where it has one.
 *
 * M1  Where none is to be made, what follows happens at once: writes stay in the order in which they were sent, and
 *     what was begun before closing is.
 */
import { invalidField, type Collective } from '@waggle/protocol'
import type { RequestBody } from './caller.ts'
import type { Embedders } from './embedders.ts'
import { isAbsent } from './plain-data.ts'

export class MissingEmbeddings {
  readonly #embedders: Embedders
  readonly #collective: Pick<Collective, 'embedder' | 'dimension'>

  constructor(embedders: Embedders, collective: Pick<Collective, 'embedder' | 'dimension'>) {
    this.#embedders = embedders
    this.#collective = collective
  }

  /**
   * Passes the items on, those with a content with an embedding too. M1
   * @throws Fault `EMBEDDER_NOT_FOUND`, `EMBEDDER_FAILED`
   */
  async filled<Result>(
    items: readonly RequestBody[],
    use: (items: readonly RequestBody[]) => Promise<Result>,
  ): Promise<Result> {
    const lacking = items.filter((item) => this.#isToBeMade(item.embedding, item.content))
    if (lacking.length === 0) return use(items)
    const vectors = await this.#embed(lacking.map(({ content }) => content as string))
    const made = new Map(lacking.map((item, index) => [item, vectors[index]]))
    return use(items.map((item) => (made.has(item) ? { ...item, embedding: made.get(item) } : item)))
  }

  /** Passes a query on, one with a text alone with its embedding too. M1 @throws Fault as `filled`, `INVALID_FIELD` */
  async asked<Result>(query: RequestBody, use: (query: RequestBody) => Promise<Result>): Promise<Result> {
    const { embedding: given, text } = query
    if (isAbsent(text)) return use(query)
    if (!isText(text)) throw invalidField('text', 'text that is not empty')
    if (!this.#isToBeMade(given, text)) return use(query)
    const [embedding] = await this.#embed([text])
    return use({ ...query, embedding })
  }

  #isToBeMade(embedding: unknown, text: unknown): boolean {
    return isAbsent(embedding) && isText(text) && this.#collective.embedder !== undefined
  }

  async #embed(texts: readonly string[]) {
    return this.#embedders.embed(this.#collective, texts)
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.length > 0

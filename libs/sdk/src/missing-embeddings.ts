/** The embeddings that callers of a collective leave out, made by its embedder where it has one. */
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
   * The items, of which those with a content have an embedding too.
   * @throws Fault `EMBEDDER_NOT_FOUND`, `EMBEDDER_FAILED`
   */
  async fill(items: readonly RequestBody[]): Promise<readonly RequestBody[]> {
    if (this.#collective.embedder === undefined) return items
    const lacking = items.filter(({ embedding, content }) => isAbsent(embedding) && isText(content))
    if (lacking.length === 0) return items
    const vectors = await this.#embed(lacking.map(({ content }) => content as string))
    const made = new Map(lacking.map((item, index) => [item, vectors[index]]))
    return items.map((item) => (made.has(item) ? { ...item, embedding: made.get(item) } : item))
  }

  /** As `fill`, of one. */
  async fillOne(item: RequestBody): Promise<RequestBody> {
    const [filled = item] = await this.fill([item])
    return filled
  }

  /** A query with its embedding in place of its text. @throws Fault as `fill`, `INVALID_FIELD` */
  async ofQuery({ text, ...query }: RequestBody): Promise<RequestBody> {
    if (!isAbsent(query.embedding) || isAbsent(text)) return query
    if (!isText(text)) throw invalidField('text', 'text that is not empty')
    if (this.#collective.embedder === undefined) return query
    const [embedding] = await this.#embed([text])
    return { ...query, embedding }
  }

  async #embed(texts: readonly string[]) {
    return this.#embedders.embed(this.#collective, texts)
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.length > 0

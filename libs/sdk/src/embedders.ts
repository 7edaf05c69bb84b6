/** The embedders that a client may use, by the name that collectives keep. */
import {
  HASHING_DIMENSION_MAX,
  HASHING_DIMENSION_MIN,
  HASHING_EMBEDDER_NAME,
  hashingEmbedder,
  type Embedder,
} from '@waggle/embedding'
import { isFault } from '@waggle/kernel'
import { fault, invalidField, type Collective } from '@waggle/protocol'
import type { EmbeddingInput } from './inputs.ts'

/** What users may write for the offline embedder of whatever version is current. */
const HASHING = 'hashing'

export class Embedders {
  #known: readonly Embedder[]

  /** @throws Fault `INVALID_FIELD` */
  constructor(known: readonly Embedder[]) {
    if (!Array.isArray(known)) throw invalidField('embedders', 'list of embedders')
    this.#known = known.map((embedder: unknown, index) => checked(embedder, `embedders[${index}]`))
  }

  /**
   * The name under which a new collective keeps its embedder.
   * @throws Fault `EMBEDDER_NOT_FOUND`, `INVALID_FIELD`, or `DIMENSION_MISMATCH` for an embedder of another dimension
   */
  nameFor(given: unknown, dimension: number): string {
    if (typeof given === 'string') return this.#find(given, dimension).name
    const embedder = checked(given, 'embedder')
    if (embedder.dimension !== dimension)
      throw fault(
        'DIMENSION_MISMATCH',
        `embedder has another dimension expected=${dimension} got=${embedder.dimension}`,
        { field: 'embedder', expected: dimension, got: embedder.dimension },
      )
    this.#learn(embedder)
    return embedder.name
  }

  /**
   * One vector a text, by the collective's embedder, which it must have. Whether they are vectors of its dimension is
   * judged like those that a caller sends.
   * @throws Fault `EMBEDDER_NOT_FOUND`, `EMBEDDER_FAILED`
   */
  async embed(
    collective: Pick<Collective, 'embedder' | 'dimension'>,
    texts: readonly string[],
  ): Promise<readonly EmbeddingInput[]> {
    const { embedder: name = '', dimension } = collective
    const embedder = this.#find(name, dimension)
    const failed = (reason: string, cause?: unknown) =>
      fault('EMBEDDER_FAILED', `embedder failed name=${name} reason=${reason}`, { field: 'embedder', name }, { cause })
    let vectors: unknown
    try {
      vectors = await embedder.embed(texts)
    } catch (error) {
      throw isFault(error) ? error : failed(reasonOf(error), error)
    }
    if (!Array.isArray(vectors) || vectors.length !== texts.length) throw failed('not one vector a text')
    return vectors as EmbeddingInput[]
  }

  #find(name: string, dimension: number): Embedder {
    const known = this.#known.find((embedder) => embedder.name === name && embedder.dimension === dimension)
    if (known !== undefined) return known
    const isHashing = name === HASHING || name === HASHING_EMBEDDER_NAME
    if (!isHashing || dimension < HASHING_DIMENSION_MIN || dimension > HASHING_DIMENSION_MAX)
      throw fault('EMBEDDER_NOT_FOUND', `embedder not found name=${name.slice(0, 100)} dimension=${dimension}`, {
        field: 'embedder',
        name: name.slice(0, 100),
        dimension,
      })
    const hashing = hashingEmbedder({ dimension })
    this.#learn(hashing)
    return hashing
  }

  /** One that is given again takes the place of its namesake, which may be closed by now. */
  #learn(embedder: Embedder): void {
    const { name, dimension } = embedder
    const others = this.#known.filter((known) => known.name !== name || known.dimension !== dimension)
    this.#known = [...others, embedder]
  }
}

/** @throws Fault `INVALID_FIELD` for what is no embedder */
const checked = (value: unknown, field: string): Embedder => {
  const refused = () => invalidField(field, 'an embedder with a name and a dimension, or the name of one')
  if (typeof value !== 'object' || value === null) throw refused()
  try {
    const embedder = value as Record<keyof Embedder, unknown>
    const isNamed = typeof embedder.name === 'string' && embedder.name !== ''
    if (isNamed && Number.isInteger(embedder.dimension) && typeof embedder.embed === 'function')
      return value as Embedder
  } catch {
    // A property that throws makes it no embedder either.
  }
  throw refused()
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'it threw something')

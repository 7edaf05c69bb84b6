/** The embedders that a client may use, by the name that collectives keep. */
import {
  HASHING_DIMENSION_MAX,
  HASHING_DIMENSION_MIN,
  HASHING_EMBEDDER_NAME,
  hashingEmbedder,
  type Embedder,
} from '@waggle/embedding'
import { fault, invalidField, type Collective } from '@waggle/protocol'

/** What users may write for the offline embedder of whatever version is current. */
const HASHING = 'hashing'

export class Embedders {
  readonly #known: Embedder[]

  constructor(known: readonly Embedder[]) {
    this.#known = [...known]
  }

  /**
   * The name under which a new collective keeps its embedder.
   * @throws Fault `EMBEDDER_NOT_FOUND`, or `DIMENSION_MISMATCH` for an embedder of another dimension
   */
  nameFor(embedder: Embedder | string | undefined, dimension: number): string | undefined {
    if (embedder === undefined) return undefined
    if (typeof embedder === 'string') return this.#find(embedder, dimension).name
    if (typeof embedder.embed !== 'function') throw invalidField('embedder', 'an embedder or the name of one')
    if (embedder.dimension !== dimension)
      throw fault(
        'DIMENSION_MISMATCH',
        `embedder has another dimension expected=${dimension} got=${embedder.dimension}`,
        {
          field: 'embedder',
          expected: dimension,
          got: embedder.dimension,
        },
      )
    this.#known.push(embedder)
    return embedder.name
  }

  /** The embedder of a collective, or `undefined` where it has none. @throws Fault `EMBEDDER_NOT_FOUND` */
  of({ embedder, dimension }: Pick<Collective, 'embedder' | 'dimension'>): Embedder | undefined {
    return embedder === undefined ? undefined : this.#find(embedder, dimension)
  }

  #find(name: string, dimension: number): Embedder {
    const known = this.#known.find((embedder) => embedder.name === name && embedder.dimension === dimension)
    if (known !== undefined) return known
    const isHashing = name === HASHING || name === HASHING_EMBEDDER_NAME
    if (!isHashing || dimension < HASHING_DIMENSION_MIN || dimension > HASHING_DIMENSION_MAX)
      throw fault('EMBEDDER_NOT_FOUND', `embedder not found name=${name} dimension=${dimension}`, {
        field: 'embedder',
        name,
        dimension,
      })
    const hashing = hashingEmbedder({ dimension })
    this.#known.push(hashing)
    return hashing
  }
}

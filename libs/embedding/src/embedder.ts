/**
 * Turns texts into vectors, so that texts of similar meaning lie close to each other by cosine.
 *
 * A collective stores vectors of one embedder only: those of two embedders cannot be compared, even at the same
 * dimension. Implementations must be safe to call concurrently.
 */
export interface Embedder {
  /**
   * Identifies the algorithm or model, version included (`hashing-1`). It is stored with the collective, so a change of
   * the vectors needs a new name.
   */
  readonly name: string

  /** Length of every vector, a positive integer: the dimension of the collectives it can serve. */
  readonly dimension: number

  /**
   * One vector a text, in the order given; no texts give no vectors. Each vector belongs to the caller, has `dimension`
   * finite components, at least one of them not zero, and need not be of unit length unless the implementation says so.
   *
   * @throws a plain Error, or a subclass such as TypeError, as a rejection and for programmer errors only, such as an
   * element that is not a string. Any string is a valid text, the empty one included.
   */
  embed(texts: readonly string[]): Promise<Float32Array[]>
}

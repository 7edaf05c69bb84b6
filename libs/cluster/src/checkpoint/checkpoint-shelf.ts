/** Where checkpoints are kept: JetStream's Object Store in production, memory in a simulation. */

export interface ShelvedObject {
  readonly name: string
  readonly bytes: number
  /** What whoever put it there said of it. */
  readonly about: Readonly<Record<string, string>>
}

export interface ShelvedPiece {
  readonly bytes: Uint8Array
  /** Of the whole object. */
  readonly total: number
  /** For the next piece. */
  readonly cursor: number
}

export interface CheckpointShelf {
  /** Whole, or not there; in the place of one of the same name. @throws Fault `SHARD_NOT_READY`, `STORAGE_FULL` */
  put(name: string, chunks: AsyncIterable<Uint8Array>, about: Readonly<Record<string, string>>): Promise<void>
  /** The bytes as they were put, in pieces. @throws Fault `NOT_FOUND`, `SHARD_NOT_READY`, `CORRUPT` */
  get(name: string): AsyncIterable<Uint8Array>
  /**
   * One piece of it, for whoever comes back for the next: with a cursor of 0 the first. That the pieces are what was
   * put their reader has to see from them.
   * @throws Fault `NOT_FOUND`, `SHARD_NOT_READY`, `CORRUPT`
   */
  piece(name: string, cursor: number): Promise<ShelvedPiece>
  /** All that are there whose name begins so, by name. @throws Fault `SHARD_NOT_READY` */
  list(prefix: string): Promise<readonly ShelvedObject[]>
  /** Does nothing where there is none. @throws Fault `SHARD_NOT_READY` */
  remove(name: string): Promise<void>
}

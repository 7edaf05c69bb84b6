/** Where checkpoints are kept: JetStream's Object Store in production, memory in a simulation. */

export interface ShelvedObject {
  readonly name: string
  readonly bytes: number
  /** What whoever put it there said of it. */
  readonly about: Readonly<Record<string, string>>
}

export interface CheckpointShelf {
  /** Whole, or not there; in the place of one of the same name. @throws Fault `SHARD_NOT_READY`, `STORAGE_FULL` */
  put(name: string, chunks: AsyncIterable<Uint8Array>, about: Readonly<Record<string, string>>): Promise<void>
  /** The bytes as they were put, in pieces. @throws Fault `NOT_FOUND`, `SHARD_NOT_READY`, `CORRUPT` */
  get(name: string): AsyncIterable<Uint8Array>
  /** All that are there whose name begins so, by name. @throws Fault `SHARD_NOT_READY` */
  list(prefix: string): Promise<readonly ShelvedObject[]>
  /** Does nothing where there is none. @throws Fault `SHARD_NOT_READY` */
  remove(name: string): Promise<void>
}

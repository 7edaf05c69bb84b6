/** Where a node keeps the states of its replicas: folders of LevelDB in production, memory in a simulation. */
import type { GraphFolder, KeyValueStore } from '@waggle/engine'

/** Bytes of the file system under a node's folder. */
export interface DiskRoom {
  readonly bytesFree: number
  readonly bytesMax: number
}

export interface NodeDisk {
  /**
   * Takes the folder for this process: two never work on one replica.
   * @throws Fault `DATABASE_LOCKED`
   */
  lock(): Promise<{ release(): Promise<void> }>
  /** Shards of which there is a state. */
  shards(): Promise<readonly number[]>
  /** The state of a shard, made where there is none. @throws Fault `CORRUPT`, `STORAGE_FAILED` */
  open(shard: number): Promise<KeyValueStore>
  /** Where the graphs of a shard's large indexes are; absent: there are none. */
  graphs?(shard: number): GraphFolder
  /** An empty store beside the state of a shard; what an earlier life left there is gone. @throws Fault */
  openDraft(shard: number): Promise<KeyValueStore>
  /**
   * Puts the draft in the place of the state; both are closed. A crash in the middle may leave no state.
   * @throws Fault `STORAGE_FAILED`
   */
  promoteDraft(shard: number): Promise<void>
  /** Moves the state of a shard, which is closed, out of the way; resolves with where it is kept. */
  setAside(shard: number): Promise<string>
  /** Removes the state of a shard, which is closed, and its graphs. */
  remove(shard: number): Promise<void>
  /** `undefined` where it cannot be told. */
  room(): Promise<DiskRoom | undefined>
}

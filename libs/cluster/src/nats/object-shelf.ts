/** Checkpoints in JetStream's Object Store. */
import { fault } from '@waggle/protocol'
import type { CheckpointShelf } from '../checkpoint/checkpoint-shelf.ts'

export const objectShelf = (): CheckpointShelf => {
  const notBuilt = () => fault('SHARD_NOT_READY', 'no checkpoints are kept yet')
  return {
    put: async () => Promise.reject(notBuilt()),
    get() {
      throw notBuilt()
    },
    list: async () => Promise.resolve([]),
    remove: async () => Promise.resolve(),
  }
}

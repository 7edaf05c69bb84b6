import { temporaryFolder } from '@waggle/engine/testing'
import { waggleContract, type OpenStore, type ReopenOptions } from '@waggle/sdk/testing'
import { openWaggle } from './open-waggle.ts'

const open: OpenStore = async () => {
  const folder = await temporaryFolder()
  let waggle = await openWaggle({ path: folder.path })
  return {
    waggle,
    async reopen(options: ReopenOptions = {}) {
      await waggle.close()
      waggle = await openWaggle({ path: folder.path, ...options })
      return waggle
    },
    async dispose() {
      await waggle.close()
      await folder.remove()
    },
  }
}

waggleContract('an embedded store', open, { keepsSendingOrder: true, shards: 1 })

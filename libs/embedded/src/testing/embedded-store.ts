import { temporaryFolder } from '@waggle/engine/testing'
import type { OpenStore, ReopenOptions } from '@waggle/sdk/testing'
import { openWaggle } from '../open-waggle.ts'

/** A store over a folder of the test's own. */
export const openEmbeddedStore: OpenStore = async () => {
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

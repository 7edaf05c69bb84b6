/** Exoware's, VelesDB's and MenteDB's cases on a folder of this machine. */
import { temporaryFolder } from '@waggle/engine/testing'
import { storesParity } from '@waggle/sdk/testing'
import { openWaggle } from './open-waggle.ts'

storesParity('embedded', async () => {
  const folder = await temporaryFolder()
  let waggle = await openWaggle({ path: folder.path })
  return {
    get waggle() {
      return waggle
    },
    // One process holds a folder, through one client.
    get other() {
      return waggle
    },
    async restart() {
      await waggle.close()
      waggle = await openWaggle({ path: folder.path })
    },
    async dispose() {
      await waggle.close()
      await folder.remove()
    },
  }
})

/** The storage port's collectives. */
import { storedRecord } from '@waggle/protocol'
import type { CollectiveStorage } from './storage-engine.ts'
import type { StorageSession } from './storage-session.ts'

export const collectiveStorage = (session: StorageSession): CollectiveStorage => ({
  async saveCollective(collective) {
    await session.command('storage.saveCollective', storedRecord('collective', collective, ''))
  },

  async getCollective(id) {
    const known = storedRecord('id', id, 'id')
    return session.read((reading) => reading.collective(known)?.collective)
  },

  async listCollectives() {
    return session.read(async (reading) => (await reading.collectives()).map(({ collective }) => collective))
  },

  async deleteCollective(id) {
    const { found } = await session.command('storage.deleteCollective', { id: storedRecord('id', id, 'id') })
    return found
  },
})

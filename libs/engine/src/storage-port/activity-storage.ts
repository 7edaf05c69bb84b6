/** The storage port's activities. */
import { storedRecord, type Activity } from '@waggle/protocol'
import { activityOf, readActivity, scanActivities } from '../memory/activity/activity-rows.ts'
import type { ActivityStorage } from './storage-engine.ts'
import { deleteAll } from './bulk-deletion.ts'
import type { StorageSession } from './storage-session.ts'

export const activityStorage = (session: StorageSession): ActivityStorage => ({
  async saveActivity(activity) {
    const known = storedRecord('activity', activity, '')
    const { collective } = known
    await session.command('storage.saveActivity', known, { collective })
  },

  async getActivity(agent, collective) {
    const name = storedRecord('agent', agent, 'agent')
    const known = storedRecord('id', collective, 'collective')
    return session.read((reading) => {
      const scope = reading.collective(known)?.scope
      const row = scope && readActivity(reading.state, scope, name)
      return row && activityOf(known, row)
    })
  },

  async deleteActivity(agent, collective) {
    const fields = {
      agent: storedRecord('agent', agent, 'agent'),
      collective: storedRecord('id', collective, 'collective'),
    }
    const { found } = await session.command('storage.deleteActivity', fields, { collective: fields.collective })
    return found
  },

  async listActivitiesInCollective(collective) {
    const known = storedRecord('id', collective, 'collective')
    return session.read(async (reading) => {
      const scope = reading.collective(known)?.scope
      const found: Activity[] = []
      if (scope !== undefined)
        for await (const row of scanActivities(reading.state, scope)) found.push(activityOf(known, row))
      return found
    })
  },

  async deleteActivitiesByCollective(collective) {
    const known = storedRecord('id', collective, 'collective')
    return deleteAll(session, {
      collective: known,
      async *list({ state }, scope) {
        for await (const { agent } of scanActivities(state, scope)) yield agent
      },
      step: (ids) => session.command('storage.deleteActivities', { collective: known, ids }, { collective: known }),
    })
  },
})

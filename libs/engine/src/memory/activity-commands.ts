/** Decisions about activities. */
import type { Deciders } from '../command/decider.ts'

export const activityDeciders: Pick<Deciders, 'activity.register' | 'activity.heartbeat' | 'activity.end'> = {
  'activity.register': () => {
    throw notBuilt()
  },
  'activity.heartbeat': () => {
    throw notBuilt()
  },
  'activity.end': () => {
    throw notBuilt()
  },
}

const notBuilt = () => new Error('not built')

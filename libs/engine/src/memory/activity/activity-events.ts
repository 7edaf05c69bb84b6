/** What the events of activities do to the state. No journal speaks of them: presence is of the moment. */
import { present } from '@waggle/kernel'
import type { ApplyContext, Appliers } from '../../event/applier.ts'
import { eraseActivity, putActivity, readActivity } from './activity-rows.ts'

type ActivityAppliers = Pick<Appliers, 'ActivityRegistered' | 'ActivityContinued' | 'ActivityEnded'>

export const activityAppliers: ActivityAppliers = {
  ActivityRegistered(body, context) {
    const { timeMs } = context
    const { agent, task, summary } = body
    putActivity(context.state, context.scope(), {
      agent,
      ...(task === undefined ? {} : { task }),
      ...(summary === undefined ? {} : { summary }),
      startedAt: timeMs,
      lastHeartbeat: timeMs,
    })
  },

  ActivityContinued({ agent }, context) {
    putActivity(context.state, context.scope(), { ...stored(context, agent), lastHeartbeat: context.timeMs })
  },

  ActivityEnded({ agent }, { state, scope }) {
    eraseActivity(state, scope(), agent)
  },
}

const stored = ({ state, scope }: ApplyContext, agent: string) =>
  present(readActivity(state, scope(), agent), 'activity of an event')

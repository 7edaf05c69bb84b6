/** Decisions about activities. */
import { checkActivity, checkActivityAgent, excerpt, fault, type CollectiveId, type LogEvent } from '@waggle/protocol'
import type { DecideContext, Deciders, Decision } from '../../command/decider.ts'
import { event } from '../../event/events.ts'
import { readActivity } from './activity-rows.ts'
import { knownCollective } from '../collective/collective-commands.ts'

export const activityDeciders: Pick<Deciders, 'activity.register' | 'activity.heartbeat' | 'activity.end'> = {
  /** Who is registered already begins anew. */
  'activity.register'({ collective, ...activity }, { view, tenant }) {
    checkActivity(activity)
    knownCollective(view, tenant, collective)
    return { events: [event('ActivityRegistered', activity)], result: {} }
  },

  'activity.heartbeat': ({ collective, agent }, context) =>
    ofKnown(collective, agent, context, event('ActivityContinued', { agent })),

  'activity.end': ({ collective, agent }, context) =>
    ofKnown(collective, agent, context, event('ActivityEnded', { agent })),
}

/** @throws Fault `REQUIRED_FIELD`, `INVALID_FIELD`, `NOT_FOUND` */
const ofKnown = (
  collective: CollectiveId,
  agent: string,
  { view, tenant }: DecideContext,
  event: LogEvent,
): Decision<object> => {
  checkActivityAgent(agent)
  const { scope } = knownCollective(view, tenant, collective)
  if (readActivity(view, scope, agent) === undefined)
    throw fault('NOT_FOUND', `activity not found agent=${excerpt(agent)} collective=${collective}`, {
      ...{ entity: 'activity', agent: excerpt(agent), collective },
    })
  return { events: [event], result: {} }
}

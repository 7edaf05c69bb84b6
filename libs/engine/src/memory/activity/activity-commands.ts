/** Decisions about activities. */
import { utf8Size } from '@waggle/kernel'
import {
  contentTooLarge,
  excerpt,
  fault,
  invalidField,
  limits,
  requiredField,
  type CollectiveId,
  type LogEvent,
} from '@waggle/protocol'
import type { DecideContext, Deciders, Decision } from '../../command/decider.ts'
import { event } from '../../event/events.ts'
import { readActivity } from './activity-rows.ts'
import { knownCollective } from '../collective/collective-commands.ts'

export const activityDeciders: Pick<Deciders, 'activity.register' | 'activity.heartbeat' | 'activity.end'> = {
  /** Who is registered already begins anew. */
  'activity.register'({ collective, ...activity }, { view, tenant }) {
    checkAgent(activity.agent)
    checkText(activity.task, 'task')
    checkText(activity.summary, 'summary')
    knownCollective(view, tenant, collective)
    return { events: [event('ActivityRegistered', activity)], result: {} }
  },

  'activity.heartbeat': ({ collective, agent }, context) =>
    ofKnown(collective, agent, context, event('ActivityContinued', { agent })),

  'activity.end': ({ collective, agent }, context) =>
    ofKnown(collective, agent, context, event('ActivityEnded', { agent })),
}

/** PulseDB's order: empty, too long. */
export const checkAgent = (agent: string): void => {
  if (agent.length === 0) throw requiredField('agent')
  const size = utf8Size(agent)
  const limit = limits.ACTIVITY_AGENT_BYTES_MAX
  if (size > limit) throw invalidField('agent', `at most ${limit} bytes`, { size, limit })
}

export const checkText = (text: string | undefined, field: string): void => {
  const size = utf8Size(text ?? '')
  const limit = limits.ACTIVITY_TEXT_BYTES_MAX
  if (size > limit) throw contentTooLarge(field, size, limit)
}

/** @throws Fault `REQUIRED_FIELD`, `INVALID_FIELD`, `NOT_FOUND` */
const ofKnown = (
  collective: CollectiveId,
  agent: string,
  { view, tenant }: DecideContext,
  event: LogEvent,
): Decision<object> => {
  checkAgent(agent)
  const { scope } = knownCollective(view, tenant, collective)
  if (readActivity(view, scope, agent) === undefined)
    throw fault('NOT_FOUND', `activity not found agent=${excerpt(agent)} collective=${collective}`, {
      ...{ entity: 'activity', agent: excerpt(agent), collective },
    })
  return { events: [event], result: {} }
}

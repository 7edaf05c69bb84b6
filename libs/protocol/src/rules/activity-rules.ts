/** The rules of an activity's fields, in PulseDB's published order of checks. */
import type { NewActivity } from '../activity.ts'
import { ACTIVITY_AGENT_BYTES_MAX, ACTIVITY_TEXT_BYTES_MAX } from '../limits.ts'
import { checkAgent, checkSize } from './field-rules.ts'

export const checkActivityAgent = (agent: string): void => {
  checkAgent(agent, 'agent', ACTIVITY_AGENT_BYTES_MAX)
}

export const checkActivity = ({ agent, task, summary }: NewActivity): void => {
  checkActivityAgent(agent)
  checkSize(task, 'task', ACTIVITY_TEXT_BYTES_MAX)
  checkSize(summary, 'summary', ACTIVITY_TEXT_BYTES_MAX)
}

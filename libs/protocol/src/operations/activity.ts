import { REQUEST_BYTES_MAX } from '../limits.ts'
import { optional, withDefault } from '../schema/decoder.ts'
import { text, time, uuid } from '../schema/values.ts'
import { operation } from './operation.ts'

const anyText = text({ bytesMax: REQUEST_BYTES_MAX })
const agent = { collective: uuid, agent: withDefault(anyText, '') }

export const activityFields = {
  agent: withDefault(anyText, ''),
  task: optional(anyText),
  summary: optional(anyText),
} as const

export const activityOperations = {
  'activity.register': operation('write', { collective: uuid, ...activityFields }),
  'activity.heartbeat': operation('write', agent),
  'activity.end': operation('write', agent),
  'activity.active': operation('read', { collective: uuid, now: optional(time) }),
} as const

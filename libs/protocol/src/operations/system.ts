/** Operations of the operators, on the subjects of `$sys`. They speak of a cluster as a whole and of no tenant. */
import { NODE_NAME_LENGTH_MAX, SHARDS_MAX } from '../limits.ts'
import { invalidField, optional, type Decoder } from '../schema/decoder.ts'
import { integer } from '../schema/values.ts'
import { operation } from './operation.ts'

/** A router answers them from what it has heard. */
const stateOperations = {
  'shard.list': operation('system', {}),
  'log.status': operation('system', {}),
  'node.list': operation('system', {}),
} as const

const NODE_NAME = /^[A-Za-z0-9_-]+$/

/** The name of a process: one token of a subject, so that a request for it reaches nobody else. */
const nodeName: Decoder<string> = (value, field) => {
  if (typeof value !== 'string' || value.length > NODE_NAME_LENGTH_MAX || !NODE_NAME.test(value))
    throw invalidField(field, `1..${NODE_NAME_LENGTH_MAX} of A-Z a-z 0-9 _ -`, { limit: NODE_NAME_LENGTH_MAX })
  return value
}

/** Absent: all shards. */
const oneShard = { shard: optional(integer({ min: 0, max: SHARDS_MAX - 1 })) } as const

/** A router passes them on: to the active compactor, or to the node that is named. */
export const commandOperations = {
  'log.prune': operation('system', oneShard),
  'checkpoint.create': operation('system', oneShard),
  'checkpoint.list': operation('system', oneShard),
  'verify.run': operation('system', oneShard),
  'node.drain': operation('system', { node: nodeName }),
} as const

export const systemOperations = { ...stateOperations, ...commandOperations } as const

/** What a router answers by itself. */
export type StateName = keyof typeof stateOperations

/** What a router passes on. */
export type CommandName = keyof typeof commandOperations

export const isCommandName = (name: string): name is CommandName => Object.hasOwn(commandOperations, name)

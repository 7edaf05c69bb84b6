/** Operations of the operators, on the subjects of `$sys`. They speak of a cluster as a whole and of no tenant. */
import { isGeneration, type Generation } from '../address.ts'
import { CHECKPOINT_PIECE_BYTES_MAX, NODE_NAME_LENGTH_MAX, SHARDS_MAX } from '../limits.ts'
import { bytes } from '../schema/bytes.ts'
import { invalidField, optional, type Decoder } from '../schema/decoder.ts'
import { map } from '../schema/map.ts'
import { boolean, integer, list, uuid } from '../schema/values.ts'
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

const generation: Decoder<Generation> = (value, field) => {
  if (!isGeneration(value)) throw invalidField(field, '16 hexadecimal digits')
  return value
}

const DIGEST = /^[0-9a-f]{64}$/

const digest: Decoder<string> = (value, field) => {
  if (typeof value !== 'string' || !DIGEST.test(value)) throw invalidField(field, '64 hexadecimal digits')
  return value
}

const shard = integer({ min: 0, max: SHARDS_MAX - 1 })
const sequence = integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
const count = integer({ min: 0, max: Number.MAX_SAFE_INTEGER })

/** Absent: all shards. */
const oneShard = { shard: optional(shard) } as const

/** A checkpoint on the shelf of checkpoints. */
const checkpoint = { node: nodeName, shard, generation, sequence } as const

/** What a shard goes on from: a checkpoint, and the life of its log that begins behind it. */
const restoredShard = map({
  generation,
  /** Of the first record of that life; above `sequence`. */
  firstSequence: sequence,
  /** Of the checkpoint, as its bytes have it. */
  sequence,
  digest,
  bytes: count,
})

/** A router passes them on: to the active compactor, or to the node that is named. */
export const commandOperations = {
  'log.prune': operation('system', oneShard),
  'checkpoint.create': operation('system', oneShard),
  'checkpoint.list': operation('system', oneShard),
  'verify.run': operation('system', oneShard),
  'node.drain': operation('system', { node: nodeName }),
  /** A piece of a checkpoint; `cursor` is that of the piece before. */
  'backup.read': operation('system', { ...checkpoint, cursor: optional(count) }),
  /** Whether the shards may be restored into, and how far a restore is. */
  'restore.look': operation('system', { node: nodeName }),
  /** Puts bytes on the shelf, in the order of their offsets; one that came already is answered as it was. */
  'restore.write': operation('system', {
    ...checkpoint,
    offset: count,
    bytes: bytes({ bytesMax: CHECKPOINT_PIECE_BYTES_MAX }),
    isLast: boolean,
  }),
  /** From now on no shard serves, until the restore is committed or lifted. */
  'restore.freeze': operation('system', { node: nodeName, restore: uuid }),
  /** All shards, in their order, go on from what was put there: all of them, or none. */
  'restore.commit': operation('system', {
    ...{ node: nodeName, restore: uuid },
    shards: list(restoredShard, { itemsMax: SHARDS_MAX }),
  }),
  /** The cluster serves again as it was. */
  'restore.lift': operation('system', { node: nodeName, restore: uuid }),
} as const

export const systemOperations = { ...stateOperations, ...commandOperations } as const

/** What a router answers by itself. */
export type StateName = keyof typeof stateOperations

/** What a router passes on. */
export type CommandName = keyof typeof commandOperations

export const isCommandName = (name: string): name is CommandName => Object.hasOwn(commandOperations, name)

/** What the node that is named does. */
export const nodeCommandNames = [
  'node.drain',
  'backup.read',
  'restore.look',
  'restore.write',
  'restore.freeze',
  'restore.commit',
  'restore.lift',
] as const satisfies readonly CommandName[]

export type NodeCommandName = (typeof nodeCommandNames)[number]

export const isNodeCommandName = (name: CommandName): name is NodeCommandName =>
  (nodeCommandNames as readonly CommandName[]).includes(name)

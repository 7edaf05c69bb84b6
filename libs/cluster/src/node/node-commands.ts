/**
 * What operators ask of one node, and its answers: to drain, to hand out a checkpoint piece by piece, and the steps of
 * a restore (`directory/cluster-restore.ts` has its rules).
 *
 * C1  Every one may be asked for twice: an operator's client repeats what is not answered at once.
 * C2  A bounded number of pieces is in memory: one that waits to be written to the shelf, of each upload (P11).
 */
import { isFault, type Fault, type Logger } from '@waggle/kernel'
import {
  commandOf,
  encodeFault,
  encodeReply,
  fault,
  isNodeCommandName,
  limits,
  OPERATOR_HEADER,
  type NodeCommandName,
  type OperatorCommand,
  type RestoreLook,
  type RestoreStatus,
  type SystemRequestOf,
  type SystemResultOf,
} from '@waggle/protocol'
import { encodeCheckpointName } from '../checkpoint/checkpoint-name.ts'
import type { CheckpointShelf } from '../checkpoint/checkpoint-shelf.ts'
import { CheckpointUploads } from '../checkpoint/checkpoint-uploads.ts'
import type { ClusterEntry, RestoredShard } from '../directory/cluster-entry.ts'
import {
  clusterNow,
  commitRestore,
  freeze,
  liftRestore,
  shardEntries,
  type RestoreDirectory,
} from '../directory/cluster-restore.ts'
import type { Bus, BusMessage } from '../nats/bus.ts'
import { headerOf, headersOf } from '../nats/headers.ts'
import type { ShardActor } from '../shard/shard-actor.ts'

export interface NodeCommandsParts extends RestoreDirectory {
  readonly node: string
  readonly connection: Bus
  readonly shelf: CheckpointShelf
  readonly logger: Logger
  readonly actors: () => readonly ShardActor[]
  readonly drain: () => void
}

type Executing = {
  readonly [Name in NodeCommandName]: (fields: SystemRequestOf<Name>) => Promise<SystemResultOf<Name>>
}

export class NodeCommands {
  readonly #parts: NodeCommandsParts
  readonly #uploads: CheckpointUploads

  constructor(parts: NodeCommandsParts) {
    this.#parts = parts
    this.#uploads = new CheckpointUploads(parts)
  }

  /** Never throws and never rejects: what goes wrong is answered or logged. */
  take(message: BusMessage): void {
    const { logger, node } = this.#parts
    const { data, reply, subject } = message
    const command = commandOf({ header: headerOf(message, OPERATOR_HEADER) ?? '', reply, data })
    if (command === undefined || !isNodeCommand(command) || command.fields.node !== node)
      logger.warn('command that this node cannot take', { subject })
    else void this.#answer(command)
  }

  async #answer({ operation, fields, reply, encoding }: NodeCommand): Promise<void> {
    const { connection, logger } = this.#parts
    const bytesMax = Math.min(
      limits.REPLY_BYTES_MAX,
      (connection.info?.max_payload ?? limits.REPLY_BYTES_MAX) - limits.PAYLOAD_OVERHEAD_BYTES,
    )
    const execute = this.#executing[operation] as (fields: unknown) => Promise<Readonly<Record<string, unknown>>>
    try {
      const { bytes, headers } = await execute(fields).then(
        (result) => encodeReply(result, encoding, bytesMax),
        (error: unknown) => encodeFault(this.#told(operation, error), encoding),
      )
      connection.publish(reply, bytes, headers === undefined ? {} : { headers: headersOf(headers) })
    } catch (error) {
      logger.warn('an operator could not be answered', { operation, reason: String(error) })
    }
  }

  #told(operation: string, error: unknown): Fault {
    if (isFault(error)) return error
    this.#parts.logger.error('an operator’s command failed', { operation, reason: String(error) })
    return fault('INTERNAL', `operation failed operation=${operation}`, { operation })
  }

  readonly #executing: Executing = {
    'node.drain': async ({ node }) => {
      this.#parts.drain()
      return { node, draining: true }
    },
    'backup.read': async ({ shard, generation, sequence, cursor = 0 }) =>
      this.#parts.shelf.piece(encodeCheckpointName({ shard, generation, sequence: sequence as never }), cursor),
    'restore.look': async () => this.#look(),
    'restore.write': async ({ shard, generation, sequence, offset, bytes, isLast }) => {
      const name = encodeCheckpointName({ shard, generation, sequence: sequence as never })
      return { received: await this.#uploads.take(name, { offset, bytes, isLast }) }
    },
    'restore.freeze': async ({ node, restore }) => {
      const entry = await freeze(this.#parts, restore)
      for (const actor of this.#parts.actors()) actor.meetGate()
      return { node, restore: statusOf(entry) as RestoreStatus }
    },
    'restore.commit': async ({ node, restore, shards }) => {
      const { logger } = this.#parts
      const entry = await commitRestore(this.#parts, restore, shards as readonly RestoredShard[])
      logger.warn('every shard goes on from what was restored', { restore })
      return { node, restore: statusOf(entry) as RestoreStatus }
    },
    'restore.lift': async ({ node, restore }) => {
      await liftRestore(this.#parts, restore)
      return { node }
    },
  }

  async #look(): Promise<RestoreLook> {
    const { node, actors } = this.#parts
    const cluster = await clusterNow(this.#parts)
    const entries = await shardEntries(this.#parts)
    const replicas: RestoreLook['replicas'][number][] = []
    for (const { observed } of actors()) {
      const { replica } = observed.hosted
      if (replica === undefined) continue
      const { shardLog, engine } = replica
      const { generation, applied } = engine.position
      replicas.push({ shard: shardLog.shard, generation, applied, isEmpty: !(await replica.holdsCollectives()) })
    }
    const restore = statusOf(cluster)
    return {
      ...{ node, shards: cluster.shards, replicas },
      ...(restore === undefined ? {} : { restore }),
      proofs: entries.map(({ generation, proof }, shard) => ({ shard, generation, ...proof })),
    }
  }
}

type NodeCommand = Extract<OperatorCommand, { readonly operation: NodeCommandName }>

const isNodeCommand = (command: OperatorCommand): command is NodeCommand => isNodeCommandName(command.operation)

const statusOf = ({ restore }: ClusterEntry): RestoreStatus | undefined => {
  if (restore === undefined || restore.state === 'frozen') return restore
  const { id, state, shards } = restore
  return { id, state, shards: shards.map(({ generation, sequence, digest }) => ({ generation, sequence, digest })) }
}

/**
 * What operators ask of the active compactor, which asks the leaders and answers the operator.
 *
 * D1  Only the active one takes a command: whoever asked another one hears nothing and asks again.
 * D2  What is asked for while the same is under way is answered with its result: an operator's client repeats what is
 *     not answered at once, and a checkpoint takes longer than that.
 * D3  Every shard is told of: what its leader answered, or why there is no answer. A leader that is not there is waited
 *     for while the operator waits.
 * D4  A few shards are asked at once, and a few commands are under way; beyond, `BUSY` (P11).
 */
import { isFault, pause, type Clock, type Fault, type Logger, type Timers } from '@waggle/kernel'
import {
  commandOf,
  decodeTakeCheckpointReply,
  encodeFault,
  encodeReply,
  fault,
  isNodeCommandName,
  limits,
  OPERATOR_HEADER,
  type CheckpointListed,
  type Encoding,
  type NodeCommandName,
  type OfShard,
  type OperatorCommand,
  type ShardBeat,
} from '@waggle/protocol'
import type { Bus, BusMessage } from '../nats/bus.ts'
import { headerOf, headersOf } from '../nats/headers.ts'
import type { ClusterView } from './cluster-view.ts'
import { askLeader } from './leader-question.ts'
import type { LogPruning } from './log-pruning.ts'

export interface OperatorCommandsParts {
  readonly connection: Bus
  readonly node: string
  readonly pid: number
  readonly view: ClusterView
  readonly pruning: Pick<LogPruning, 'prune'>
  /** The verified checkpoints of a shard, newest first. @throws Fault */
  readonly checkpoints: (shard: number) => Promise<readonly CheckpointListed[]>
  readonly isActive: () => boolean
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
}

type ShardCommand = Exclude<OperatorCommand, { readonly operation: NodeCommandName }>

const isShardCommand = (command: OperatorCommand): command is ShardCommand => !isNodeCommandName(command.operation)
type Result = Readonly<Record<string, unknown>>
/** One or more entries of the answer, of one shard. */
type Ask = (shard: number, untilMs: number) => Promise<readonly Result[]>

interface Asker {
  readonly reply: string
  readonly encoding: Encoding
}

/** D4. */
const SHARDS_AT_ONCE_MAX = 4
const UNDER_WAY_MAX = 16
const ASKERS_MAX = 64
const RETRY_AFTER_MS = 1_000
/** D3: between two looks for a leader. */
const LOOK_PAUSE_MS = 100
/** Of the operator's time for the way back. */
const ANSWER_MS = 250

export class OperatorCommands {
  readonly #parts: OperatorCommandsParts
  /** D2: who waits for what, by what it is. */
  readonly #underWay = new Map<string, Asker[]>()

  constructor(parts: OperatorCommandsParts) {
    this.#parts = parts
  }

  /** Never throws and never rejects: what goes wrong is answered or logged. */
  take(message: BusMessage): void {
    const { isActive, logger } = this.#parts
    const { reply, data } = message
    const command = commandOf({ header: headerOf(message, OPERATOR_HEADER) ?? '', reply, data })
    if (command === undefined || !isShardCommand(command))
      logger.warn('an operator’s command that cannot be taken', { subject: message.subject })
    // D1.
    else if (isActive()) this.#join(command)
  }

  /** D2, D4. */
  #join(command: ShardCommand): void {
    const { operation, fields, reply, encoding } = command
    const name = `${operation} ${fields.shard ?? 'all'}`
    const askers = this.#underWay.get(name)
    const asker = { reply, encoding }
    if (askers === undefined ? this.#underWay.size >= UNDER_WAY_MAX : askers.length >= ASKERS_MAX)
      this.#answer([asker], tooMany())
    else if (askers === undefined) {
      const first = [asker]
      this.#underWay.set(name, first)
      void this.#carryOut(command).then((result) => {
        this.#underWay.delete(name)
        this.#answer(first, result)
      })
    } else askers.push(asker)
  }

  async #carryOut({ operation, fields, timeoutMs }: ShardCommand): Promise<Result | Fault> {
    const { view, node, pid, clock, logger } = this.#parts
    logger.info('an operator’s command', { operation, ...fields })
    try {
      const { shard, untilMs } = { ...fields, untilMs: clock.monotonicMs() + Math.max(0, timeoutMs - ANSWER_MS) }
      if (view.shardCount === 0) throw fault('SHARD_NOT_READY', 'no shard of this cluster was heard of yet')
      const shards = shard === undefined ? Array.from({ length: view.shardCount }, (_, each) => each) : [shard]
      return { items: await this.#eachShard(shards, this.#asks[operation], untilMs), answeredBy: { node, pid } }
    } catch (error) {
      return toldFault(error)
    }
  }

  /** D3, D4. */
  async #eachShard(shards: readonly number[], ask: Ask, untilMs: number): Promise<readonly Result[]> {
    const left = [...shards]
    const answers = new Map<number, readonly Result[]>()
    const work = async (): Promise<void> => {
      for (let shard = left.shift(); shard !== undefined; shard = left.shift())
        try {
          answers.set(shard, await ask(shard, untilMs))
        } catch (error) {
          answers.set(shard, [{ shard, fault: toldFault(error).toJSON() }])
        }
    }
    await Promise.all(Array.from({ length: SHARDS_AT_ONCE_MAX }, work))
    return shards.flatMap((shard) => answers.get(shard) ?? [])
  }

  readonly #asks: { readonly [Name in ShardCommand['operation']]: Ask } = {
    'log.prune': async (shard, untilMs) => {
      const { epoch, stream } = await this.#leader(shard, untilMs)
      const { pruning, clock } = this.#parts
      for (;;) {
        const { done, ...moved } = await pruning.prune({ shard, epoch: epoch.sequence, stream })
        // What is left goes by itself.
        if (done || clock.monotonicMs() >= untilMs) return [{ shard, ...moved }]
      }
    },
    'checkpoint.create': async (shard, untilMs) => [await this.#checkpoint(shard, untilMs)],
    'verify.run': async (shard, untilMs) => [await this.#checkpoint(shard, untilMs)],
    'checkpoint.list': async (shard) =>
      (await this.#parts.checkpoints(shard)).map((checkpoint) => ({ shard, ...checkpoint })),
  }

  /** A digest of the state by every replica: both what makes a checkpoint count and what verifies the replicas. */
  async #checkpoint(shard: number, untilMs: number): Promise<OfShard<Result>> {
    const { connection, clock } = this.#parts
    const { epoch } = await this.#leader(shard, untilMs)
    const timeoutMs = Math.max(1, untilMs - clock.monotonicMs())
    const leader = { shard, epoch: epoch.sequence }
    const reply = await askLeader(connection, leader, { kind: 'takeCheckpoint' }, timeoutMs)
    return { shard, ...decodeTakeCheckpointReply(reply) }
  }

  /** D3. @throws Fault `SHARD_NOT_READY` */
  async #leader(shard: number, untilMs: number): Promise<ShardBeat> {
    const { view, clock, timers } = this.#parts
    for (;;) {
      const nowMs = clock.monotonicMs()
      const leader = view.leading(nowMs).find((beat) => beat.shard === shard)
      if (leader !== undefined) return leader
      if (nowMs >= untilMs) throw fault('SHARD_NOT_READY', `the shard has no leader shard=${shard}`, { shard })
      await pause(timers, LOOK_PAUSE_MS)
    }
  }

  #answer(askers: readonly Asker[], result: Result | Fault): void {
    const { connection, logger } = this.#parts
    const bytesMax = Math.min(
      limits.REPLY_BYTES_MAX,
      (connection.info?.max_payload ?? limits.REPLY_BYTES_MAX) - limits.PAYLOAD_OVERHEAD_BYTES,
    )
    for (const { reply, encoding } of askers)
      try {
        const { bytes, headers } = isFault(result)
          ? encodeFault(result, encoding)
          : encodeReply(result, encoding, bytesMax)
        connection.publish(reply, bytes, headers === undefined ? {} : { headers: headersOf(headers) })
      } catch (error) {
        logger.warn('an operator could not be answered', { reason: String(error) })
      }
  }
}

/** What is no fault comes from the client: nobody answered. */
const toldFault = (error: unknown): Fault =>
  isFault(error)
    ? error
    : fault('SHARD_NOT_READY', `the leader of the shard did not answer reason=${String(error)}`, {}, { cause: error })

const tooMany = (): Fault =>
  fault('BUSY', 'too many commands of operators are under way', {}, { retryAfterMs: RETRY_AFTER_MS })

/**
 * The state of a cluster's shards, one after the other: a checkpoint is taken, and read back piece by piece once it is
 * verified, which another replica's digest does or the log (DESIGN K3). So each is a prefix of what was acknowledged;
 * writes go on meanwhile.
 */
import { isFault, pause } from '@waggle/kernel'
import { fault, type Generation } from '@waggle/protocol'
import type { OperatorConnection } from '../operator.ts'
import { stopIfInterrupted, type Task } from '../task.ts'

interface Copied {
  readonly shard: number
  readonly generation: Generation
  readonly sequence: number
  readonly bytes: number
}

/** A large state takes minutes to read twice. */
const CHECKPOINT_MS = 20 * 60 * 1_000
const ASK_MS = 60_000
const RETRY_MS = 1_000
/** A checkpoint that is read goes when two newer ones are there; and a node may end. */
const ATTEMPTS = 5

export const shardCount = async (operator: OperatorConnection): Promise<number> =>
  (await operator.call('shard.list')).items.length

/**
 * The bytes of a shard's checkpoint, taken now. `begun` is called before the first of them, and again where they begin
 * anew: what came before is void.
 * @throws Fault as the cluster does
 */
export const copyShard = async <Result>(
  task: Task,
  operator: OperatorConnection,
  { shard, use }: { readonly shard: number; readonly use: (pieces: AsyncIterable<Uint8Array>) => Promise<Result> },
): Promise<Result> => {
  for (let attempt = 1; ; attempt += 1) {
    const checkpoint = await takeCheckpoint(task, operator, shard)
    try {
      return await use(piecesOf(task, operator, checkpoint))
    } catch (error) {
      if (attempt === ATTEMPTS || !isFault(error) || !['NOT_FOUND', 'SHARD_NOT_READY'].includes(error.code)) throw error
    }
  }
}

const takeCheckpoint = async (task: Task, operator: OperatorConnection, shard: number): Promise<Copied> => {
  const { clock, timers } = task.host
  const endMs = clock.monotonicMs() + CHECKPOINT_MS
  for (;;) {
    stopIfInterrupted(task)
    const taken = (await operator.call('checkpoint.create', { shard, timeoutMs: ASK_MS })).items[0]
    if (taken !== undefined && 'verified' in taken && taken.verified) {
      const { sequence } = taken
      const { items } = await operator.call('checkpoint.list', { shard })
      const listed = items.find((item) => 'digest' in item && item.sequence === sequence)
      if (listed !== undefined && 'digest' in listed)
        return { shard, sequence, generation: listed.generation as Generation, bytes: listed.bytes }
    }
    if (clock.monotonicMs() >= endMs) throw notTaken(shard, taken)
    await pause(timers, RETRY_MS)
  }
}

const notTaken = (shard: number, taken: object | undefined) => {
  const { reason = 'the shard does not answer' } = (taken ?? {}) as { readonly reason?: string }
  return fault('SHARD_NOT_READY', `no checkpoint of the shard could be verified shard=${shard} reason=${reason}`, {
    shard,
  })
}

async function* piecesOf(
  task: Task,
  operator: OperatorConnection,
  { shard, generation, sequence }: Copied,
): AsyncGenerator<Uint8Array> {
  let [cursor, received] = [0, 0]
  for (;;) {
    stopIfInterrupted(task)
    const node = await anyNode(operator)
    const fields = { node, shard, generation, sequence: sequence as never, cursor }
    const piece = await operator.call('backup.read', fields)
    received += piece.bytes.length
    yield piece.bytes
    if (received >= piece.total) return
    cursor = piece.cursor
  }
}

/** Each of them can hand out every checkpoint. */
export const anyNode = async (operator: OperatorConnection): Promise<string> => {
  const { items } = await operator.call('node.list')
  const node = items.find(({ draining }) => !draining) ?? items[0]
  if (node === undefined) throw fault('SHARD_NOT_READY', 'no node is heard of')
  return node.node
}

/**
 * The proof that a cluster works: every shard has a leader, and one record goes all the way, through a connection
 * without credentials, as any client's would.
 *
 * R1  The record lives in a collective of its own, which is deleted with it: nobody's memory changes.
 * R2  A step that fails is tried again until the time is over, with the same idempotency key: what it left half done is
 *     taken up, not done twice.
 */
import { connectOperator, Waggle } from '@waggle/client'
import { isFault, pause, systemIds, type Waiting } from '@waggle/kernel'
import { fault, type ShardStatus } from '@waggle/protocol'
import { localClusterFault } from './errors.ts'
import type { OperatorAccess } from './registry.ts'

export interface ReadinessParts extends Waiting {
  readonly url: string
  readonly operator: OperatorAccess
  readonly shards: number
  readonly readyMsMax: number
  /** Nobody waits for it any more. */
  readonly isBrokenOff: () => boolean
  /** What is known of processes that ended, and where their logs are. */
  readonly complaints: () => string
}

const ATTEMPT_MS_MAX = 5_000
const PAUSE_MS = 50

/** @throws Fault `CLUSTER_NOT_READY`, `CLOSED` */
export const proveReady = async (parts: ReadinessParts): Promise<void> => {
  const { clock, timers, readyMsMax } = parts
  const deadlineMs = clock.monotonicMs() + readyMsMax
  const key = `ready-${systemIds.uuid()}`
  const attempt = async (step: () => Promise<void>): Promise<void> => {
    for (;;) {
      if (parts.isBrokenOff()) throw fault('CLOSED', 'the start of the cluster was broken off')
      try {
        await step()
        return
      } catch (error) {
        if (!isFault(error)) throw error
        if (clock.monotonicMs() >= deadlineMs) throw notReady(parts, error.message)
      }
      await pause(timers, PAUSE_MS)
    }
  }
  await attempt(async () => everyShardLeads(parts))
  await attempt(async () => oneRecordGoesThrough(parts.url, key))
}

const notReady = ({ readyMsMax, complaints }: ReadinessParts, reason: string) =>
  localClusterFault(
    'CLUSTER_NOT_READY',
    `the cluster is not ready after ${readyMsMax} ms: ${reason}; ${complaints()}`,
    { readyMsMax },
  )

const everyShardLeads = async ({ url, operator, shards }: ReadinessParts): Promise<void> => {
  const connection = await connectOperator({ servers: url, user: operator.user, password: operator.password })
  try {
    const { items } = await connection.call('shard.list', { timeoutMs: ATTEMPT_MS_MAX })
    const leaderless = (items as readonly ShardStatus[]).filter(({ leader }) => leader === undefined)
    const unknown = shards - (items as readonly ShardStatus[]).length
    if (leaderless.length + unknown > 0)
      throw fault('SHARD_NOT_READY', `${leaderless.length + unknown} of ${shards} shards have no leader`)
  } finally {
    await connection.close()
  }
}

/** R1, R2. */
const oneRecordGoesThrough = async (url: string, key: string): Promise<void> => {
  const waggle = await Waggle.connect({ servers: url, timeoutMs: ATTEMPT_MS_MAX })
  try {
    const embedding = [1, 0, 0, 0]
    const hive = await waggle.createCollective({ name: key, dimension: 4 }, { idempotencyKey: key })
    const { id } = await hive.record({ content: 'ready?', embedding }, { idempotencyKey: `${key}-record` })
    const { results } = await hive.search({ embedding, k: 1 })
    if (results[0]?.experience.id !== id) throw fault('INTERNAL', 'a search does not find what was just recorded')
    await hive.delete(id, { idempotencyKey: `${key}-delete` })
    await hive.deleteCollective({ idempotencyKey: `${key}-end` })
  } finally {
    await waggle.close()
  }
}

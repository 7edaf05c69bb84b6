/**
 * What a cluster's collective costs those who wait for it when the shard process that leads it is killed: from SIGKILL
 * to the first acknowledged write, and to the first search of every collective.
 *
 * With one shard process that is a whole start: the supervisor waits before it starts a process again, 1 s after a long
 * life and longer after a short one, so that every life here is a long one.
 */
import { connectOperator } from '@waggle/client'
import type { CollectiveHandle } from '@waggle/sdk'
import { partition } from '@waggle/protocol'
import type { LocalCluster } from '@waggle/local-cluster'
import type { Conversation } from './conversation.ts'
import { K } from './opened.ts'

export interface TakeOver {
  /** The killed process led the shard of the first collective. */
  readonly shard: number
  readonly firstWriteMs: number
  readonly searchableMs: number
}

export interface Waiting {
  readonly conversation: Conversation
  readonly hive: CollectiveHandle
}

/** Beyond it, the supervisor calls a life a long one. */
const LONG_LIFE_MS = 31_000
const WRITE_MS_MAX = 120_000

export class TakeOvers {
  readonly #cluster: LocalCluster
  #bornMs = performance.now()

  constructor(cluster: LocalCluster) {
    this.#cluster = cluster
  }

  /** Kills who leads the first of the collectives, and leaves them with the records that they had. */
  async provoke(waiting: readonly Waiting[]): Promise<TakeOver> {
    const [first] = waiting
    if (first === undefined) throw new Error('there is no collective to wait for')
    const { hive, conversation } = first
    const shard = partition(hive.id, this.#cluster.shards)
    const pid = await this.#leaderOf(shard)
    const restMs = this.#bornMs + LONG_LIFE_MS - performance.now()
    if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs))
    const input = { content: 'Who leads now?', embedding: conversation.turns[0]?.embedding }
    const start = performance.now()
    process.kill(pid, 'SIGKILL')
    const { id } = await hive.record(input, { timeoutMs: WRITE_MS_MAX })
    const firstWriteMs = performance.now() - start
    this.#bornMs = performance.now()
    for (const { hive: other, conversation: asked } of waiting) {
      const [question] = asked.questions
      if (question !== undefined)
        await other.search({ embedding: question.embedding, k: K }, { timeoutMs: WRITE_MS_MAX })
    }
    const searchableMs = performance.now() - start
    await hive.delete(id)
    return { shard, firstWriteMs, searchableMs }
  }

  async #leaderOf(shard: number): Promise<number> {
    const { server, user, password } = this.#cluster.operator
    const operator = await connectOperator({ servers: server, user, password })
    try {
      const { items } = await operator.call('shard.list')
      const { pid } = (items as readonly { readonly shard: number; readonly pid?: number }[])[shard] ?? {}
      if (pid === undefined) throw new Error(`nobody leads shard ${shard}`)
      return pid
    } finally {
      await operator.close()
    }
  }
}

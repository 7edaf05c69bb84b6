/** What a test asks a cluster of itself, as an operator would. */
import { connectOperator } from '@waggle/client'
import type { LocalCluster } from '../local-cluster.ts'

export interface ShardRow {
  readonly shard: number
  readonly leader?: string
  readonly pid?: number
  readonly epoch?: number
  readonly applied?: number
  readonly followers: readonly {
    readonly node: string
    readonly pid: number
    readonly serving: boolean
    readonly reads: number
  }[]
}

/** The shards of a cluster, as `waggle shard list` has them. */
export const listShards = async ({ operator }: LocalCluster): Promise<readonly ShardRow[]> => {
  const { server, user, password } = operator
  const connection = await connectOperator({ servers: server, user, password })
  try {
    const { items } = await connection.call('shard.list', {})
    return items as readonly ShardRow[]
  } finally {
    await connection.close()
  }
}

/** Waits until `holds`, asked again and again, is true; `describe` says what was seen last when it never was. */
export const eventually = async (
  holds: () => Promise<boolean> | boolean,
  describe: () => unknown,
  withinMs = 60_000,
): Promise<void> => {
  const deadlineMs = Date.now() + withinMs
  while (!(await holds())) {
    if (Date.now() > deadlineMs) throw new Error(`not within ${withinMs} ms: ${JSON.stringify(describe())}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** The cluster as whoever breaks it sees it: its processes, who leads what, and where the streams are led. */
import { connectNode } from '@waggle/cluster'
import { connectOperator, type Operator } from '@waggle/client'
import { isFault, silentLogger, systemClock, systemRandom } from '@waggle/kernel'
import type { ClusterProcess, LocalCluster } from '@waggle/local-cluster'
import type { ShardStatus } from '@waggle/protocol'

/** May do everything: it asks the servers who leads a stream. */
export const ONLOOKER = { user: 'onlooker', password: 'onlooker' }

type Connection = Awaited<ReturnType<typeof connectNode>>

interface StreamInfo {
  readonly cluster?: { readonly leader?: string }
}

const ASK_MS_MAX = 3_000

export class Surroundings {
  readonly cluster: LocalCluster
  readonly #operator: Operator
  readonly #connection: Connection

  private constructor(cluster: LocalCluster, operator: Operator, connection: Connection) {
    this.cluster = cluster
    this.#operator = operator
    this.#connection = connection
  }

  static async open(cluster: LocalCluster): Promise<Surroundings> {
    const { server, user, password } = cluster.operator
    const operator = await connectOperator({ servers: server, user, password })
    const connection = await connectNode({
      ...{ servers: cluster.url.split(','), ...ONLOOKER, name: 'onlooker' },
      ...{ logger: silentLogger, clock: systemClock, random: systemRandom },
    })
    return new Surroundings(cluster, operator, connection)
  }

  get operator(): Operator {
    return this.#operator
  }

  of(role: ClusterProcess['role']): readonly ClusterProcess[] {
    return this.cluster.processes().filter((child) => child.role === role)
  }

  named(name: string): ClusterProcess | undefined {
    return this.cluster.processes().find((child) => child.name === name)
  }

  async shards(): Promise<readonly ShardStatus[]> {
    try {
      const { items } = await this.#operator.call('shard.list', { timeoutMs: ASK_MS_MAX })
      return items as readonly ShardStatus[]
    } catch (error) {
      if (!isFault(error)) throw error
      return []
    }
  }

  /** The shard process that leads most; any where nobody says who leads. */
  async leader(): Promise<ClusterProcess | undefined> {
    const counts = new Map<string, number>()
    for (const { leader } of await this.shards())
      if (leader !== undefined) counts.set(leader, (counts.get(leader) ?? 0) + 1)
    const [name] = [...counts].sort((left, right) => right[1] - left[1])[0] ?? []
    return (name === undefined ? undefined : this.named(name)) ?? this.of('shard').find(({ pid }) => pid !== undefined)
  }

  /** The server that leads the stream of a shard; any where nobody says so. */
  async streamLeader(): Promise<ClusterProcess | undefined> {
    const servers = this.of('nats')
    try {
      const { streams } = await this.#ask<{ readonly streams?: readonly string[] }>('$JS.API.STREAM.NAMES')
      const stream = streams?.find((name) => name.startsWith('WAGGLE_'))
      const info = await this.#ask<StreamInfo>(`$JS.API.STREAM.INFO.${stream ?? ''}`)
      return servers.find(({ name }) => name === info.cluster?.leader) ?? servers[0]
    } catch {
      return servers[0]
    }
  }

  async close(): Promise<void> {
    await this.#operator.close()
    await this.#connection.close()
  }

  async #ask<Answer>(subject: string): Promise<Answer> {
    const { data } = await this.#connection.request(subject, '', { timeout: ASK_MS_MAX })
    return JSON.parse(Buffer.from(data).toString()) as Answer
  }
}

/** The cluster as whoever breaks it sees it: its processes, who leads what, and where the streams are led. */
import { connectNode } from '@waggle/cluster'
import { connectOperator, type Operator } from '@waggle/client'
import { isFault, pause, silentLogger, systemClock, systemRandom, systemTimers } from '@waggle/kernel'
import type { ClusterProcess, LocalCluster } from '@waggle/local-cluster'
import type { ShardStatus } from '@waggle/protocol'

/** May do everything: it asks the servers who leads a stream. */
export const ONLOOKER = { user: 'onlooker', password: 'onlooker' }

type Connection = Awaited<ReturnType<typeof connectNode>>

/** What a server says of a stream; its configuration goes back as it came. */
interface StreamInfo {
  readonly cluster?: { readonly leader?: string }
  readonly config: StreamConfig
  readonly state: { readonly bytes: number }
}

export interface StreamConfig extends Readonly<Record<string, unknown>> {
  readonly name: string
}

export interface LogSeen {
  readonly config: StreamConfig
  readonly bytes: number
}

const ASK_MS_MAX = 3_000
const ATTEMPTS = 20
const RETRY_AFTER_MS = 500

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
      const [stream = ''] = await this.#streams()
      const info = await this.#ask<StreamInfo>(`$JS.API.STREAM.INFO.${stream}`)
      return servers.find(({ name }) => name === info.cluster?.leader) ?? servers[0]
    } catch {
      return servers[0]
    }
  }

  /** The streams of all shards. */
  async logs(): Promise<readonly LogSeen[]> {
    const logs: LogSeen[] = []
    for (const stream of await this.#streams()) {
      const { config, state } = await this.#ask<StreamInfo>(`$JS.API.STREAM.INFO.${stream}`)
      logs.push({ config, bytes: state.bytes })
    }
    return logs
  }

  /** Tries for a while: what was changed must be changed back. @throws Error with what the server says */
  async changeLog(config: StreamConfig): Promise<void> {
    const change = async (): Promise<unknown> => {
      const subject = `$JS.API.STREAM.UPDATE.${config.name}`
      return (await this.#ask<{ readonly error?: unknown }>(subject, JSON.stringify(config))).error
    }
    for (let attempt = 1; ; attempt += 1) {
      const error = await change().catch(String)
      if (error === undefined) return
      if (attempt === ATTEMPTS) throw new Error(`stream ${config.name} cannot be changed: ${JSON.stringify(error)}`)
      await pause(systemTimers, RETRY_AFTER_MS)
    }
  }

  async close(): Promise<void> {
    await this.#operator.close()
    await this.#connection.close()
  }

  async #streams(): Promise<readonly string[]> {
    const { streams = [] } = await this.#ask<{ readonly streams?: readonly string[] }>('$JS.API.STREAM.NAMES')
    return streams.filter((name) => name.startsWith('WAGGLE_'))
  }

  async #ask<Answer>(subject: string, body = ''): Promise<Answer> {
    const { data } = await this.#connection.request(subject, body, { timeout: ASK_MS_MAX })
    return JSON.parse(Buffer.from(data).toString()) as Answer
  }
}

/** Records through a cluster of so many shards and nodes, by so many clients, beside bare publishes to the same bus. */
import { cpus } from 'node:os'
import { Waggle } from '@waggle/client'
import { hexOf, systemRandom } from '@waggle/kernel'
import type { CollectiveHandle } from '@waggle/sdk'
import { connectAs } from '../bus/relay.ts'
import { openWays, PUBLISH } from '../bus/ways.ts'
import { runLap, type Lap, type Way } from '../bus/laps.ts'
import { clusterCpuUs, withOwnCluster } from '../cluster/own-cluster.ts'
import { seededRandom } from '../seeded-random.ts'
import { DIMENSION } from '../vectors/vector-set.ts'

/** Each grows alone, the others stay where most clusters begin. */
const [SHARDS, NODES, CLIENTS] = [16, 1, 64]
const GROWTHS: readonly Omit<Site, 'clientCounts'>[] = [
  { shards: 1, nodes: NODES },
  { shards: 4, nodes: NODES },
  { shards: SHARDS, nodes: NODES },
  { shards: 64, nodes: NODES },
  { shards: SHARDS, nodes: 2 },
  { shards: SHARDS, nodes: 3 },
]
const CLIENT_COUNTS = [1, 8, CLIENTS]
/** A single client's calls wait for one another. */
const CALLS_OF_ONE = 300

interface Site {
  readonly shards: number
  readonly nodes: number
  readonly clientCounts: readonly number[]
}

export interface ClusterFigures {
  readonly shards: number
  readonly nodes: number
  /** Calls under way at any time. */
  readonly clients: number
  readonly perSecond: number
  /** Over the rate of as many bare publishes of the same bytes at once. */
  readonly overPublish: number
  readonly p50Ms: number
  /** A record, by the sort of process; `client` is this one. */
  readonly cpuUs: Readonly<Record<string, number>>
  /** Of the time of all cores, what these processes had. */
  readonly coresShare: number
}

export const clusterGrowth = async ({
  parent,
  calls,
}: {
  readonly parent: string | undefined
  readonly calls: number
}): Promise<readonly ClusterFigures[]> => {
  const figures: ClusterFigures[] = []
  for (const growth of GROWTHS) {
    const isUsual = growth.shards === SHARDS && growth.nodes === NODES
    figures.push(
      ...(await measureSite({ ...growth, clientCounts: isUsual ? CLIENT_COUNTS : [CLIENTS] }, parent, calls)),
    )
  }
  return figures
}

const measureSite = async (
  { shards, nodes, clientCounts }: Site,
  parent: string | undefined,
  calls: number,
): Promise<readonly ClusterFigures[]> => {
  const user = 'bench'
  const password = hexOf(systemRandom.bytes(16))
  const everything = { allow: ['>'] }
  const users = [{ user, password, permissions: { publish: everything, subscribe: everything } }]
  return withOwnCluster({ parent, nodes, shards, users }, async (cluster) => {
    const { running, folder } = cluster
    const connection = await connectAs({ server: running.url, user, password })
    const waggle = await Waggle.connect({ servers: running.url })
    try {
      const bare = await waggle.createCollective({ name: 'bare', dimension: DIMENSION })
      const ways = await openWays({ connection, hive: bare, shards, folder, width: CLIENTS })
      const publish = ways.writes.find(({ name }) => name === PUBLISH) as Way
      const record = await recordWay(waggle, shards)
      const cpuUs = (): Readonly<Record<string, number>> => {
        const { user: busy, system } = process.cpuUsage()
        return { client: busy + system, ...clusterCpuUs(cluster) }
      }
      const figures: ClusterFigures[] = []
      for (const clients of clientCounts) {
        const options = { calls: clients === 1 ? Math.min(calls, CALLS_OF_ONE) : calls, width: clients, cpuUs }
        // What is new to everybody counts for nothing.
        await runLap(record, { ...options, calls: CLIENTS })
        const published = await runLap(publish, options)
        figures.push({ shards, nodes, clients, ...figuresOf(await runLap(record, options), published) })
      }
      ways.close()
      return figures
    } finally {
      await waggle.close()
      await connection.close()
    }
  })
}

const figuresOf = (lap: Lap, published: Lap): Omit<ClusterFigures, 'shards' | 'nodes' | 'clients'> => {
  const spent = Object.values(lap.cpuUs).reduce((sum, us) => sum + us, 0)
  return {
    perSecond: lap.perSecond,
    overPublish: lap.perSecond / published.perSecond,
    p50Ms: lap.latencyMs.p50,
    cpuUs: lap.cpuUs,
    coresShare: (spent * lap.perSecond) / (1_000_000 * cpus().length),
  }
}

/** One collective a shard, more or less: where an id falls is its hash's business. */
const recordWay = async (waggle: Waggle, shards: number): Promise<Way> => {
  const hives: CollectiveHandle[] = []
  for (let number = 0; number < shards; number += 1)
    hives.push(await waggle.createCollective({ name: `scale ${number}`, dimension: DIMENSION }))
  const random = seededRandom(1)
  const content = 'What bees know. '.repeat(200).slice(0, 200)
  const embedding = random.unitVector(DIMENSION)
  return { name: 'record', call: async () => hives[random.below(hives.length)]?.record({ content, embedding }) }
}

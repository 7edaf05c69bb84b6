/** Exoware's, VelesDB's and MenteDB's cases over a whole cluster, whose shard processes are killed in between. */
import { Waggle } from '@waggle/client'
import { temporaryFolder } from '@waggle/engine/testing'
import { storesParity } from '@waggle/sdk/testing'
import { startLocalCluster, type LocalCluster } from './local-cluster.ts'
import { eventually } from './testing/cluster-state.ts'

const shardPids = (cluster: LocalCluster): readonly number[] =>
  cluster.children().flatMap(({ role, pid }) => (role === 'shard' ? [pid] : []))

storesParity('cluster', async () => {
  const folder = await temporaryFolder()
  const cluster = await startLocalCluster({ folder: folder.path, shards: 2, environment: process.env })
  const connect = (): Promise<Waggle> => Waggle.connect({ servers: cluster.url })
  const [waggle, other] = [await connect(), await connect()]
  return {
    ...{ waggle, other },
    async restart() {
      const killed = shardPids(cluster)
      for (const pid of killed) process.kill(pid, 'SIGKILL')
      await eventually(
        () => shardPids(cluster).length === killed.length && !shardPids(cluster).some((pid) => killed.includes(pid)),
        () => cluster.children(),
      )
    },
    async dispose() {
      await waggle.close()
      await other.close()
      await cluster.stop()
      await folder.remove()
    },
  }
})

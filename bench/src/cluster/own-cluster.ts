/** A cluster that a benchmark has for itself: started before, stopped and removed afterwards, whatever happens. */
import {
  startLocalCluster,
  type ClusterChild,
  type LocalCluster,
  type LocalClusterOptions,
} from '@waggle/local-cluster'
import { inTemporaryFolder } from '../disk.ts'
import { untilInterrupted } from '../interruption.ts'
import { cpuUsOf, peakRssMbOf } from './usage.ts'

export interface OwnClusterOptions extends Pick<LocalClusterOptions, 'users'> {
  /** Where its folder is made; the system's temporary folder when absent. */
  readonly parent: string | undefined
  /** Shard processes. */
  readonly nodes: number
  /** 16 when absent. */
  readonly shards?: number
}

const SHARDS = 16

export interface OwnCluster {
  readonly running: LocalCluster
  /** On the disk that it writes to, and not its own. */
  readonly folder: string
}

/** Runs `work` beside a new cluster. @throws Interrupted after SIGINT or SIGTERM, when nothing of it is left */
export const withOwnCluster = async <Result>(
  { parent, nodes, shards = SHARDS, users = [] }: OwnClusterOptions,
  work: (cluster: OwnCluster) => Promise<Result>,
): Promise<Result> =>
  inTemporaryFolder(parent, async (folder) =>
    untilInterrupted(async ({ signal, interrupted }) => {
      const running = await startLocalCluster({
        ...{ folder: `${folder}/cluster`, shards, nodes, users, signal },
        environment: process.env,
      })
      try {
        return await Promise.race([work({ running, folder }), interrupted])
      } finally {
        await running.stop()
      }
    }),
  )

export type ClusterRole = ClusterChild['role']

/** In the order in which a request meets them. */
export const clusterRoles: readonly ClusterRole[] = ['router', 'shard', 'nats', 'compactor']

export type ByRole = Readonly<Record<ClusterRole, number>>

/** Processor time of the processes that run now, microseconds by role. */
export const clusterCpuUs = ({ running }: OwnCluster): ByRole => byRole(running, cpuUsOf)

/** The most memory that each sort of process has had resident, all of that sort together, in MB. */
export const clusterPeakRssMb = ({ running }: OwnCluster): ByRole => byRole(running, peakRssMbOf)

const byRole = (running: LocalCluster, figureOf: (pid: number) => number): ByRole => {
  const children = running.children()
  const sumOver = (role: ClusterRole): number =>
    children.filter((child) => child.role === role).reduce((sum, { pid }) => sum + figureOf(pid), 0)
  return Object.fromEntries(clusterRoles.map((role) => [role, sumOver(role)])) as ByRole
}

/** All checkers, over one run. */
import type { SimulatedCluster } from '../cluster/simulated-cluster.ts'
import type { History } from '../workload/history.ts'
import { checkDigests, statesOf } from './check-digests.ts'
import { checkReads } from './check-reads.ts'
import { checkWatchers } from './check-watch.ts'
import { checkWrites } from './check-writes.ts'
import { readLog } from './log-truth.ts'
import { buildModel } from './model.ts'

const shardOf = (subject = ''): number => Number(subject.split('.')[1])

export const judge = async (cluster: SimulatedCluster, history: History): Promise<readonly string[]> => {
  const logs = cluster.servers.logs.map(({ stream }) => readLog(shardOf(stream.config.subjects?.[0]), stream))
  const model = buildModel(logs, history.writes)
  return [
    ...logs.flatMap(({ shard, contradictions }) => contradictions.map((what) => `L2 shard=${shard}: ${what}`)),
    ...checkWrites(history.writes, model),
    ...checkReads(history, model),
    ...checkWatchers(history.stories, model),
    ...history.lostPlaces.map((what) => `P9 ${what}`),
    ...checkDigests(await statesOf(cluster)),
  ]
}

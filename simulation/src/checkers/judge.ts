/** All checkers, over one run. */
import type { SimulatedCluster } from '../cluster/simulated-cluster.ts'
import type { History } from '../workload/history.ts'
import { checkDigests, statesOf } from './check-digests.ts'
import { checkPurges, type Purge } from './check-purges.ts'
import { checkReads } from './check-reads.ts'
import { checkWatchers } from './check-watch.ts'
import { checkWrites } from './check-writes.ts'
import { readLog } from './log-truth.ts'
import { buildModel } from './model.ts'

/** Of a log's subject. */
export const shardOf = (subject = ''): number => Number(subject.split('.')[1])

/** @param purges what the servers were asked to purge */
export const judge = async (
  cluster: SimulatedCluster,
  history: History,
  purges: readonly Purge[],
): Promise<readonly string[]> => {
  const logs = cluster.servers.logs.map(({ stream }) => readLog(shardOf(stream.config.subjects?.[0]), stream))
  const model = buildModel(logs, history.writes)
  return [
    ...logs.flatMap(({ shard, contradictions }) => contradictions.map((what) => `L2 shard=${shard}: ${what}`)),
    ...checkWrites(history.writes, model),
    ...checkReads(history, model),
    ...checkWatchers(history.stories, model),
    ...checkPurges(purges, logs),
    ...history.lostPlaces.map((what) => `P9 ${what}`),
    ...checkDigests(await statesOf(cluster)),
  ]
}

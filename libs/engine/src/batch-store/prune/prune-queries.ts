/** What became of prunes. */
import { knownCollective } from '../../memory/collective/collective-commands.ts'
import type { Queries } from '../../query/querier.ts'
import { readJobs } from './prune-rows.ts'

export const pruneQueries: Pick<Queries, 'keys.job'> = {
  'keys.job'({ collective, job: id }, { reading: { state }, tenant }) {
    const { scope } = knownCollective(state, tenant, collective)
    const job = readJobs(state, scope).find((other) => other.id === id)
    if (job === undefined) return {}
    const { isDone, keys, batches } = job
    return { job: { id, isDone, keys, batches } }
  },
}

/** Search by meaning. */
import { checkWeights } from '@waggle/protocol'
import type { Queries } from '../query/querier.ts'
import { atNewestMoment } from './moment.ts'
import { recall } from './recall.ts'

export const searchQueries: Pick<Queries, 'experience.search'> = {
  async 'experience.search'({ collective, now, ...wanted }, context) {
    const { embedding, weights } = wanted
    if (weights !== undefined) checkWeights(weights, 'weights')
    const when = { settings: context.settings, nowMs: now ?? context.nowMs, atMs: context.nowMs }
    return atNewestMoment({ collective, embedding, tables: ['experience'] }, context, (moment, { experience }) => ({
      results: recall(experience, moment, wanted, when),
    }))
  },
}

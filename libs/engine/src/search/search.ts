/** Search by meaning and by words. */
import { checkSearch } from '@waggle/protocol'
import type { Queries } from '../query/querier.ts'
import { atNewestMoment } from './moment.ts'
import { Recall } from './recall.ts'

export const searchQueries: Pick<Queries, 'experience.search'> = {
  async 'experience.search'({ collective, now, ...wanted }, context) {
    checkSearch(wanted, wanted.k)
    const { embedding } = wanted
    const when = {
      settings: context.settings,
      candidates: context.candidates,
      nowMs: now ?? context.nowMs,
      atMs: context.nowMs,
    }
    const recall = new Recall(wanted, when)
    return atNewestMoment(
      {
        ...{ collective, embedding, tables: recall.tables },
        prepare: async (indexes, known) => recall.prepare(indexes, known),
      },
      context,
      (moment, indexes) => {
        const results = recall.run(indexes, moment)
        if (context.span.isRecording) context.span.set(recall.figures(indexes, results))
        return { results }
      },
    )
  },
}

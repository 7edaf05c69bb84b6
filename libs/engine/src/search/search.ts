/** Search by meaning: exact, filtered, and exactly k when k match (P7). */
import type { ExperienceId } from '@waggle/protocol'
import { knownCollective } from '../memory/collective-commands.ts'
import { shown } from '../memory/experience-queries.ts'
import { checkVector } from '../memory/experience-rules.ts'
import { readExperience, type ExperienceRow } from '../memory/experience-rows.ts'
import { isOpen, matchesFilter } from '../memory/filter.ts'
import type { Queries } from '../query/query.ts'

export const searchQueries: Pick<Queries, 'experience.search'> = {
  async 'experience.search'({ collective: id, k, embedding, filter = {}, include }, { store, tenant, indexes }) {
    const stored = knownCollective(store, tenant, id)
    const { scope, collective } = stored
    checkVector(embedding, collective.dimension, 'embedding')
    const index = await indexes.of(stored)
    // From here to the end nothing waits: index and records are of one moment.
    const includeArchived = filter.includeArchived === true
    const everything = isOpen(filter)
    const rows = new Map<ExperienceId, ExperienceRow>()
    const accept = (candidate: ExperienceId): boolean => {
      const row = readExperience(store, scope, candidate)
      if (row === undefined || (row.archived && !includeArchived)) return false
      if (!everything && !matchesFilter(row, filter)) return false
      rows.set(candidate, row)
      return true
    }
    const hits = index.search({ embedding, k, includeArchived, accept })
    return {
      results: hits.map((hit) => {
        const experience = shown(store, scope, id, rows.get(hit.id) as ExperienceRow, include.length > 0)
        return { experience, similarity: hit.similarity, score: hit.similarity }
      }),
    }
  },
}

/** Search by meaning: exact, filtered, and exactly k when k match (P7). */
import { checkVector, type Address, type CollectiveId, type ExperienceId } from '@waggle/protocol'
import type { VectorIndex } from '../index/vector-index.ts'
import { knownCollective } from '../memory/collective-commands.ts'
import { shown } from '../memory/experience-queries.ts'
import { readExperience, type ExperienceRow } from '../memory/experience-rows.ts'
import { isOpen, matchesFilter } from '../memory/filter.ts'
import type { Queries, QueryContext } from '../query/querier.ts'
import type { Scope } from '../state/keyspace.ts'

type SearchQueries = Pick<Queries, 'experience.search'>

export const searchQueries: SearchQueries = {
  async 'experience.search'({ collective: id, k, embedding, filter = {}, include }, { reading, tenant, indexes }) {
    const { index, scope } = await indexOf(id, embedding, { reading, tenant, indexes })
    // From here to the end nothing waits: index and records are of one moment.
    const { state } = reading
    const includeArchived = filter.includeArchived === true
    const everything = isOpen(filter)
    const rows = new Map<ExperienceId, ExperienceRow>()
    const accept = (candidate: ExperienceId): boolean => {
      const row = readExperience(state, scope, candidate)
      if (row === undefined || (row.archived && !includeArchived)) return false
      if (!everything && !matchesFilter(row, filter)) return false
      rows.set(candidate, row)
      return true
    }
    const hits = index.search({ embedding, k, includeArchived, accept })
    return {
      results: hits.map((hit) => {
        const experience = shown(state, scope, id, rows.get(hit.id) as ExperienceRow, include.length > 0)
        return { experience, similarity: hit.similarity, score: hit.similarity }
      }),
    }
  },
}

type SearchContext = Pick<QueryContext, 'reading' | 'tenant' | 'indexes'>

/** The index of the collective as of the reading's moment, to which the reading moves on if it has to. */
const indexOf = async (
  id: CollectiveId,
  embedding: Float32Array,
  context: SearchContext,
): Promise<{ readonly index: VectorIndex; readonly scope: Scope }> => {
  const { reading, tenant, indexes } = context
  for (;;) {
    const stored = knownCollective(reading.state, tenant, id)
    checkVector(embedding, stored.collective.dimension, 'embedding')
    const index = await indexes.of(stored, reading.state)
    reading.renew()
    // The collective may have been deleted meanwhile, and made anew with another index.
    const { scope } = knownCollective(reading.state, tenant, id)
    if (equalAddresses(scope.incarnation, stored.scope.incarnation)) return { index, scope }
  }
}

const equalAddresses = (left: Address, right: Address): boolean =>
  left.sequence === right.sequence && left.index === right.index

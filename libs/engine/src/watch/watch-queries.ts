/** Reads of the change feed. */
import type { Queries } from '../query/querier.ts'
import { knownCollective } from '../memory/collective/collective-commands.ts'
import { JOURNAL_STORE } from '../state/keyspace.ts'
import { nextChanges } from './changes.ts'
import { readCursors } from './cursor-rows.ts'
import { cursorAt } from './places.ts'

export const watchQueries: Pick<Queries, 'watch.next' | 'cursor.list'> = {
  /** What is there: waiting for it is `long-poll.ts`. */
  'watch.next': (request, context) => nextChanges(request, context),

  /** By name. */
  'cursor.list'({ collective }, { reading: { state }, tenant, generation }) {
    const { scope } = knownCollective(state, tenant, collective)
    const items = readCursors(state, scope, JOURNAL_STORE.memory).map(({ name, address, savedAt }) => ({
      name,
      cursor: cursorAt({ scope, collective, generation }, address),
      savedAt,
    }))
    return { items }
  },
}

/** Reads of the change feed. */
import type { Queries } from '../query/querier.ts'
import { knownCollective } from '../memory/collective/collective-commands.ts'
import { nextChanges } from './changes.ts'
import { readNamedCursors } from './cursor-rows.ts'
import { cursorAt } from './places.ts'

export const watchQueries: Pick<Queries, 'watch.next' | 'cursor.list'> = {
  /** What is there: waiting for it is `long-poll.ts`. */
  'watch.next': (request, context) => nextChanges(request, context),

  /** By name. */
  'cursor.list'({ collective }, { reading: { state }, tenant, generation }) {
    const { scope } = knownCollective(state, tenant, collective)
    const items = readNamedCursors(state, scope).map(({ journal, name, address, savedAt }) => ({
      ...{ name, journal, savedAt },
      cursor: cursorAt({ journal, scope, collective, generation }, address),
    }))
    return { items }
  },
}

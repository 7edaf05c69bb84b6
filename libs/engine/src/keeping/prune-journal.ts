import { present } from '@waggle/kernel'
import type { Address, Sequence } from '@waggle/protocol'
import type { Applier } from '../event/applier.ts'
import type { EventAddress } from '../event/events.ts'
import { putJournalHorizon } from '../memory/journal.ts'
import { journalKey } from '../state/keyspace.ts'

/** Removes the rows that the event names, ascending, and moves the journal's horizon to the first that is left. */
export const pruneJournal: Applier<'JournalPruned'> = (body, { state, tenant }) => {
  const scope = { tenant, incarnation: addressOf([body.sequence, body.index]) }
  for (const address of body.addresses) state.delete(journalKey(scope, body.store, addressOf(address)))
  const lastPruned = addressOf(present(body.addresses.at(-1), 'a row that was pruned'))
  putJournalHorizon(state, scope, body.store, { horizon: addressOf(body.horizon), lastPruned })
}

const addressOf = ([sequence, index]: EventAddress): Address => ({ sequence: sequence as Sequence, index })

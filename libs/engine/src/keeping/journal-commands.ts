/**
 * The decision that prunes a journal (DESIGN F7): which of its oldest rows go, judged at the leader by the time of the
 * record that will say so.
 *
 * J1  A row goes when it is older than what is kept, by the log's time, and everything before it goes too.
 * J2  The newest row stays, whatever its age: the journal's end can always be told from its horizon.
 * J3  One event removes at most 256 rows (K5).
 * J4  No row goes that a watcher or a peer with a registered cursor has not seen (P9).
 */
import { assert } from '@waggle/kernel'
import type { Address, CollectiveId } from '@waggle/protocol'
import type { DecideContext, Decision } from '../command/decider.ts'
import { event, type EventAddress } from '../event/events.ts'
import { readCollective } from '../memory/collective/collective-rows.ts'
import { decodeJournalRow } from '../memory/journal.ts'
import { compareAddresses } from '../state/address-order.ts'
import { journalKey, type Scope } from '../state/keyspace.ts'
import type { StateView } from '../state/overlay.ts'
import { lowestCursor } from '../watch/cursor-rows.ts'

/** J3: about a millisecond of `apply`. */
export const PRUNED_ROWS_MAX = 256

export interface JournalCommands {
  /**
   * Prunes one step of a journal. The result says how many rows went.
   */
  'maintenance.pruneJournal': {
    readonly collective: CollectiveId
    readonly scope: Scope
    readonly store: number
    /** The journal's first rows, ascending, none left out; at most `PRUNED_ROWS_MAX`. */
    readonly addresses: readonly Address[]
    /** The row after them: it stays (J2). */
    readonly next: Address
    /** Milliseconds. */
    readonly keepMs: number
  }
}

export const journalDeciders = {
  'maintenance.pruneJournal'(
    { collective, scope, store, addresses, next, keepMs }: JournalCommands['maintenance.pruneJournal'],
    { view, timeMs }: DecideContext,
  ): Decision<{ readonly pruned: number }> {
    assert(addresses.length <= PRUNED_ROWS_MAX, 'a step of pruning is bounded')
    const rowAt = (address: Address) => view.get(journalKey(scope, store, address))
    // Rows were listed some time ago: the collective may be gone since, and then its rows are the sweep's.
    if (!isLiving(view, collective, scope) || rowAt(next) === undefined) return { events: [], result: { pruned: 0 } }
    const rows = addresses.flatMap((address) => {
      const bytes = rowAt(address)
      return bytes === undefined ? [] : { address, timeMs: decodeJournalRow(bytes).timeMs }
    })
    const count = countPrunable(rows, timeMs - keepMs, lowestCursor(view, scope, store))
    if (count === 0) return { events: [], result: { pruned: 0 } }
    const horizon = rows[count]?.address ?? next
    const body = {
      ...scope.incarnation,
      store,
      addresses: rows.slice(0, count).map(({ address }) => inEvent(address)),
      horizon: inEvent(horizon),
    }
    return { events: [event('JournalPruned', body)], result: { pruned: count } }
  },
}

const isLiving = (view: StateView, id: CollectiveId, { tenant, incarnation }: Scope): boolean => {
  const living = readCollective(view, tenant, id)?.scope.incarnation
  return living !== undefined && compareAddresses(living, incarnation) === 0
}

interface PrunableRow {
  readonly address: Address
  readonly timeMs: number
}

/**
 * How many of a journal's first rows may go: J1, J4.
 * @param cutOffMs rows of this time and later stay
 * @param seen the last row that every registered cursor has seen: those after it stay
 */
export const countPrunable = (rows: readonly PrunableRow[], cutOffMs: number, seen: Address | undefined): number => {
  const kept = rows.findIndex(
    ({ address, timeMs }) => timeMs >= cutOffMs || (seen !== undefined && compareAddresses(address, seen) > 0),
  )
  return kept === -1 ? rows.length : kept
}

const inEvent = ({ sequence, index }: Address): EventAddress => [sequence, index]

/**
 * Decisions about registered cursors: places of a journal that watchers and peers have reached, and that nothing behind
 * is pruned of (P9).
 *
 * R1  A cursor moves forwards only. A save that lies behind the one of its name changes nothing and is answered like
 *     any other, so that a late or repeated one is harmless.
 * R2  A cursor some of whose changes are gone already is refused: to hold what is left of them would look like a
 *     promise that all are there. So is one that is ahead of all changes, before it comes here (`refuseAhead`).
 */
import { fault, tooManyItems, limits } from '@waggle/protocol'
import type { Deciders } from '../command/decider.ts'
import { event } from '../event/events.ts'
import { knownCollective } from '../memory/collective/collective-commands.ts'
import { compareAddresses } from '../state/address-order.ts'
import { JOURNAL_STORE } from '../state/keyspace.ts'
import { readCursors } from './cursor-rows.ts'
import { cursorAt, placeOf } from './places.ts'

const STORE = JOURNAL_STORE.memory

export const cursorDeciders: Pick<Deciders, 'cursor.save' | 'cursor.drop'> = {
  'cursor.save'({ collective, name, cursor }, { view, tenant, generation }) {
    const { scope } = knownCollective(view, tenant, collective)
    const journal = { state: view, scope, collective, generation }
    const place = placeOf(journal, cursor, 'cursor')
    const registered = readCursors(view, scope, STORE)
    const before = registered.find((other) => other.name === name)
    // R1: before R2, for what lies behind a cursor may have been pruned since.
    const isBehind = before !== undefined && place.isOfThisLife && compareAddresses(place.address, before.address) <= 0
    if (isBehind) return { events: [], result: {} }
    // R2.
    if (place.isLost)
      throw fault('HISTORY_LOST', 'changes after the cursor are gone already', {
        field: 'cursor',
        next: cursorAt(journal, place.oldest),
      })
    const limit = limits.CURSORS_PER_COLLECTIVE_MAX
    if (before === undefined && registered.length >= limit) throw tooManyItems('name', registered.length + 1, limit)
    return { events: [event('CursorSaved', { store: STORE, name, ...place.address })], result: {} }
  },

  'cursor.drop'({ collective, name }, { view, tenant }) {
    const { scope } = knownCollective(view, tenant, collective)
    if (!readCursors(view, scope, STORE).some((cursor) => cursor.name === name))
      throw fault('NOT_FOUND', `cursor not found name=${name}`, { entity: 'cursor', field: 'name' })
    return { events: [event('CursorDropped', { store: STORE, name })], result: {} }
  },
}

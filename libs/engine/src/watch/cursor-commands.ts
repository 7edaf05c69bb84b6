/**
 * Decisions about registered cursors: places of a journal that watchers and peers have reached, and that nothing behind
 * is pruned of (P9).
 *
 * R1  A cursor moves forwards only. A save that lies behind the one of its name changes nothing and is answered like
 *     any other, so that a late or repeated one is harmless.
 * R2  A cursor some of whose changes are gone already is refused: to hold what is left of them would look like a
 *     promise that all are there. So is one that is ahead of all changes, before it comes here (`refuseAhead`).
 * R3  Cursors of a collective's journals have one space of names, and a name keeps its journal: the cursor tells which.
 */
import { decodeWatchCursor, fault, limits, tooManyItems } from '@waggle/protocol'
import type { Deciders } from '../command/decider.ts'
import { event } from '../event/events.ts'
import { knownCollective } from '../memory/collective/collective-commands.ts'
import { compareAddresses } from '../state/address-order.ts'
import { JOURNAL_STORE } from '../state/keyspace.ts'
import { readNamedCursors } from './cursor-rows.ts'
import { cursorAt, placeOf, type Journal } from './places.ts'

export const cursorDeciders: Pick<Deciders, 'cursor.save' | 'cursor.drop'> = {
  'cursor.save'({ collective, name, cursor }, { view, tenant, generation }) {
    const { scope } = knownCollective(view, tenant, collective)
    const { journal: of } = decodeWatchCursor(cursor, 'cursor')
    const journal: Journal = { journal: of, state: view, scope, collective, generation }
    const place = placeOf(journal, cursor, 'cursor')
    const registered = readNamedCursors(view, scope)
    const before = registered.find((other) => other.name === name)
    // R3.
    if (before !== undefined && before.journal !== of)
      throw fault('INVALID_CURSOR', `the name is one of a cursor of another journal name=${name}`, { field: 'cursor' })
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
    return { events: [event('CursorSaved', { store: JOURNAL_STORE[of], name, ...place.address })], result: {} }
  },

  'cursor.drop'({ collective, name }, { view, tenant }) {
    const { scope } = knownCollective(view, tenant, collective)
    const found = readNamedCursors(view, scope).find((cursor) => cursor.name === name)
    if (found === undefined)
      throw fault('NOT_FOUND', `cursor not found name=${name}`, { entity: 'cursor', field: 'name' })
    return { events: [event('CursorDropped', { store: JOURNAL_STORE[found.journal], name })], result: {} }
  },
}

/**
 * Decisions about registered cursors: places of a journal that watchers and peers have reached, and that nothing behind
 * is pruned of (P9).
 *
 * R1  A cursor moves forwards only. A save that lies behind the one of its name changes nothing and is answered like
 *     any other, so that a late or repeated one is harmless; but it shows that somebody lives, so one that is old is
 *     taken for saved now (R4).
 * R2  A cursor some of whose changes are gone already is refused: to hold what is left of them would look like a
 *     promise that all are there. So is one that is ahead of all changes, before it comes here (`refuseAhead`).
 * R3  Cursors of a collective's journals have one space of names, and a name keeps its journal: the cursor tells which.
 * R4  A cursor that nobody saves for longer than its limit is abandoned: it holds nothing any more, or one reader that
 *     never comes back would keep the journal for ever. A notice stays under its name: lists show it, whoever saves
 *     under the name again is told, and dropping it takes it away.
 */
import { assert } from '@waggle/kernel'
import { decodeWatchCursor, fault, limits, tooManyItems, type JournalName } from '@waggle/protocol'
import type { DecideContext, Deciders, Decision } from '../command/decider.ts'
import { event } from '../event/events.ts'
import { knownCollective } from '../memory/collective/collective-commands.ts'
import { compareAddresses } from '../state/address-order.ts'
import { JOURNAL_STORE, type Scope } from '../state/keyspace.ts'
import { isAbandoned, isHolding, readCursors, readNamedCursors, type RegisteredCursor } from './cursor-rows.ts'
import { cursorAt, placeOf, type Journal } from './places.ts'

export const cursorDeciders: Pick<Deciders, 'cursor.save' | 'cursor.drop'> = {
  'cursor.save'({ collective, name, cursor, keepMs }, { view, tenant, generation, timeMs }) {
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
    const kept = before !== undefined && isHolding(before) ? before : undefined
    const forMs = keepMs ?? before?.keepMs ?? limits.CURSOR_KEEP_MS_DEFAULT
    const registers = { store: JOURNAL_STORE[of], name, keepMs: forMs }
    if (kept !== undefined && place.isOfThisLife && compareAddresses(place.address, kept.address) <= 0) {
      const events = isWorthSaving(kept, timeMs, forMs)
        ? [event('CursorRegistered', { ...registers, ...kept.address })]
        : []
      return { events, result: {} }
    }
    // R4.
    const notice = before?.droppedAt === undefined ? {} : { droppedAt: before.droppedAt }
    // R2.
    if (place.isLost)
      throw fault('HISTORY_LOST', 'changes after the cursor are gone already', {
        field: 'cursor',
        next: cursorAt(journal, place.oldest),
        ...(notice.droppedAt === undefined ? {} : { name, ...notice }),
      })
    const limit = limits.CURSORS_PER_COLLECTIVE_MAX
    const holding = registered.filter(isHolding).length
    if (kept === undefined && holding >= limit) throw tooManyItems('name', holding + 1, limit)
    return { events: [event('CursorRegistered', { ...registers, ...place.address })], result: notice }
  },

  'cursor.drop'({ collective, name }, { view, tenant }) {
    const { scope } = knownCollective(view, tenant, collective)
    const found = readNamedCursors(view, scope).find((cursor) => cursor.name === name)
    if (found === undefined)
      throw fault('NOT_FOUND', `cursor not found name=${name}`, { entity: 'cursor', field: 'name' })
    return { events: [event('CursorDropped', { store: JOURNAL_STORE[found.journal], name })], result: {} }
  },
}

/** R1, R4: a reader that has nothing new to say renews its place now and then, at the cost of a record each time. */
const isWorthSaving = ({ savedAt, keepMs }: RegisteredCursor, timeMs: number, forMs: number): boolean =>
  forMs !== keepMs || timeMs - savedAt >= keepMs / RENEWALS
const RENEWALS = 8

export interface AbandonCommands {
  /** Gives up the cursors that nobody saved for longer than they are kept (R4). The result names them. */
  'maintenance.abandonCursors': { readonly scope: Scope; readonly journal: JournalName }
}

export const abandonDeciders = {
  'maintenance.abandonCursors'(
    { scope, journal }: AbandonCommands['maintenance.abandonCursors'],
    { view, timeMs }: DecideContext,
  ): Decision<{ readonly names: readonly string[] }> {
    const store = JOURNAL_STORE[journal]
    const names = readCursors(view, scope, store).flatMap((cursor) =>
      isAbandoned(cursor, timeMs) ? [cursor.name] : [],
    )
    assert(names.length <= limits.CURSORS_PER_COLLECTIVE_MAX, 'cursors are bounded in number')
    if (names.length === 0) return { events: [], result: { names } }
    return { events: [event('CursorsAbandoned', { ...scope.incarnation, store, names })], result: { names } }
  },
}

import { AssertionError } from '@waggle/kernel'
import { describe, expect, test } from 'vitest'
import { beginLease, HOLD_MS, RENEW_MS, stepLease, type LeaseEvent, type LeaseState } from './lease-state.ts'

const NOW_MS = 1_000_000

const states: Record<LeaseState['kind'], LeaseState> = {
  taking: { kind: 'taking', untilMs: NOW_MS + 5_000, sentMs: NOW_MS - 10, delayMs: 100 },
  held: { kind: 'held', revision: 7, deadlineMs: NOW_MS + 8_000 },
  renewing: { kind: 'renewing', deadlineMs: NOW_MS + 8_000, sentMs: NOW_MS - 10, delayMs: 100 },
  over: { kind: 'over', end: 'expired' },
}

/** The same, when time is up. */
const lateStates: typeof states = {
  taking: { kind: 'taking', untilMs: NOW_MS, sentMs: NOW_MS - HOLD_MS, delayMs: 100 },
  held: { kind: 'held', revision: 7, deadlineMs: NOW_MS },
  renewing: { kind: 'renewing', deadlineMs: NOW_MS, sentMs: NOW_MS - HOLD_MS, delayMs: 100 },
  over: { kind: 'over', end: 'expired' },
}

const events: Record<LeaseEvent['kind'], LeaseEvent> = {
  open: { kind: 'open', revision: 9 },
  closed: { kind: 'closed' },
  readFailed: { kind: 'readFailed' },
  written: { kind: 'written', revision: 10 },
  refused: { kind: 'refused' },
  unanswered: { kind: 'unanswered' },
  due: { kind: 'due' },
}

type Table = Record<LeaseState['kind'], Record<LeaseEvent['kind'], string>>

const never = 'impossible'
const nothing: Record<LeaseEvent['kind'], string> = {
  ...{ open: never, closed: never, readFailed: never, written: never },
  ...{ refused: never, unanswered: never, due: never },
}

const expected: Table = {
  taking: {
    open: 'taking, write 9',
    closed: 'over refused',
    readFailed: 'taking, wait 100',
    written: `held, wait ${RENEW_MS}`,
    refused: 'taking, wait 100',
    unanswered: 'taking, wait 100',
    due: 'taking, read',
  },
  held: { ...nothing, due: 'renewing, write 7' },
  renewing: {
    open: 'renewing, write 9',
    closed: 'over taken',
    readFailed: 'renewing, wait 100',
    written: `held, wait ${RENEW_MS}`,
    refused: 'renewing, wait 100',
    unanswered: 'renewing, wait 100',
    due: 'renewing, read',
  },
  over: nothing,
}

const expectedLate: Table = {
  taking: {
    open: 'over unanswered',
    closed: 'over refused',
    readFailed: 'over unanswered',
    written: 'over unanswered',
    refused: 'over unanswered',
    unanswered: 'over unanswered',
    due: 'taking, read',
  },
  held: { ...nothing, due: 'over expired' },
  renewing: {
    open: 'over expired',
    closed: 'over taken',
    readFailed: 'over expired',
    written: 'over expired',
    refused: 'over expired',
    unanswered: 'over expired',
    due: 'renewing, read',
  },
  over: nothing,
}

const cellsOf = (table: Table) =>
  Object.entries(table).flatMap(([state, row]) =>
    Object.entries(row).map(
      ([event, outcome]) => [state as LeaseState['kind'], event as LeaseEvent['kind'], outcome] as const,
    ),
  )

const outcomeOf = (state: LeaseState, event: LeaseEvent): string => {
  try {
    const step = stepLease(state, event, NOW_MS)
    const effect = step.effect === undefined ? '' : `, ${Object.values(step.effect).join(' ')}`
    return step.state.kind === 'over' ? `over ${step.state.end}` : step.state.kind + effect
  } catch (error) {
    if (error instanceof AssertionError) return never
    throw error
  }
}

describe('state of a lease', () => {
  test.each(cellsOf(expected))('H2 H4 %s, %s: %s', (state, event, outcome) => {
    expect(outcomeOf(states[state], events[event])).toBe(outcome)
  })

  test.each(cellsOf(expectedLate))('H5 %s, %s, when time is up: %s', (state, event, outcome) => {
    expect(outcomeOf(lateStates[state], events[event])).toBe(outcome)
  })

  test('H3 the deadline counts from the moment before the write that was acknowledged', () => {
    const begun = beginLease(NOW_MS + 5_000, NOW_MS)
    const writing = stepLease(begun.state, events.open, NOW_MS + 100)
    const held = stepLease(writing.state, events.written, NOW_MS + 900)
    expect(held.state).toEqual({ kind: 'held', revision: 10, deadlineMs: NOW_MS + 100 + HOLD_MS })

    const renewing = stepLease(held.state, events.due, NOW_MS + 5_000)
    const unsure = stepLease(renewing.state, events.unanswered, NOW_MS + 6_000)
    expect(unsure.state).toMatchObject({ kind: 'renewing', deadlineMs: NOW_MS + 100 + HOLD_MS })
    const again = stepLease(stepLease(unsure.state, events.due, NOW_MS + 6_100).state, events.open, NOW_MS + 6_200)
    expect(stepLease(again.state, events.written, NOW_MS + 6_300).state).toMatchObject({
      kind: 'held',
      deadlineMs: NOW_MS + 6_200 + HOLD_MS,
    })
  })
})

import type { Sequence } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import {
  HELD_UP_MS,
  initialTail,
  isNearEnd,
  MISSED_MS,
  NEAR_MS,
  SILENT_MS,
  stepTail,
  type Tail,
  type TailEvent,
  type TailState,
} from './tail-state.ts'

const NOW_MS = 1_000_000
const APPLIED = 10 as Sequence
const at = (offset: number): Sequence => (APPLIED + offset) as Sequence

const states: Record<TailState['kind'], TailState> = {
  resting: { kind: 'resting' },
  listening: { kind: 'listening' },
  applying: { kind: 'applying' },
  catchingUp: { kind: 'catchingUp', beganMs: NOW_MS - 10, retryMs: 250 },
  waiting: { kind: 'waiting', untilMs: NOW_MS + 100, retryMs: 500 },
}

const tailIn = (state: TailState, fields: Partial<Tail> = {}): Tail => ({
  ...initialTail(APPLIED, NOW_MS - 100),
  asOfMs: NOW_MS - 200,
  ...fields,
  state,
})

const events: Record<string, TailEvent> = {
  follow: { kind: 'follow', applied: APPLIED },
  rest: { kind: 'rest' },
  'heard next': { kind: 'heard', sequence: at(1), next: at(1) },
  'heard later': { kind: 'heard', sequence: at(3), next: at(3) },
  'heard later, next kept': { kind: 'heard', sequence: at(2), next: at(1) },
  'heard, none kept': { kind: 'heard', sequence: at(1) },
  'heard again': { kind: 'heard', sequence: APPLIED },
  shown: { kind: 'shown', sequence: at(1) },
  'applied, none kept': { kind: 'applied', applied: at(1) },
  'applied, next kept': { kind: 'applied', applied: at(1), next: at(2) },
  'applied, later kept': { kind: 'applied', applied: at(1), next: at(3) },
  missed: { kind: 'missed' },
  'caughtUp, none kept': { kind: 'caughtUp', applied: at(5) },
  'caughtUp, next kept': { kind: 'caughtUp', applied: at(5), next: at(6) },
  'caughtUp, later kept': { kind: 'caughtUp', applied: at(5), next: at(9) },
  failed: { kind: 'failed' },
  tick: { kind: 'tick' },
}

/** What becomes of a state: its kind, and the effect. */
const expected: Record<TailState['kind'], Record<keyof typeof events, string>> = {
  resting: {
    follow: 'catchingUp, catchUp',
    rest: 'resting',
    'heard next': 'resting',
    'heard later': 'resting',
    'heard later, next kept': 'resting',
    'heard, none kept': 'resting',
    'heard again': 'resting',
    shown: 'resting',
    'applied, none kept': 'resting',
    'applied, next kept': 'resting',
    'applied, later kept': 'resting',
    missed: 'resting',
    'caughtUp, none kept': 'resting',
    'caughtUp, next kept': 'resting',
    'caughtUp, later kept': 'resting',
    failed: 'resting',
    tick: 'resting',
  },
  listening: {
    follow: 'listening',
    rest: 'resting',
    'heard next': 'applying, apply',
    'heard later': 'catchingUp, catchUp',
    'heard later, next kept': 'applying, apply',
    'heard, none kept': 'listening',
    'heard again': 'listening',
    shown: 'listening',
    'applied, none kept': 'listening',
    'applied, next kept': 'listening',
    'applied, later kept': 'listening',
    missed: 'listening',
    'caughtUp, none kept': 'listening',
    'caughtUp, next kept': 'listening',
    'caughtUp, later kept': 'listening',
    failed: 'listening',
    tick: 'listening',
  },
  applying: {
    follow: 'applying',
    rest: 'resting',
    'heard next': 'applying',
    'heard later': 'applying',
    'heard later, next kept': 'applying',
    'heard, none kept': 'applying',
    'heard again': 'applying',
    shown: 'applying',
    'applied, none kept': 'listening',
    'applied, next kept': 'applying, apply',
    'applied, later kept': 'catchingUp, catchUp',
    missed: 'catchingUp, catchUp',
    'caughtUp, none kept': 'applying',
    'caughtUp, next kept': 'applying',
    'caughtUp, later kept': 'applying',
    failed: 'waiting',
    tick: 'applying',
  },
  catchingUp: {
    follow: 'catchingUp',
    rest: 'resting',
    'heard next': 'catchingUp',
    'heard later': 'catchingUp',
    'heard later, next kept': 'catchingUp',
    'heard, none kept': 'catchingUp',
    'heard again': 'catchingUp',
    shown: 'catchingUp',
    'applied, none kept': 'catchingUp',
    'applied, next kept': 'catchingUp',
    'applied, later kept': 'catchingUp',
    missed: 'catchingUp',
    'caughtUp, none kept': 'listening',
    'caughtUp, next kept': 'applying, apply',
    'caughtUp, later kept': 'catchingUp, catchUp',
    failed: 'waiting',
    tick: 'catchingUp',
  },
  waiting: {
    follow: 'waiting',
    rest: 'resting',
    'heard next': 'waiting',
    'heard later': 'waiting',
    'heard later, next kept': 'waiting',
    'heard, none kept': 'waiting',
    'heard again': 'waiting',
    shown: 'waiting',
    'applied, none kept': 'waiting',
    'applied, next kept': 'waiting',
    'applied, later kept': 'waiting',
    missed: 'waiting',
    'caughtUp, none kept': 'waiting',
    'caughtUp, next kept': 'waiting',
    'caughtUp, later kept': 'waiting',
    failed: 'waiting',
    tick: 'waiting',
  },
}

const outcomeOf = (tail: Tail, event: TailEvent, nowMs = NOW_MS): string => {
  const step = stepTail(tail, event, nowMs)
  return step.tail.state.kind + (step.effect === undefined ? '' : `, ${step.effect}`)
}

const cells = Object.entries(expected).flatMap(([state, row]) =>
  Object.entries(row).map(([event, outcome]) => [state as TailState['kind'], event, outcome] as const),
)

/** Steps one after the other, each at its time. */
const after = (tail: Tail, steps: readonly (readonly [atMs: number, event: TailEvent])[]): Tail =>
  steps.reduce((before, [atMs, event]) => stepTail(before, event, atMs).tail, tail)

describe('a follower’s place in its log', () => {
  test.each(cells)('E1 E2 %s, %s: %s', (state, event, outcome) => {
    expect(outcomeOf(tailIn(states[state]), events[event] as TailEvent)).toBe(outcome)
  })

  test('E2 the watchdog: silence leads to the log, and not before its time', () => {
    const tail = tailIn(states.listening, { asOfMs: NOW_MS - SILENT_MS })
    expect(outcomeOf(tail, events.tick!)).toBe('catchingUp, catchUp')
    expect(outcomeOf(tail, events.tick!, NOW_MS - 1)).toBe('listening')
  })

  test('E2 what a leader has applied and nobody has heard leads to the log', () => {
    const shown = stepTail(tailIn(states.listening), events.shown!, NOW_MS).tail
    expect(outcomeOf(shown, events.tick!, NOW_MS + MISSED_MS - 1)).toBe('listening')
    expect(outcomeOf(shown, events.tick!, NOW_MS + MISSED_MS)).toBe('catchingUp, catchUp')
  })

  test('E2 a reading that failed is repeated after twice the time, up to a limit', () => {
    const delays: number[] = []
    let nowMs = NOW_MS
    let tail = tailIn(states.catchingUp)
    for (let round = 0; round < 8; round += 1) {
      tail = stepTail(tail, { kind: 'failed' }, nowMs).tail
      if (tail.state.kind !== 'waiting') throw new Error(tail.state.kind)
      delays.push(tail.state.untilMs - nowMs)
      nowMs = tail.state.untilMs
      const step = stepTail({ ...tail, tickedMs: nowMs }, { kind: 'tick' }, nowMs)
      expect(step.effect).toBe('catchUp')
      tail = step.tail
    }
    expect(delays).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000])
  })

  test('E3 near the end is who applied what was heard lately; a beat that shows no more keeps it there', () => {
    const begun = stepTail(tailIn(states.resting, { asOfMs: -Infinity }), events.follow!, NOW_MS).tail
    expect(isNearEnd(begun, NOW_MS)).toBe(false)
    const caughtUp = stepTail(begun, { kind: 'caughtUp', applied: at(1) }, NOW_MS + 50).tail
    expect(caughtUp.asOfMs).toBe(NOW_MS)
    expect(isNearEnd(caughtUp, NOW_MS + 50)).toBe(true)
    const shown = stepTail(caughtUp, events.shown!, NOW_MS + 1_000).tail
    expect(shown.asOfMs).toBe(NOW_MS + 1_000)
  })

  test('E3 who lags is near the end no more, though it applies all the time', () => {
    const times = Array.from({ length: 20 }, (_, index) => NOW_MS + index * 250)
    const lagging = after(
      tailIn(states.applying),
      times.flatMap((atMs, index) => [
        [atMs, { kind: 'tick' }] as const,
        [atMs, { kind: 'heard', sequence: at(10 * index + 10), next: at(index + 1) }] as const,
        [atMs, { kind: 'applied', applied: at(index + 1), next: at(index + 2) }] as const,
      ]),
    )
    const endMs = times.at(-1)!
    expect(lagging.state.kind).toBe('applying')
    expect(lagging.asOfMs).toBeGreaterThan(NOW_MS - 200)
    expect(lagging.asOfMs).toBeLessThan(endMs - NEAR_MS)
    expect(isNearEnd(lagging, endMs)).toBe(false)
  })

  test('E3 what was heard first counts once it is applied, while newer records wait', () => {
    const tail = after(tailIn(states.listening), [
      [NOW_MS, events['heard next']!],
      [NOW_MS + 100, { kind: 'heard', sequence: at(2), next: at(1) }],
      [NOW_MS + 200, { kind: 'heard', sequence: at(3), next: at(1) }],
      [NOW_MS + 300, { kind: 'applied', applied: at(1), next: at(2) }],
    ])
    expect(tail.asOfMs).toBe(NOW_MS)
    const done = after(tail, [
      [NOW_MS + 400, { kind: 'applied', applied: at(2), next: at(3) }],
      [NOW_MS + 500, { kind: 'applied', applied: at(3) }],
    ])
    expect(done.asOfMs).toBe(NOW_MS + 200)
    expect(done.awaited).toBeUndefined()
  })

  test('E4 after it was held up nothing that it hears makes it near the end; the log does', () => {
    const tail = tailIn(states.listening, { tickedMs: NOW_MS, asOfMs: NOW_MS })
    const wokenMs = NOW_MS + HELD_UP_MS + 1
    const heard = stepTail(tail, { kind: 'shown', sequence: APPLIED }, wokenMs).tail
    expect(heard.asOfMs).toBe(NOW_MS)
    expect(isNearEnd(heard, wokenMs)).toBe(false)
    const ticked = stepTail(heard, events.tick!, wokenMs)
    expect(ticked.effect).toBe('catchUp')
    expect(isNearEnd(ticked.tail, wokenMs)).toBe(false)
    const caughtUp = stepTail(ticked.tail, { kind: 'caughtUp', applied: at(7) }, wokenMs + 10).tail
    expect(isNearEnd(caughtUp, wokenMs + 10)).toBe(true)
  })
})

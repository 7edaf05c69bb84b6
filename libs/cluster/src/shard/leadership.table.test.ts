import type { Uuid } from '@waggle/kernel'
import { fault, type Epoch, type Sequence } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import {
  initialLeadership,
  SILENCE_MS,
  stepLeadership,
  type Leadership,
  type LeadershipEffect,
  type LeadershipEvent,
  type LeadershipState,
} from './leadership.ts'

const NOW_MS = 100_000
const context = { nowMs: NOW_MS, chance: 0.5, handicapMs: 0 }
const epochAt = (sequence: number): Epoch => ({
  sequence: sequence as Sequence,
  id: '00000000-0000-7000-8000-000000000001' as Uuid,
})
const broken = fault('LOG_DIVERGED', 'a test')

type States = { readonly [Kind in LeadershipState['kind']]: Extract<LeadershipState, { kind: Kind }> }
type Events = { readonly [Kind in LeadershipEvent['kind']]: Extract<LeadershipEvent, { kind: Kind }> }

/** Each state as it is when it has waited long enough for the next thing to happen. */
const states: States = {
  listening: { kind: 'listening', sinceMs: NOW_MS - SILENCE_MS, notBeforeMs: 0 },
  looking: { kind: 'looking', sinceMs: NOW_MS - SILENCE_MS, seen: { last: 7 as Sequence, atMs: NOW_MS - 1_000 } },
  catchingUp: { kind: 'catchingUp' },
  proposing: { kind: 'proposing' },
  leasing: { kind: 'leasing', epoch: epochAt(8) },
  leading: { kind: 'leading', epoch: epochAt(8), sinceMs: 0 },
  handingOver: { kind: 'handingOver', epoch: epochAt(8), successor: 'n2' },
  releasing: { kind: 'releasing', epoch: epochAt(8) },
  steppingDown: { kind: 'steppingDown' },
  halted: { kind: 'halted', fault: broken },
  stopped: { kind: 'stopped' },
}

const events: Events = {
  tick: { kind: 'tick' },
  beat: { kind: 'beat', epoch: epochAt(9), leading: true },
  looked: { kind: 'looked', last: 7 as Sequence, vacant: false },
  caughtUp: { kind: 'caughtUp' },
  elected: { kind: 'elected', epoch: epochAt(8) },
  leased: { kind: 'leased' },
  leaseLost: { kind: 'leaseLost' },
  deaf: { kind: 'deaf' },
  termEnded: { kind: 'termEnded' },
  failed: { kind: 'failed' },
  contradiction: { kind: 'contradiction', fault: broken },
  ended: { kind: 'ended' },
  handOver: { kind: 'handOver', successor: 'n2', drains: false },
  drain: { kind: 'drain', patienceMs: 0 },
}

type Cell = readonly [state: LeadershipState['kind'], ...effects: LeadershipEffect[]]

/** Where each event leads from each state, and what it has done. */
const table: Record<LeadershipState['kind'], Record<LeadershipEvent['kind'], Cell>> = {
  listening: {
    ...all(['listening']),
    tick: ['looking', 'look'],
    contradiction: ['halted'],
    drain: ['stopped'],
  },
  looking: {
    ...all(['looking']),
    beat: ['listening'],
    looked: ['catchingUp', 'catchUp'],
    failed: ['listening'],
    contradiction: ['halted'],
    drain: ['stopped'],
  },
  catchingUp: {
    ...all(['catchingUp']),
    caughtUp: ['proposing', 'propose'],
    failed: ['listening'],
    contradiction: ['halted'],
  },
  proposing: {
    ...all(['proposing']),
    elected: ['leasing', 'takeLease'],
    failed: ['listening'],
    termEnded: ['listening'],
    contradiction: ['halted'],
  },
  leasing: {
    ...all(['leasing']),
    beat: ['steppingDown', 'stepDown'],
    leased: ['leading', 'serve'],
    leaseLost: ['steppingDown', 'stepDown'],
    termEnded: ['steppingDown', 'stepDown'],
    failed: ['steppingDown', 'stepDown'],
    contradiction: ['halted', 'stepDown'],
  },
  leading: {
    ...all(['leading']),
    beat: ['steppingDown', 'stepDown'],
    leaseLost: ['steppingDown', 'stepDown'],
    deaf: ['steppingDown', 'stepDown'],
    termEnded: ['steppingDown', 'stepDown'],
    failed: ['steppingDown', 'stepDown'],
    contradiction: ['halted', 'stepDown'],
    handOver: ['handingOver', 'handOver'],
    drain: ['releasing', 'release'],
  },
  handingOver: { ...all(['handingOver']), ended: ['listening'], failed: ['listening'] },
  releasing: { ...all(['releasing']), ended: ['stopped'], failed: ['stopped'] },
  steppingDown: { ...all(['steppingDown']), ended: ['listening'], failed: ['listening'], contradiction: ['halted'] },
  halted: { ...all(['halted']), drain: ['stopped'] },
  stopped: all(['stopped']),
}

function all(cell: Cell): Record<LeadershipEvent['kind'], Cell> {
  return Object.fromEntries(Object.keys(events).map((kind) => [kind, cell])) as never
}

const inState = (state: LeadershipState, more: Partial<Leadership> = {}): Leadership => ({
  state,
  newest: 8,
  heardMs: -Infinity,
  backoffMs: 500,
  draining: false,
  handover: { notBeforeMs: -Infinity, waitMs: 10_000 },
  ...more,
})

const cells = Object.entries(table).flatMap(([state, row]) =>
  Object.entries(row).map(([event, cell]) => [state, event, cell] as const),
)

describe('leadership', () => {
  test.each(cells)('L3 %s, %s: %j', (state, event, [next, ...effects]) => {
    const step = stepLeadership(inState(states[state as keyof States]), events[event as keyof Events], context)
    expect([step.leadership.state.kind, ...step.effects]).toEqual([next, ...effects])
  })

  test('A1 a replica that starts listens for a leader before it looks at the log', () => {
    let leadership = initialLeadership(context)
    const early = stepLeadership(leadership, events.tick, { ...context, nowMs: NOW_MS + 500 })
    expect(early.effects).toEqual([])
    leadership = stepLeadership(early.leadership, events.tick, { ...context, nowMs: NOW_MS + 1_500 }).leadership
    expect(leadership.state.kind).toBe('looking')
  })

  test('A1 a lease that nobody living holds has no leader to wait for', () => {
    const looking = inState({ kind: 'looking', sinceMs: NOW_MS })
    expect(stepLeadership(looking, { kind: 'looked', last: 9 as Sequence, vacant: true }, context).effects).toEqual([
      'catchUp',
    ])
  })

  test('A1 a log that moved between two looks keeps the candidate waiting', () => {
    const looking = inState(states.looking)
    const { leadership, effects } = stepLeadership(
      looking,
      { kind: 'looked', last: 8 as Sequence, vacant: false },
      context,
    )
    expect([leadership.state, effects]).toMatchObject([{ kind: 'listening', seen: { last: 8, atMs: NOW_MS } }, []])
    expect(stepLeadership(leadership, events.tick, context).effects).toEqual([])
    const later = stepLeadership(leadership, events.tick, { ...context, nowMs: NOW_MS + 1_000 })
    expect(later.effects).toEqual(['look'])
  })

  test('A1 a beat starts the silence anew; one of a deposed leader does not', () => {
    const heard = stepLeadership(inState(states.listening), events.beat, context).leadership
    expect(stepLeadership(heard, events.tick, { ...context, nowMs: NOW_MS + 900 }).effects).toEqual([])
    const atFirst = { ...context, nowMs: NOW_MS + 1_000 }
    const first = stepLeadership(heard, events.tick, atFirst)
    expect(first.effects).toEqual(['look'])
    const looked = stepLeadership(
      first.leadership,
      { kind: 'looked', last: 3 as Sequence, vacant: false },
      atFirst,
    ).leadership
    expect(stepLeadership(looked, events.tick, { ...context, nowMs: NOW_MS + 1_900 }).effects).toEqual([])
    expect(stepLeadership(looked, events.tick, { ...context, nowMs: NOW_MS + 2_000 }).effects).toEqual(['look'])
    const deposed = { kind: 'beat', epoch: epochAt(5), leading: true } as const
    expect(stepLeadership(heard, deposed, { ...context, nowMs: NOW_MS + 50 }).leadership).toEqual(heard)
  })

  test('A1 a replica that hears a leader while it reads a long log does not depose it', () => {
    const { leadership } = stepLeadership(inState(states.catchingUp), events.beat, context)
    const soon = { ...context, nowMs: NOW_MS + 400 }
    const step = stepLeadership(leadership, events.caughtUp, soon)
    expect([step.leadership.state.kind, step.effects]).toEqual(['listening', []])
    expect(stepLeadership(step.leadership, events.tick, soon).effects).toEqual([])
    const later = { ...context, nowMs: NOW_MS + SILENCE_MS }
    expect(stepLeadership(leadership, events.caughtUp, later).effects).toEqual(['propose'])
    const letGo = { kind: 'beat', epoch: epochAt(9), leading: false } as const
    const released = stepLeadership(leadership, letGo, context).leadership
    expect(stepLeadership(released, events.caughtUp, soon).effects).toEqual(['propose'])
  })

  test('S1 what is under way keeps the state that it was begun in, whatever is heard meanwhile', () => {
    for (const kind of ['catchingUp', 'proposing', 'handingOver', 'releasing', 'steppingDown'] as const)
      for (const event of [events.tick, events.beat, events.leaseLost, events.drain]) {
        const before = inState(states[kind])
        expect(stepLeadership(before, event, context).leadership.state).toBe(before.state)
      }
  })

  test('L3 a leader that lets go is followed without a wait for silence', () => {
    const letGo = { kind: 'beat', epoch: epochAt(9), leading: false } as const
    const heard = stepLeadership(inState(states.listening), letGo, context).leadership
    const next = stepLeadership(heard, events.tick, { ...context, nowMs: NOW_MS + 150 })
    expect(next.effects).toEqual(['catchUp'])
  })

  test('L3 A4 waits double after failed attempts, up to a bound, and a long term resets them', () => {
    let leadership = inState(states.catchingUp)
    const waits: number[] = []
    for (let attempt = 0; attempt < 7; attempt += 1) {
      leadership = stepLeadership({ ...leadership, state: states.catchingUp }, events.failed, context).leadership
      waits.push((leadership.state as { readonly notBeforeMs: number }).notBeforeMs - NOW_MS)
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 16_000])
    const long = stepLeadership({ ...leadership, state: states.leading }, events.leaseLost, context).leadership
    expect(long.backoffMs).toBe(500)
    const short = { ...states.leading, sinceMs: NOW_MS - 100 }
    expect(stepLeadership({ ...leadership, state: short }, events.leaseLost, context).leadership.backoffMs).toBe(16_000)
  })

  test('A3 only a newer epoch deposes a leader', () => {
    for (const sequence of [7, 8]) {
      const beat = { kind: 'beat', epoch: epochAt(sequence), leading: true } as const
      expect(stepLeadership(inState(states.leading), beat, context).effects).toEqual([])
    }
  })

  test.each(['catchingUp', 'proposing', 'leasing', 'handingOver', 'steppingDown'] as const)(
    'A6 %s drains when what is under way has come back',
    (kind) => {
      const draining = stepLeadership(inState(states[kind]), events.drain, context).leadership
      const completions = {
        catchingUp: 'caughtUp',
        proposing: 'failed',
        leasing: 'leased',
        handingOver: 'ended',
        steppingDown: 'ended',
      } as const
      const { leadership } = stepLeadership(draining, events[completions[kind]], context)
      expect(leadership.state.kind).toBe(kind === 'leasing' ? 'releasing' : 'stopped')
    },
  )

  describe('A7 the last beat of a term that names its successor', () => {
    const last = { kind: 'beat', epoch: epochAt(9), leading: false } as const

    test.each(['listening', 'looking'] as const)('has the one that is named go on at once: %s', (kind) => {
      const before = inState(states[kind], { heardMs: NOW_MS - 10 })
      const named = stepLeadership(before, { ...last, successor: 'self' }, { ...context, handicapMs: 9_000 })
      expect([named.leadership.state.kind, ...named.effects]).toEqual(['catchingUp', 'catchUp'])
      expect(stepLeadership(named.leadership, events.caughtUp, context).effects).toEqual(['propose'])
    })

    test('has the others wait as for one who is silent, also those that were about to propose themselves', () => {
      const other = { ...last, successor: 'other' } as const
      const waits = stepLeadership(inState(states.listening), other, context).leadership
      expect(stepLeadership(waits, events.tick, { ...context, nowMs: NOW_MS + 900 }).effects).toEqual([])
      expect(stepLeadership(waits, events.tick, { ...context, nowMs: NOW_MS + 1_000 }).effects).toEqual(['look'])
      const late = stepLeadership(inState(states.catchingUp), other, context).leadership
      expect(stepLeadership(late, events.caughtUp, { ...context, nowMs: NOW_MS + 20 }).effects).toEqual([])
    })

    test('means nothing when it is of a term that is long over', () => {
      const stale = { ...last, epoch: epochAt(5), successor: 'self' } as const
      expect(stepLeadership(inState(states.listening), stale, context).effects).toEqual([])
    })
  })

  test('A7 whoever handed over leads again when nobody came', () => {
    let leadership = stepLeadership(inState(states.handingOver), events.ended, context).leadership
    const at = (ms: number) => ({ ...context, nowMs: NOW_MS + ms })
    expect(stepLeadership(leadership, events.tick, at(900)).effects).toEqual([])
    leadership = stepLeadership(leadership, events.tick, at(1_000)).leadership
    leadership = stepLeadership(leadership, events.looked, at(1_001)).leadership
    leadership = stepLeadership(leadership, events.tick, at(2_001)).leadership
    expect(stepLeadership(leadership, events.looked, at(2_002)).effects).toEqual(['catchUp'])
  })

  test('A7 a beat of the successor that comes before the handover is over is remembered', () => {
    const before = inState(states.handingOver, { handover: { notBeforeMs: 0, waitMs: 40_000 } })
    const { leadership } = stepLeadership(before, events.beat, context)
    expect(leadership).toMatchObject({ newest: 9, heardMs: NOW_MS, handover: { waitMs: 10_000 } })
    expect(stepLeadership(before, { ...events.beat, epoch: epochAt(8) }, context).leadership).toBe(before)
  })

  test('A8 handovers are 10 s apart, and twice as far after each that nobody took', () => {
    let leadership = inState(states.leading)
    const waits: number[] = []
    for (let nowMs = NOW_MS; waits.length < 7; nowMs += 1_000) {
      const step = stepLeadership({ ...leadership, state: states.leading }, events.handOver, { ...context, nowMs })
      if (step.effects.length > 0) waits.push(step.leadership.handover.notBeforeMs - nowMs)
      leadership = step.leadership
    }
    expect(waits).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 320_000])
    const taken = stepLeadership({ ...leadership, state: states.listening }, events.beat, context).leadership
    expect(taken.handover.waitMs).toBe(10_000)
  })

  test('A8 whoever was handed over to, or heard of it, hands over to nobody for 10 s', () => {
    for (const successor of ['self', 'other'] as const) {
      const last = { kind: 'beat', epoch: epochAt(9), leading: false, successor } as const
      const told = stepLeadership(inState(states.listening), last, context).leadership
      const leading = { ...told, state: states.leading }
      const soon = { ...context, nowMs: NOW_MS + 9_999 }
      expect(stepLeadership(leading, events.handOver, soon).effects).toEqual([])
      expect(stepLeadership({ ...leading, draining: true }, events.handOver, soon).effects).toEqual(['handOver'])
      const drains = { ...events.handOver, drains: true }
      expect(stepLeadership(leading, drains, soon).effects).toEqual(['handOver'])
      const failed = { ...leading, handover: { ...leading.handover, waitMs: 20_000 } }
      expect(stepLeadership(failed, drains, soon).effects).toEqual([])
      const later = { ...context, nowMs: NOW_MS + 10_000 }
      expect(stepLeadership(leading, events.handOver, later).effects).toEqual(['handOver'])
    }
  })

  test('A6 a leader that drains waits for a successor, hands over as soon as there is one, and lets go in time', () => {
    const patient = { kind: 'drain', patienceMs: 5_000 } as const
    const young = inState({ ...states.leading, sinceMs: NOW_MS })
    const { leadership, effects } = stepLeadership(young, patient, context)
    expect([leadership.state.kind, effects]).toEqual(['leading', []])
    expect(stepLeadership(leadership, events.tick, { ...context, nowMs: NOW_MS + 4_999 }).effects).toEqual([])
    expect(stepLeadership(leadership, events.tick, { ...context, nowMs: NOW_MS + 5_000 }).effects).toEqual(['release'])
    expect(stepLeadership(leadership, events.handOver, context).effects).toEqual(['handOver'])
    expect(stepLeadership(leadership, events.drain, context).effects).toEqual(['release'])
    const again = stepLeadership(leadership, patient, { ...context, nowMs: NOW_MS + 3_000 }).leadership
    expect(again.state).toMatchObject({ endsByMs: NOW_MS + 5_000 })
  })

  test('A1 whoever comes later in the order waits longer for a silent leader', () => {
    const second = { ...context, handicapMs: 1_600 }
    const seen = { last: 7 as Sequence, atMs: NOW_MS - 1_000 }
    const before = inState({ ...states.listening, seen })
    expect(stepLeadership(before, events.tick, second).effects).toEqual([])
    expect(stepLeadership(before, events.tick, { ...second, nowMs: NOW_MS + 400 }).effects).toEqual(['look'])
  })
})

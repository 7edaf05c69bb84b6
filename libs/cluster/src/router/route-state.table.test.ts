import type { Uuid } from '@waggle/kernel'
import type { Epoch, Sequence } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { SILENCE_MS } from './limits.ts'
import { beatEvent, initialRoute, stepRoute, type RouteEvent, type RouteState, type RouteStep } from './route-state.ts'

const id = '0190b2c0-1111-7abc-8def-0123456789ab' as Uuid
const otherId = '0190b2c0-2222-7abc-8def-0123456789ab' as Uuid
const epochOf = (sequence: number, of: Uuid = id): Epoch => ({ sequence: sequence as Sequence, id: of })

/** The epoch that was heard of last is 5. */
const states: Record<RouteState['kind'], RouteState> = {
  leaderless: { kind: 'leaderless', heard: epochOf(5) },
  led: { kind: 'led', epoch: epochOf(5), silentMs: 0 },
}

const beats = {
  older: epochOf(4),
  same: epochOf(5),
  newer: epochOf(9),
  foreign: epochOf(5, otherId),
}

const beatOf = (kind: 'leading' | 'release', order: keyof typeof beats) => (state: RouteState) =>
  beatEvent(state, { epoch: beats[order], leading: kind === 'leading' })

const events: Record<RouteEvent['kind'], (state: RouteState) => RouteEvent> = {
  request: () => ({ kind: 'request' }),
  'leading:older': beatOf('leading', 'older'),
  'leading:same': beatOf('leading', 'same'),
  'leading:newer': beatOf('leading', 'newer'),
  'leading:foreign': beatOf('leading', 'foreign'),
  'release:older': beatOf('release', 'older'),
  'release:same': beatOf('release', 'same'),
  'release:newer': beatOf('release', 'newer'),
  'release:foreign': beatOf('release', 'foreign'),
  tick: () => ({ kind: 'tick', elapsedMs: SILENCE_MS }),
  reconnected: () => ({ kind: 'reconnected' }),
}

/** State with its epoch, then whether the beat settles, then what is forwarded; `!` for a contradiction. */
const table: Record<RouteState['kind'], Record<RouteEvent['kind'], string>> = {
  leaderless: {
    request: 'leaderless 5 - nothing',
    'leading:older': 'leaderless 5 - nothing',
    'leading:same': 'led 5 settle everything',
    'leading:newer': 'led 9 settle everything',
    'leading:foreign': 'leaderless 5 - nothing !',
    'release:older': 'leaderless 5 - nothing',
    'release:same': 'leaderless 5 settle nothing',
    'release:newer': 'leaderless 9 settle nothing',
    'release:foreign': 'leaderless 5 - nothing !',
    tick: 'leaderless 5 - nothing',
    reconnected: 'leaderless 5 - nothing',
  },
  led: {
    request: 'led 5 - request',
    'leading:older': 'led 5 - nothing',
    'leading:same': 'led 5 settle overdue',
    'leading:newer': 'led 9 settle everything',
    'leading:foreign': 'led 5 - nothing !',
    'release:older': 'led 5 - nothing',
    'release:same': 'leaderless 5 settle nothing',
    'release:newer': 'leaderless 9 settle nothing',
    'release:foreign': 'led 5 - nothing !',
    tick: 'leaderless 5 - nothing',
    reconnected: 'led 5 - everything',
  },
}

const shown = ({ state, settle, forward, contradiction }: RouteStep): string => {
  const epoch = state.kind === 'led' ? state.epoch : state.heard
  const words = [state.kind, epoch?.sequence, settle ? 'settle' : '-', forward, ...(contradiction ? ['!'] : [])]
  return words.join(' ')
}

describe.each(Object.entries(table))('S1 S2 S3 S4 a route that is %s', (kind, row) => {
  it.each(Object.entries(row))('on %s becomes: %s', (eventKind, expected) => {
    const state = states[kind as RouteState['kind']]
    const event = events[eventKind as RouteEvent['kind']](state)
    expect(event.kind).toBe(eventKind)
    expect(shown(stepRoute(state, event))).toBe(expected)
  })
})

describe('a route', () => {
  it('that heard of no epoch takes the first one', () => {
    for (const leading of [true, false]) {
      const event = beatEvent(initialRoute, { epoch: epochOf(1), leading })
      expect(event.kind).toBe(leading ? 'leading:newer' : 'release:newer')
      expect(shown(stepRoute(initialRoute, event))).toBe(
        leading ? 'led 1 settle everything' : 'leaderless 1 settle nothing',
      )
    }
  })

  it('is silent only after several ticks without a beat', () => {
    const tick = { kind: 'tick', elapsedMs: SILENCE_MS - 1 } as const
    const almost = stepRoute(states.led, tick).state
    expect(almost.kind).toBe('led')
    const heard = stepRoute(almost, events['leading:same'](almost)).state
    expect(stepRoute(heard, tick).state.kind).toBe('led')
    expect(stepRoute(almost, { kind: 'tick', elapsedMs: 1 }).state.kind).toBe('leaderless')
  })
})

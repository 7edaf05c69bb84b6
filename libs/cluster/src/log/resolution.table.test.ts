import { AssertionError } from '@waggle/kernel'
import { describe, expect, test } from 'vitest'
import {
  beginResolution,
  DELAY_MS_MAX,
  DELAY_MS_MIN,
  stepResolution,
  type ResolutionEvent,
  type ResolutionPhase,
} from './resolution.ts'

const never = 'impossible'

/** The effects of every cell, as words: what the appender is told to do. */
const expected: Record<ResolutionPhase, Record<ResolutionEvent, string>> = {
  publishing: {
    stored: 'done appended',
    duplicate: 'read',
    misplaced: 'trouble misplaced, done unknown',
    wrongSequence: 'read',
    full: 'trouble full, wait 60',
    wrongStream: 'trouble wrongStream, done unknown',
    transient: 'wait 60',
    unknown: 'read',
    noAnswer: 'read',
    own: never,
    other: never,
    unreadable: never,
    absent: never,
    readFailed: never,
    waited: never,
    deadline: 'done unknown',
  },
  reading: {
    stored: never,
    duplicate: never,
    misplaced: never,
    wrongSequence: never,
    full: never,
    wrongStream: never,
    transient: never,
    unknown: never,
    noAnswer: never,
    own: 'done appended',
    other: 'done fenced',
    unreadable: 'wait 60',
    absent: 'wait 60',
    readFailed: 'wait 60',
    waited: never,
    deadline: 'done unknown',
  },
  pausingToPublish: {
    stored: never,
    duplicate: never,
    misplaced: never,
    wrongSequence: never,
    full: never,
    wrongStream: never,
    transient: never,
    unknown: never,
    noAnswer: never,
    own: never,
    other: never,
    unreadable: never,
    absent: never,
    readFailed: never,
    waited: 'publish',
    deadline: 'done unknown',
  },
  pausingToRead: {
    stored: never,
    duplicate: never,
    misplaced: never,
    wrongSequence: never,
    full: never,
    wrongStream: never,
    transient: never,
    unknown: never,
    noAnswer: never,
    own: never,
    other: never,
    unreadable: never,
    absent: never,
    readFailed: never,
    waited: 'read',
    deadline: 'done unknown',
  },
  settled: {
    stored: never,
    duplicate: never,
    misplaced: never,
    wrongSequence: never,
    full: never,
    wrongStream: never,
    transient: never,
    unknown: never,
    noAnswer: never,
    own: never,
    other: never,
    unreadable: never,
    absent: never,
    readFailed: never,
    waited: never,
    deadline: never,
  },
}

/** Which phase must follow, where it is not told by the effects alone. */
const phaseAfter: Partial<Record<`${ResolutionPhase} ${ResolutionEvent}`, ResolutionPhase>> = {
  'publishing full': 'pausingToRead',
  'publishing transient': 'pausingToPublish',
  'reading unreadable': 'pausingToRead',
  'reading absent': 'pausingToPublish',
  'reading readFailed': 'pausingToRead',
}

const cells = Object.entries(expected).flatMap(([phase, row]) =>
  Object.entries(row).map(([event, effects]) => [phase as ResolutionPhase, event as ResolutionEvent, effects] as const),
)

describe('resolution of an append', () => {
  test('begins with a publish', () => {
    expect(beginResolution()).toEqual({
      state: { phase: 'publishing', delayMs: DELAY_MS_MIN },
      effects: [{ kind: 'publish' }],
    })
  })

  test.each(cells)('L7 %s, %s: %s', (phase, event, effects) => {
    const state = { phase, delayMs: 60 }
    if (effects === never) {
      expect(() => stepResolution(state, event)).toThrow(AssertionError)
      return
    }
    const step = stepResolution(state, event)
    expect(step.effects.map((effect) => Object.values(effect).join(' ')).join(', ')).toBe(effects)
    const wanted = phaseAfter[`${phase} ${event}`]
    if (wanted !== undefined) expect(step.state.phase).toBe(wanted)
    else if (effects.includes('done')) expect(step.state.phase).toBe('settled')
    else expect(step.state.phase).toBe(effects === 'read' ? 'reading' : 'publishing')
  })

  test('V5 waits grow, up to a bound', () => {
    const delays: number[] = []
    let { state } = beginResolution()
    for (let round = 0; round < 7; round += 1) {
      const step = stepResolution(state, 'transient')
      delays.push(...step.effects.flatMap((effect) => (effect.kind === 'wait' ? [effect.delayMs] : [])))
      state = stepResolution(step.state, 'waited').state
    }
    expect(delays).toEqual([30, 60, 120, 240, 480, DELAY_MS_MAX, DELAY_MS_MAX])
  })
})

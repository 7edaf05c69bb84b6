/**
 * What became of one append: a state machine without input, output or clock (DESIGN L7). The appender performs its
 * effects, one at a time, and brings back what came of each.
 *
 * V1  `appended` is said only on proof: the server's word that it stored this very message at this very position, or
 *     the record itself, read there.
 * V2  `fenced` is said only on proof: another record, read at the position. A sequence is never given twice, so then
 *     ours can never be there.
 * V3  Everything else proves nothing: a refusal may be of a second copy while the first one was stored, a message that
 *     nobody acknowledged may land seconds later, and absence may be the word of a server that lags behind. So the
 *     position is read, and where nothing is found the same bytes are published again under the same id.
 * V4  A record that cannot be read may be ours, damaged: it is read again.
 * V5  Waiting ends with the deadline, in `unknown`.
 */
import { assert } from '@waggle/kernel'

/** Why a server did not take a message. */
export type Refusal = 'wrongSequence' | 'full' | 'wrongStream' | 'transient' | 'unknown'

export type ResolutionEvent =
  /** Acknowledged for the first time, at the position, in the stream. */
  | 'stored'
  /** Acknowledged as a copy of an earlier message. */
  | 'duplicate'
  /** Acknowledged for the first time, elsewhere: a bug or a forgery. */
  | 'misplaced'
  | Refusal
  | 'noAnswer'
  /** What stands at the position: these very bytes, another readable record, or something unreadable. */
  | 'own'
  | 'other'
  | 'unreadable'
  | 'absent'
  | 'readFailed'
  | 'waited'
  | 'deadline'

export type ResolutionPhase = 'publishing' | 'reading' | 'pausingToPublish' | 'pausingToRead' | 'settled'

export type Resolution = 'appended' | 'fenced' | 'unknown'

export type ResolutionTrouble = 'full' | 'misplaced' | 'wrongStream'

export type ResolutionEffect =
  /** The same bytes under the same id, each time. */
  | { readonly kind: 'publish' }
  /** The position, from the stream's leader. */
  | { readonly kind: 'read' }
  | { readonly kind: 'wait'; readonly delayMs: number }
  | { readonly kind: 'trouble'; readonly trouble: ResolutionTrouble }
  | { readonly kind: 'done'; readonly resolution: Resolution }

export interface ResolutionState {
  readonly phase: ResolutionPhase
  /** Of the next wait. */
  readonly delayMs: number
}

export interface ResolutionStep {
  readonly state: ResolutionState
  readonly effects: readonly ResolutionEffect[]
}

export const DELAY_MS_MIN = 30
export const DELAY_MS_MAX = 500

type Move =
  | 'publish'
  | 'read'
  /** Wait, then do so. */
  | 'publishLater'
  | 'readLater'
  | 'readLaterFull'
  | Resolution
  | 'unknownMisplaced'
  | 'unknownWrongStream'
  /** The appender performs one effect at a time, so such an answer cannot come. */
  | 'impossible'

const noAcknowledgement = {
  stored: 'impossible',
  duplicate: 'impossible',
  misplaced: 'impossible',
  wrongSequence: 'impossible',
  full: 'impossible',
  wrongStream: 'impossible',
  transient: 'impossible',
  unknown: 'impossible',
  noAnswer: 'impossible',
} as const

const noReading = {
  own: 'impossible',
  other: 'impossible',
  unreadable: 'impossible',
  absent: 'impossible',
  readFailed: 'impossible',
} as const

const moves: Record<ResolutionPhase, Record<ResolutionEvent, Move>> = {
  publishing: {
    stored: 'appended',
    duplicate: 'read',
    misplaced: 'unknownMisplaced',
    wrongSequence: 'read',
    // Read, not published, when the wait is over: a leader that was replaced meanwhile must see it.
    full: 'readLaterFull',
    wrongStream: 'unknownWrongStream',
    transient: 'publishLater',
    unknown: 'read',
    noAnswer: 'read',
    ...noReading,
    waited: 'impossible',
    deadline: 'unknown',
  },
  reading: {
    ...noAcknowledgement,
    own: 'appended',
    other: 'fenced',
    unreadable: 'readLater',
    absent: 'publishLater',
    readFailed: 'readLater',
    waited: 'impossible',
    deadline: 'unknown',
  },
  pausingToPublish: { ...noAcknowledgement, ...noReading, waited: 'publish', deadline: 'unknown' },
  pausingToRead: { ...noAcknowledgement, ...noReading, waited: 'read', deadline: 'unknown' },
  settled: { ...noAcknowledgement, ...noReading, waited: 'impossible', deadline: 'impossible' },
}

export const beginResolution = (): ResolutionStep => ({
  state: { phase: 'publishing', delayMs: DELAY_MS_MIN },
  effects: [{ kind: 'publish' }],
})

export const stepResolution = (state: ResolutionState, event: ResolutionEvent): ResolutionStep => {
  const move = moves[state.phase][event]
  assert(move !== 'impossible', `an append that is ${state.phase} cannot meet ${event}`)
  return steps[move](state)
}

type PossibleMove = Exclude<Move, 'impossible'>

const settled = (resolution: Resolution, trouble?: ResolutionTrouble) => (): ResolutionStep => ({
  state: { phase: 'settled', delayMs: DELAY_MS_MIN },
  effects: [...(trouble === undefined ? [] : [{ kind: 'trouble', trouble } as const]), { kind: 'done', resolution }],
})

const pausing =
  (phase: ResolutionPhase, ...before: readonly ResolutionEffect[]) =>
  ({ delayMs }: ResolutionState): ResolutionStep => ({
    state: { phase, delayMs: Math.min(2 * delayMs, DELAY_MS_MAX) },
    effects: [...before, { kind: 'wait', delayMs }],
  })

const steps: Record<PossibleMove, (state: ResolutionState) => ResolutionStep> = {
  publish: ({ delayMs }) => ({ state: { phase: 'publishing', delayMs }, effects: [{ kind: 'publish' }] }),
  read: ({ delayMs }) => ({ state: { phase: 'reading', delayMs }, effects: [{ kind: 'read' }] }),
  publishLater: pausing('pausingToPublish'),
  readLater: pausing('pausingToRead'),
  readLaterFull: pausing('pausingToRead', { kind: 'trouble', trouble: 'full' }),
  appended: settled('appended'),
  fenced: settled('fenced'),
  unknown: settled('unknown'),
  unknownMisplaced: settled('unknown', 'misplaced'),
  unknownWrongStream: settled('unknown', 'wrongStream'),
}

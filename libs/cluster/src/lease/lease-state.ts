/**
 * When a lease is held: a state machine without clock, input or output. Its shell is `lease.ts`.
 *
 * H1  A lease is for liveness: it bounds for how long others wait for a holder that hangs. Nothing is safe because of
 *     it (DESIGN L1).
 * H2  Whoever has the higher rank has the lease; of two with the same rank, who came first.
 * H3  The holder's deadline lies on its own clock: the moment before it sent the write that was acknowledged, plus what
 *     the servers keep a key, less a margin. A write that nobody acknowledged moves no deadline.
 * H4  A refused write, or one without an answer, decides nothing: the key is read, then decided.
 * H5  Past the deadline the lease is lost, whatever the key says.
 */
import { assert } from '@waggle/kernel'

/** The servers keep a key that nobody writes again for so long: longer than an election of theirs (4-9 s). */
export const LEASE_TTL_MS = 15_000
/** For a clock of theirs that runs faster. */
const MARGIN_MS = 2_000
export const HOLD_MS = LEASE_TTL_MS - MARGIN_MS
export const RENEW_MS = 5_000
const RETRY_MS_MIN = 50
const RETRY_MS_MAX = 500

export type LeaseEnd =
  /** Somebody with the same or a higher rank holds it. */
  | 'refused'
  /** It could not be taken in time. */
  | 'unanswered'
  | 'taken'
  | 'expired'

export type LeaseState =
  | { readonly kind: 'taking'; readonly untilMs: number; readonly sentMs: number; readonly delayMs: number }
  | { readonly kind: 'held'; readonly revision: number; readonly deadlineMs: number }
  /** A renewal is on its way, or it is not known what became of it. */
  | { readonly kind: 'renewing'; readonly deadlineMs: number; readonly sentMs: number; readonly delayMs: number }
  | { readonly kind: 'over'; readonly end: LeaseEnd }

export type LeaseEvent =
  /** The key is not there, or its holder yields to this one, or is this one. */
  | { readonly kind: 'open'; readonly revision: number }
  /** Another holder, who does not yield. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'readFailed' }
  | { readonly kind: 'written'; readonly revision: number }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unanswered' }
  /** The wait is over. */
  | { readonly kind: 'due' }

export type LeaseEffect =
  | { readonly kind: 'read' }
  | { readonly kind: 'write'; readonly revision: number }
  | { readonly kind: 'wait'; readonly delayMs: number }

export interface LeaseStep {
  readonly state: LeaseState
  /** Absent when it is over. */
  readonly effect?: LeaseEffect
}

export const beginLease = (untilMs: number, nowMs: number): LeaseStep => ({
  state: { kind: 'taking', untilMs, sentMs: nowMs, delayMs: RETRY_MS_MIN },
  effect: { kind: 'read' },
})

type UnsureState = Extract<LeaseState, { readonly kind: 'taking' | 'renewing' }>

const over = (end: LeaseEnd): LeaseStep => ({ state: { kind: 'over', end } })

/** @param nowMs monotonic */
export const stepLease = (state: LeaseState, event: LeaseEvent, nowMs: number): LeaseStep => {
  assert(state.kind !== 'over', 'a lease that is over stays so')
  if (state.kind === 'held') return stepHeld(state, event, nowMs)
  const isTaking = state.kind === 'taking'
  const isLate = nowMs >= (isTaking ? state.untilMs : state.deadlineMs)
  switch (event.kind) {
    case 'written':
      return held(event.revision, state, nowMs)
    case 'closed':
      return over(isTaking ? 'refused' : 'taken')
    case 'due':
      return { state, effect: { kind: 'read' } }
    case 'open':
      if (isLate) break
      return { state: { ...state, sentMs: nowMs }, effect: { kind: 'write', revision: event.revision } }
    case 'readFailed':
    case 'refused':
    case 'unanswered':
      if (isLate) break
      return {
        state: { ...state, delayMs: Math.min(2 * state.delayMs, RETRY_MS_MAX) },
        effect: { kind: 'wait', delayMs: state.delayMs },
      }
  }
  // H5
  return over(isTaking ? 'unanswered' : 'expired')
}

/** H3. */
const held = (revision: number, { kind, sentMs }: UnsureState, nowMs: number): LeaseStep => {
  const deadlineMs = sentMs + HOLD_MS
  // A process that slept while its write was on its way.
  if (nowMs >= deadlineMs) return over(kind === 'taking' ? 'unanswered' : 'expired')
  return { state: { kind: 'held', revision, deadlineMs }, effect: { kind: 'wait', delayMs: RENEW_MS } }
}

const stepHeld = (
  { revision, deadlineMs }: Extract<LeaseState, { kind: 'held' }>,
  event: LeaseEvent,
  nowMs: number,
): LeaseStep => {
  assert(event.kind === 'due', 'a lease at rest waits for its renewal')
  if (nowMs >= deadlineMs) return over('expired')
  return {
    state: { kind: 'renewing', deadlineMs, sentMs: nowMs, delayMs: RETRY_MS_MIN },
    effect: { kind: 'write', revision },
  }
}

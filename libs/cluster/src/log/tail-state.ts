/**
 * How a follower keeps up with its log: a pure state machine, no clock and no I/O in it. The servers repeat what is
 * stored, at most once; what is heard so is applied as long as it is the next record, and the log is read for the rest.
 *
 * E1  One thing is under way at a time: a record is applied, or the log is read to its end.
 * E2  A gap is read at once. That the last record was missed shows by what a leader says, or by the log itself, which
 *     is asked when nothing has shown the end for a while: the connection tells of no lost message.
 * E3  Near the end is who had everything, a short time ago, that was known to be there then.
 * E4  Who was held up hears old news first, and cannot tell: it is near the end again when the log has been read.
 */
import type { Sequence } from '@waggle/protocol'

/** E2: after the end was shown last. */
export const SILENT_MS = 1_500
/** E2: after somebody said that there is more than was heard. */
export const MISSED_MS = 500
/** E3: a reading of the log that silence asks for comes in time. */
export const NEAR_MS = 3_000
/** E4: six ticks. */
export const HELD_UP_MS = 1_500
/** After a reading that failed. */
const RETRY_MS_MIN = 250
const RETRY_MS_MAX = 8_000

export type TailState =
  /** Hears nothing: the replica leads, or is about to. */
  | { readonly kind: 'resting' }
  /** Nothing is under way. */
  | { readonly kind: 'listening' }
  | { readonly kind: 'applying' }
  | { readonly kind: 'catchingUp'; readonly beganMs: number; readonly retryMs: number }
  /** The log could not be read. */
  | { readonly kind: 'waiting'; readonly untilMs: number; readonly retryMs: number }

/** An end of the log that was shown, and when. */
interface SeenEnd {
  readonly sequence: Sequence
  readonly atMs: number
}

export interface Tail {
  readonly state: TailState
  readonly applied: Sequence
  /** Of the ends that were shown and are not reached, the one that was shown first, and the newest. */
  readonly awaited?: { readonly first: SeenEnd; readonly newest: SeenEnd }
  /** What was known to be there at that moment has been applied. */
  readonly asOfMs: number
  readonly tickedMs: number
}

/** `next`: the lowest record that was heard and is not applied, where there is one. */
export type TailEvent =
  | { readonly kind: 'follow'; readonly applied: Sequence }
  | { readonly kind: 'rest' }
  /** A record was heard. */
  | { readonly kind: 'heard'; readonly sequence: Sequence; readonly next?: Sequence | undefined }
  /** A leader says what it has applied. */
  | { readonly kind: 'shown'; readonly sequence: Sequence }
  | { readonly kind: 'applied'; readonly applied: Sequence; readonly next?: Sequence | undefined }
  /** The record that was heard could not be judged by itself. */
  | { readonly kind: 'missed' }
  | { readonly kind: 'caughtUp'; readonly applied: Sequence; readonly next?: Sequence | undefined }
  | { readonly kind: 'failed' }
  /** Several times a second. */
  | { readonly kind: 'tick' }

export type TailEffect =
  /** Apply the next record, which was heard. */
  | 'apply'
  /** Read the log to its end. */
  | 'catchUp'

export interface TailStep {
  readonly tail: Tail
  readonly effect?: TailEffect
}

export const initialTail = (applied: Sequence, nowMs: number): Tail => ({
  state: { kind: 'resting' },
  applied,
  asOfMs: -Infinity,
  tickedMs: nowMs,
})

/** E3, E4. */
export const isNearEnd = ({ state, asOfMs, tickedMs }: Tail, nowMs: number): boolean =>
  state.kind !== 'resting' && nowMs - asOfMs <= NEAR_MS && nowMs - tickedMs <= HELD_UP_MS

/** @param nowMs monotonic */
export const stepTail = (before: Tail, event: TailEvent, nowMs: number): TailStep => {
  const handle = table[before.state.kind][event.kind] as Handler<TailState['kind'], TailEvent['kind']>
  return handle(noticed(before, event, nowMs), event, nowMs)
}

type In<Kind extends TailState['kind']> = Tail & { readonly state: Extract<TailState, { kind: Kind }> }
type Handler<State extends TailState['kind'], Event extends TailEvent['kind']> = (
  tail: In<State>,
  event: Extract<TailEvent, { kind: Event }>,
  nowMs: number,
) => TailStep

type Table = {
  readonly [State in TailState['kind']]: { readonly [Event in TailEvent['kind']]: Handler<State, Event> }
}

/** What an event says of the end of the log, and of where the state stands, whatever is under way. */
const noticed = (tail: Tail, event: TailEvent, nowMs: number): Tail => {
  switch (event.kind) {
    case 'heard':
      return event.sequence > tail.applied ? seen(tail, event.sequence, nowMs) : tail
    case 'shown':
      return seen(tail, event.sequence, nowMs)
    case 'applied':
      return reached(tail, event.applied)
    case 'caughtUp': {
      const at = reached(tail, event.applied)
      if (tail.state.kind !== 'catchingUp') return at
      const { beganMs } = tail.state
      // The log itself has said where it ended then.
      const awaited = at.awaited !== undefined && at.awaited.newest.atMs > beganMs ? at.awaited : undefined
      return withAwaited({ ...at, asOfMs: Math.max(at.asOfMs, beganMs) }, awaited)
    }
    case 'tick': {
      // E4.
      const isHeldUp = nowMs - tail.tickedMs > HELD_UP_MS
      return { ...tail, tickedMs: nowMs, ...(isHeldUp ? { asOfMs: -Infinity } : {}) }
    }
    case 'follow':
      return { ...withAwaited(tail, undefined), applied: event.applied, asOfMs: -Infinity, tickedMs: nowMs }
    case 'rest':
    case 'missed':
    case 'failed':
      return tail
  }
}

const seen = (tail: Tail, sequence: Sequence, nowMs: number): Tail => {
  if (nowMs - tail.tickedMs > HELD_UP_MS) return tail
  if (sequence <= tail.applied) return { ...tail, asOfMs: tail.awaited === undefined ? nowMs : tail.asOfMs }
  const newest = { sequence, atMs: nowMs }
  return withAwaited(tail, { first: tail.awaited?.first ?? newest, newest })
}

const reached = (tail: Tail, applied: Sequence): Tail => {
  const at = { ...tail, applied }
  if (tail.awaited === undefined || applied < tail.awaited.first.sequence) return at
  const { first, newest } = tail.awaited
  if (applied >= newest.sequence) return withAwaited({ ...at, asOfMs: Math.max(at.asOfMs, newest.atMs) }, undefined)
  return withAwaited({ ...at, asOfMs: Math.max(at.asOfMs, first.atMs) }, { first: newest, newest })
}

const withAwaited = ({ awaited: _, ...tail }: Tail, awaited: Tail['awaited']): Tail =>
  awaited === undefined ? tail : { ...tail, awaited }

const stay = (tail: Tail): TailStep => ({ tail })

const become = (tail: Tail, state: TailState, effect?: TailEffect): TailStep => ({
  tail: { ...tail, state },
  ...(effect === undefined ? {} : { effect }),
})

const catchUp = (tail: Tail, nowMs: number, retryMs = RETRY_MS_MIN): TailStep =>
  become(tail, { kind: 'catchingUp', beganMs: nowMs, retryMs }, 'catchUp')

/** E1, E2: with what was heard, or with what lies before it. */
const goOn = (tail: Tail, { next }: { readonly next?: Sequence | undefined }, nowMs: number): TailStep => {
  if (next === undefined) return become(tail, { kind: 'listening' })
  return next === tail.applied + 1 ? become(tail, { kind: 'applying' }, 'apply') : catchUp(tail, nowMs)
}

const wait = (tail: Tail, nowMs: number, retryMs: number): TailStep =>
  become(tail, { kind: 'waiting', untilMs: nowMs + retryMs, retryMs: Math.min(2 * retryMs, RETRY_MS_MAX) })

const rest = (tail: Tail): TailStep => become(withAwaited(tail, undefined), { kind: 'resting' })

/** An event that changes nothing of what is under way. */
const ignoreAll = {
  follow: stay,
  rest,
  heard: stay,
  shown: stay,
  applied: stay,
  missed: stay,
  caughtUp: stay,
  failed: stay,
  tick: stay,
} as const

const table: Table = {
  resting: { ...ignoreAll, rest: stay, follow: (tail, _, nowMs) => catchUp(tail, nowMs) },
  listening: {
    ...ignoreAll,
    heard: goOn,
    tick: (tail, _, nowMs) => {
      const isMissed = tail.awaited !== undefined && nowMs - tail.awaited.first.atMs >= MISSED_MS
      return isMissed || nowMs - tail.asOfMs >= SILENT_MS ? catchUp(tail, nowMs) : stay(tail)
    },
  },
  applying: {
    ...ignoreAll,
    applied: goOn,
    missed: (tail, _, nowMs) => catchUp(tail, nowMs),
    failed: (tail, _, nowMs) => wait(tail, nowMs, RETRY_MS_MIN),
  },
  catchingUp: { ...ignoreAll, caughtUp: goOn, failed: (tail, _, nowMs) => wait(tail, nowMs, tail.state.retryMs) },
  waiting: {
    ...ignoreAll,
    tick: (tail, _, nowMs) => (nowMs >= tail.state.untilMs ? catchUp(tail, nowMs, tail.state.retryMs) : stay(tail)),
  },
}

/**
 * When a replica of a shard leads: a pure state machine, no clock and no I/O in it (DESIGN L1, L3). Effects are data;
 * how each ended comes back as an event.
 *
 * A1  Nobody is asked who leads: a candidate waits until it has heard no beat for a while and the log has not moved
 *     either, reads the log to its end, and appends its barrier. The log decides between two candidates.
 * A2  The lease comes after the barrier. It bounds for how long a leader that hangs can believe that it leads; safety
 *     does not rest on it.
 * A3  A leader that hears a newer epoch, hears nothing at all, loses its lease or cannot resolve an append steps down,
 *     and refuses what waits.
 * A4  After a failed attempt or a short term the next wait is twice as long.
 * A5  What the log or the folder says against itself halts the replica; only a new process tries again.
 * A6  A replica that drains never becomes a candidate again; one that leads waits a while for somebody to hand over to,
 *     then lets go.
 * A7  A leader hands over to a replica that is ready: it answers what it has taken and names its successor, who goes on
 *     at once while the others wait as for one who is silent. Should nobody come, whoever handed over leads again.
 * A8  Handovers are rare: not within 10 s of the last one that was heard of, and twice as long after each of its own
 *     that nobody took. Only a replica or a node that drains does not wait for the first 10 s.
 */
import type { Fault } from '@waggle/kernel'
import type { Epoch, Sequence } from '@waggle/protocol'

/** Without a beat for so long, a leader is held for gone (A1). */
export const SILENCE_MS = 2_000
/** After so much of it a candidate looks where the log ends. */
const LOOK_MS = 1_000
/** Before a second look, which must find nothing new: less than is left, so that it waits for the silence alone. */
const LOOK_AGAIN_MS = 700
/** How long a replica that starts listens for a leader first: a few beats. */
const LISTEN_MS = 700
/** So that not everyone who hears of a release comes in the same moment. */
const RELEASED_JITTER_MS = 150
/** A4. */
const BACKOFF_MS_MIN = 500
const BACKOFF_MS_MAX = 16_000
const SHORT_TERM_MS = 10_000
/** A8. */
const HANDOVER_MS_MIN = 10_000
const HANDOVER_MS_MAX = 320_000
/** Of the handicap of one who starts: what a candidate adds that has followed until now. */
const FOLLOWER_HANDICAP = 1 / 4

export type LeadershipState =
  | {
      readonly kind: 'listening'
      /** When the last beat was heard, or listening began. */
      readonly sinceMs: number
      readonly notBeforeMs: number
      readonly seen?: SeenEnd
      /** The leader said that it lets go: there is nothing to wait for. */
      readonly released?: true
    }
  /** Looks where the log ends. */
  | { readonly kind: 'looking'; readonly sinceMs: number; readonly seen?: SeenEnd }
  | { readonly kind: 'catchingUp' }
  /** Its barrier is on its way. */
  | { readonly kind: 'proposing' }
  /** Its barrier took effect; it takes the lease. */
  | { readonly kind: 'leasing'; readonly epoch: Epoch }
  /** `endsByMs`: it drains, and lets go then if it has handed over to nobody. */
  | { readonly kind: 'leading'; readonly epoch: Epoch; readonly sinceMs: number; readonly endsByMs?: number }
  /** Answers what it has taken, then names its successor. */
  | { readonly kind: 'handingOver'; readonly epoch: Epoch; readonly successor: string }
  /** Answers what it has taken, then lets go. */
  | { readonly kind: 'releasing'; readonly epoch: Epoch }
  /** Waits for the append under way to end. */
  | { readonly kind: 'steppingDown' }
  | { readonly kind: 'halted'; readonly fault: Fault }
  | { readonly kind: 'stopped' }

interface SeenEnd {
  readonly last: Sequence
  readonly atMs: number
}

export type LeadershipEvent =
  | { readonly kind: 'tick' }
  /** A beat of another leader; the last one of a term may say who is to lead next. */
  | { readonly kind: 'beat'; readonly epoch: Epoch; readonly leading: boolean; readonly successor?: 'self' | 'other' }
  /** `vacant`: nobody holds the lease, or an earlier life of this node does, which is over. */
  | { readonly kind: 'looked'; readonly last: Sequence; readonly vacant: boolean }
  | { readonly kind: 'caughtUp' }
  | { readonly kind: 'elected'; readonly epoch: Epoch }
  | { readonly kind: 'leased' }
  /** The lease was lost, or somebody newer has it. */
  | { readonly kind: 'leaseLost' }
  /** Nothing reaches this node any more, requests neither; others may still hear its beats, and wait for it. */
  | { readonly kind: 'deaf' }
  /** The engine's term ended by itself. */
  | { readonly kind: 'termEnded' }
  /** What was begun did not work, for now. */
  | { readonly kind: 'failed' }
  /** The log or the folder contradicts itself, here or at another replica. */
  | { readonly kind: 'contradiction'; readonly fault: Fault }
  /** Letting go, or stepping down, is done. */
  | { readonly kind: 'ended' }
  /** There is a replica that should lead in this one's place, and is ready. `drains`: this node is to lead nothing. */
  | { readonly kind: 'handOver'; readonly successor: string; readonly drains: boolean }
  /** @param patienceMs how long somebody to hand over to is waited for */
  | { readonly kind: 'drain'; readonly patienceMs: number }

export type LeadershipEffect =
  | 'look'
  | 'catchUp'
  | 'propose'
  | 'takeLease'
  /** Take requests, and say so. */
  | 'serve'
  /** Take no more requests; answer what was taken; name the successor. */
  | 'handOver'
  /** Take no more requests; answer what was taken; say so; give the lease back. */
  | 'release'
  /** Take no more requests; refuse what waits; give the lease back. */
  | 'stepDown'

export interface Leadership {
  readonly state: LeadershipState
  /** The newest epoch heard of, one's own included. */
  readonly newest: number
  /** When a leader of that epoch was last heard. */
  readonly heardMs: number
  readonly backoffMs: number
  readonly draining: boolean
  /** A8. */
  readonly handover: { readonly notBeforeMs: number; readonly waitMs: number }
}

export interface Step {
  readonly leadership: Leadership
  readonly effects: readonly LeadershipEffect[]
}

/** What a step depends on beside the event. */
export interface StepContext {
  /** Monotonic. */
  readonly nowMs: number
  /** 0 to 1, drawn for this step. */
  readonly chance: number
  /** How long this replica lets others go first. */
  readonly handicapMs: number
}

export const initialLeadership = ({ nowMs, chance, handicapMs }: StepContext): Leadership => ({
  state: {
    kind: 'listening',
    // So that the first look comes as soon as it has listened.
    sinceMs: nowMs - LOOK_MS,
    notBeforeMs: nowMs + LISTEN_MS + handicapMs + chance * LISTEN_MS,
  },
  newest: 0,
  heardMs: -Infinity,
  backoffMs: BACKOFF_MS_MIN,
  draining: false,
  handover: { notBeforeMs: -Infinity, waitMs: HANDOVER_MS_MIN },
})

export const stepLeadership = (before: Leadership, event: LeadershipEvent, context: StepContext): Step => {
  const handle = table[before.state.kind][event.kind] as Handler<LeadershipState['kind'], LeadershipEvent['kind']>
  return handle(before, event, context)
}

type In<Kind extends LeadershipState['kind']> = Leadership & {
  readonly state: Extract<LeadershipState, { kind: Kind }>
}
type Handler<State extends LeadershipState['kind'], Event extends LeadershipEvent['kind']> = (
  before: In<State>,
  event: Extract<LeadershipEvent, { kind: Event }>,
  context: StepContext,
) => Step

type Table = {
  readonly [State in LeadershipState['kind']]: {
    readonly [Event in LeadershipEvent['kind']]: Handler<State, Event>
  }
}

type Heard = Extract<LeadershipEvent, { readonly kind: 'beat' }>

const stay = (leadership: Leadership): Step => ({ leadership, effects: [] })

const become = (before: Leadership, state: LeadershipState, ...effects: LeadershipEffect[]): Step => ({
  leadership: { ...before, state },
  effects,
})

/** Listens until there was silence for long enough, and not before `waitMs` have passed. */
const listen = (before: Leadership, { nowMs }: StepContext, waitMs: number): Step =>
  become(before, { kind: 'listening', sinceMs: nowMs, notBeforeMs: nowMs + waitMs })

/** A4. */
const tryLater = (before: Leadership, context: StepContext): Step => {
  if (before.draining) return become(before, { kind: 'stopped' })
  const backoffMs = Math.min(before.backoffMs * 2, BACKOFF_MS_MAX)
  return listen({ ...before, backoffMs }, context, before.backoffMs * (0.5 + context.chance))
}

const halt = (before: Leadership, { fault }: { readonly fault: Fault }): Step =>
  become(before, { kind: 'halted', fault })

const stop = (before: Leadership): Step => become({ ...before, draining: true }, { kind: 'stopped' })

/** Drains as soon as what is under way has come back. */
const stopLater = (before: Leadership): Step => stay({ ...before, draining: true })

/** What is known since a beat came. Somebody who is named is as good as heard. */
const told = (before: Leadership, { epoch, leading, successor }: Heard, { nowMs }: StepContext): Leadership => ({
  ...before,
  newest: epoch.sequence,
  heardMs: leading || successor === 'other' ? nowMs : -Infinity,
  handover: {
    // A8: whoever was handed over to came; and whoever leads next has just been handed over to.
    waitMs: epoch.sequence > before.newest ? HANDOVER_MS_MIN : before.handover.waitMs,
    notBeforeMs: successor === undefined ? before.handover.notBeforeMs : nowMs + HANDOVER_MS_MIN,
  },
})

/** A beat, where nothing is served: somebody leads, or has just let go. */
const heard = (before: Leadership, beat: Heard, context: StepContext): Step => {
  // A deposed leader's beat says nothing about who leads now.
  if (beat.epoch.sequence < before.newest) return stay(before)
  const known = told(before, beat, context)
  // What is under way comes back before anything else is begun.
  if (before.state.kind === 'catchingUp' || before.state.kind === 'proposing') return stay(known)
  const { nowMs, handicapMs, chance } = context
  // A7.
  if (beat.successor === 'self') return become(known, { kind: 'catchingUp' }, 'catchUp')
  if (known.heardMs === nowMs) return become(known, { kind: 'listening', sinceMs: nowMs, notBeforeMs: 0 })
  const notBeforeMs = nowMs + handicapMs * FOLLOWER_HANDICAP + chance * RELEASED_JITTER_MS
  return become(known, { kind: 'listening', sinceMs: nowMs, notBeforeMs, released: true })
}

/** A beat while this leader lets somebody else lead: it may be the successor's. */
const heardMeanwhile = (before: Leadership, beat: Heard, context: StepContext): Step =>
  stay(beat.epoch.sequence > before.newest ? told(before, beat, context) : before)

/** A7. */
const handedOver = (before: Leadership, context: StepContext): Step =>
  before.draining ? become(before, { kind: 'stopped' }) : listen(before, context, 0)

const stepDown = (before: Leadership, sinceMs: number | undefined, { nowMs }: StepContext): Step => {
  const isShort = sinceMs === undefined || nowMs - sinceMs < SHORT_TERM_MS
  return become(
    { ...before, backoffMs: isShort ? before.backoffMs : BACKOFF_MS_MIN },
    { kind: 'steppingDown' },
    'stepDown',
  )
}

/** A5, while something of the term is under way. */
const stepDownHalted = (before: Leadership, { fault }: { readonly fault: Fault }): Step =>
  become(before, { kind: 'halted', fault }, 'stepDown')

/** An event that has no meaning in a state: a completion that came after the state was left. */
const ignore = (before: Leadership): Step => stay(before)

const ignoreAll = {
  tick: ignore,
  beat: ignore,
  looked: ignore,
  caughtUp: ignore,
  elected: ignore,
  leased: ignore,
  leaseLost: ignore,
  deaf: ignore,
  termEnded: ignore,
  failed: ignore,
  contradiction: halt,
  ended: ignore,
  handOver: ignore,
  drain: stop,
} as const

const table: Table = {
  listening: {
    ...ignoreAll,
    tick(before, _, { nowMs, handicapMs }) {
      const { sinceMs, notBeforeMs, seen, released = false } = before.state
      if (nowMs < notBeforeMs) return stay(before)
      if (released) return become(before, { kind: 'catchingUp' }, 'catchUp')
      const silentMs = nowMs - sinceMs
      const mayLook =
        seen === undefined
          ? silentMs >= LOOK_MS
          : silentMs >= SILENCE_MS + handicapMs * FOLLOWER_HANDICAP && nowMs - seen.atMs >= LOOK_AGAIN_MS
      if (!mayLook) return stay(before)
      return become(before, { kind: 'looking', sinceMs, ...(seen === undefined ? {} : { seen }) }, 'look')
    },
    beat: heard,
  },
  looking: {
    ...ignoreAll,
    beat: heard,
    looked(before, { last, vacant }, { nowMs }) {
      const { sinceMs, seen } = before.state
      // A1: nothing new since the first look, and no beat since long before; or whoever led is known to have ended.
      if (seen?.last === last || vacant) return become(before, { kind: 'catchingUp' }, 'catchUp')
      return become(before, { kind: 'listening', sinceMs, notBeforeMs: 0, seen: { last, atMs: nowMs } })
    },
    failed: (before, _, context) => tryLater(before, context),
  },
  catchingUp: {
    ...ignoreAll,
    beat: heard,
    caughtUp(before, _, { nowMs }) {
      if (before.draining) return become(before, { kind: 'stopped' })
      // A1: somebody else was quicker, or only slow, while this replica read a long log.
      const { heardMs } = before
      if (nowMs - heardMs < SILENCE_MS) return become(before, { kind: 'listening', sinceMs: heardMs, notBeforeMs: 0 })
      return become(before, { kind: 'proposing' }, 'propose')
    },
    failed: (before, _, context) => tryLater(before, context),
    drain: stopLater,
  },
  proposing: {
    ...ignoreAll,
    beat: heard,
    elected: (before, { epoch }) =>
      become({ ...before, newest: Math.max(before.newest, epoch.sequence) }, { kind: 'leasing', epoch }, 'takeLease'),
    failed: (before, _, context) => tryLater(before, context),
    termEnded: (before, _, context) => tryLater(before, context),
    drain: stopLater,
  },
  leasing: {
    ...ignoreAll,
    beat: (before, { epoch }, context) =>
      epoch.sequence > before.state.epoch.sequence
        ? stepDown({ ...before, newest: epoch.sequence }, undefined, context)
        : stay(before),
    leased: (before, _, { nowMs }) =>
      before.draining
        ? become(before, { kind: 'releasing', epoch: before.state.epoch }, 'release')
        : become(before, { kind: 'leading', epoch: before.state.epoch, sinceMs: nowMs }, 'serve'),
    leaseLost: (before, _, context) => stepDown(before, undefined, context),
    failed: (before, _, context) => stepDown(before, undefined, context),
    termEnded: (before, _, context) => stepDown(before, undefined, context),
    contradiction: stepDownHalted,
    drain: stopLater,
  },
  leading: {
    ...ignoreAll,
    tick(before, _, { nowMs }) {
      const { epoch, endsByMs = Infinity } = before.state
      return nowMs < endsByMs ? stay(before) : become(before, { kind: 'releasing', epoch }, 'release')
    },
    beat: (before, { epoch }, context) =>
      epoch.sequence > before.state.epoch.sequence
        ? stepDown({ ...before, newest: epoch.sequence }, before.state.sinceMs, context)
        : stay(before),
    leaseLost: (before, _, context) => stepDown(before, before.state.sinceMs, context),
    deaf: (before, _, context) => stepDown(before, before.state.sinceMs, context),
    termEnded: (before, _, context) => stepDown(before, before.state.sinceMs, context),
    // It could not begin to serve.
    failed: (before, _, context) => stepDown(before, before.state.sinceMs, context),
    contradiction: stepDownHalted,
    handOver(before, { successor, drains }, { nowMs }) {
      const { epoch } = before.state
      const { notBeforeMs, waitMs } = before.handover
      // A8.
      const isPressed = before.draining || (drains && waitMs === HANDOVER_MS_MIN)
      if (!isPressed && nowMs < notBeforeMs) return stay(before)
      const handover = { notBeforeMs: nowMs + waitMs, waitMs: Math.min(waitMs * 2, HANDOVER_MS_MAX) }
      return become({ ...before, handover }, { kind: 'handingOver', epoch, successor }, 'handOver')
    },
    drain(before, { patienceMs }, { nowMs }) {
      const draining = { ...before, draining: true }
      const { epoch, endsByMs = Infinity } = before.state
      if (patienceMs <= 0) return become(draining, { kind: 'releasing', epoch }, 'release')
      return become(draining, { ...before.state, endsByMs: Math.min(endsByMs, nowMs + patienceMs) })
    },
  },
  handingOver: {
    ...ignoreAll,
    beat: heardMeanwhile,
    ended: (before, _, context) => handedOver(before, context),
    // It could not say so: the others hear it from its silence.
    failed: (before, _, context) => handedOver(before, context),
    // Following the log finds it again.
    contradiction: ignore,
    drain: stopLater,
  },
  releasing: {
    ...ignoreAll,
    ended: (before) => become(before, { kind: 'stopped' }),
    // It could not say that it lets go: the others hear it from its silence.
    failed: (before) => become(before, { kind: 'stopped' }),
    // The release itself ends, whatever it finds.
    contradiction: ignore,
    drain: ignore,
  },
  steppingDown: {
    ...ignoreAll,
    ended: (before, _, context) => tryLater(before, context),
    failed: (before, _, context) => tryLater(before, context),
    contradiction: halt,
    drain: stopLater,
  },
  halted: { ...ignoreAll, contradiction: ignore },
  stopped: { ...ignoreAll, contradiction: ignore, drain: ignore },
}

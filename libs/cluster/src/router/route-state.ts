/**
 * What a router believes of one shard's leadership, and what each thing that it hears does to that.
 *
 * S1  Epochs only rise. A beat of an older one comes from a leader that was deposed, and changes nothing.
 * S2  Two leaders of one sequence cannot be: the second one heard of changes nothing, and is reported.
 * S3  Whoever comes to be led, by a new leader or by one that was silent, forwards everything kept again: what it sent
 *     before may be lost with the leader, or with the connection.
 * S4  A beat tells what was answered, also the last one of a leader that lets go.
 */
import type { Epoch } from '@waggle/protocol'
import { SILENCE_MS } from './limits.ts'

export type RouteState =
  /** `heard`: the newest epoch that there was, if there was one. */
  | { readonly kind: 'leaderless'; readonly heard?: Epoch }
  | { readonly kind: 'led'; readonly epoch: Epoch; readonly silentMs: number }

/** The epoch of a beat beside the newest one heard: `foreign` has its sequence and another id. */
type EpochOrder = 'older' | 'same' | 'newer' | 'foreign'

export type RouteEvent =
  | { readonly kind: 'request' }
  | { readonly kind: `${'leading' | 'release'}:${EpochOrder}`; readonly epoch: Epoch }
  | { readonly kind: 'tick'; readonly elapsedMs: number }
  | { readonly kind: 'reconnected' }

export interface RouteStep {
  readonly state: RouteState
  /** Whether the beat's word on what was answered counts. */
  readonly settle: boolean
  /** `request`: the one that came; `overdue`: what seems lost on its way; `everything`: all that is kept, in order. */
  readonly forward: 'nothing' | 'request' | 'overdue' | 'everything'
  readonly contradiction: boolean
}

export const initialRoute: RouteState = { kind: 'leaderless' }

/** The beat as an event of a route in that state. */
export const beatEvent = (state: RouteState, { epoch, leading }: { epoch: Epoch; leading: boolean }): RouteEvent => ({
  kind: `${leading ? 'leading' : 'release'}:${epochOrder(epoch, state.kind === 'led' ? state.epoch : state.heard)}`,
  epoch,
})

const epochOrder = (epoch: Epoch, heard: Epoch | undefined): EpochOrder => {
  if (heard === undefined || epoch.sequence > heard.sequence) return 'newer'
  if (epoch.sequence < heard.sequence) return 'older'
  return epoch.id === heard.id ? 'same' : 'foreign'
}

export const stepRoute = (state: RouteState, event: RouteEvent): RouteStep => {
  const transition = transitions[state.kind][event.kind] as (state: RouteState, event: RouteEvent) => RouteStep
  return transition(state, event)
}

type Of<Union, Kind> = Extract<Union, { readonly kind: Kind }>
type Transitions = {
  readonly [S in RouteState['kind']]: {
    readonly [E in RouteEvent['kind']]: (state: Of<RouteState, S>, event: EventOf<E>) => RouteStep
  }
}
type EventOf<Kind> = Kind extends 'request' | 'tick' | 'reconnected'
  ? Of<RouteEvent, Kind>
  : { readonly kind: Kind; readonly epoch: Epoch }

const unchanged = (state: RouteState): RouteStep => ({ state, settle: false, forward: 'nothing', contradiction: false })

/** S1. */
const deposed = unchanged
/** S2. */
const contradiction = (state: RouteState): RouteStep => ({ ...unchanged(state), contradiction: true })

/** S3. */
const led = (_: RouteState, { epoch }: { readonly epoch: Epoch }): RouteStep => ({
  state: { kind: 'led', epoch, silentMs: 0 },
  settle: true,
  forward: 'everything',
  contradiction: false,
})

/** S4. */
const released = (_: RouteState, { epoch }: { readonly epoch: Epoch }): RouteStep => ({
  state: { kind: 'leaderless', heard: epoch },
  settle: true,
  forward: 'nothing',
  contradiction: false,
})

const transitions: Transitions = {
  leaderless: {
    request: unchanged,
    'leading:older': deposed,
    'leading:same': led,
    'leading:newer': led,
    'leading:foreign': contradiction,
    'release:older': deposed,
    'release:same': released,
    'release:newer': released,
    'release:foreign': contradiction,
    tick: unchanged,
    reconnected: unchanged,
  },
  led: {
    request: (state) => ({ ...unchanged(state), forward: 'request' }),
    'leading:older': deposed,
    'leading:same': (state) => ({
      state: { ...state, silentMs: 0 },
      settle: true,
      forward: 'overdue',
      contradiction: false,
    }),
    'leading:newer': led,
    'leading:foreign': contradiction,
    'release:older': deposed,
    'release:same': released,
    'release:newer': released,
    'release:foreign': contradiction,
    tick: (state, { elapsedMs }) => {
      const silentMs = state.silentMs + elapsedMs
      return unchanged(silentMs < SILENCE_MS ? { ...state, silentMs } : { kind: 'leaderless', heard: state.epoch })
    },
    reconnected: (state) => ({ ...unchanged(state), forward: 'everything' }),
  },
}

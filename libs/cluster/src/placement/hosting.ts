/**
 * The life of one shard's replica on one node: a pure state machine with a full table. Effects are data; how each
 * ended comes back as an event.
 *
 * H1  A replica that is not needed is closed first; then the node says so, and its leader strikes its hold off.
 * H2  The folder goes only when the leader's beats name no hold of this node any more: until then the log is kept for
 *     it, and it can be opened again.
 * H3  One that is needed again before its folder went is opened again.
 */

export type HostingState =
  /** There is no replica here. */
  | 'absent'
  | 'hosted'
  /** It closes. */
  | 'leaving'
  /** It is closed, and its folder is still here. */
  | 'left'
  /** Its folder goes. */
  | 'removing'

export type HostingEvent =
  /** This node is a host. */
  | 'wanted'
  /** It is none, and the replica has to stay for now. */
  | 'spared'
  /** It is none, and nobody needs the replica. */
  | 'unneeded'
  | 'closed'
  /** The leader has no hold of this node. */
  | 'struckOff'
  | 'removed'
  /** The folder could not be removed. */
  | 'failed'

export type HostingEffect = 'open' | 'close' | 'remove'

export interface HostingStep {
  readonly state: HostingState
  readonly effect?: HostingEffect
}

export const stepHosting = (state: HostingState, event: HostingEvent): HostingStep => table[state][event]

const stay = (state: HostingState): Record<HostingEvent, HostingStep> => ({
  wanted: { state },
  spared: { state },
  unneeded: { state },
  closed: { state },
  struckOff: { state },
  removed: { state },
  failed: { state },
})

const open: HostingStep = { state: 'hosted', effect: 'open' }

const table: Record<HostingState, Record<HostingEvent, HostingStep>> = {
  absent: { ...stay('absent'), wanted: open },
  // H1.
  hosted: { ...stay('hosted'), unneeded: { state: 'leaving', effect: 'close' } },
  leaving: { ...stay('leaving'), closed: { state: 'left' } },
  // H2, H3.
  left: { ...stay('left'), wanted: open, struckOff: { state: 'removing', effect: 'remove' } },
  removing: { ...stay('removing'), removed: { state: 'absent' }, failed: { state: 'left' } },
}

/** What applying an event takes; `apply.ts` has the rules. */
import type { Address, TenantId } from '@waggle/protocol'
import type { Scope } from '../state/keyspace.ts'
import type { MutableState } from '../state/overlay.ts'
import type { Effect } from './effect.ts'
import type { EventBodies, EventKind } from './events.ts'

/** Where and when an event happened, beside the state that it changes. */
export interface ApplyContext {
  readonly state: MutableState
  readonly tenant: TenantId
  readonly address: Address
  readonly timeMs: number
  /** The scope of the entry's collective, which every event inside a collective has. */
  readonly scope: () => Scope
  /** Tells indexes and watchers what they must follow. */
  readonly tell: (effect: Effect) => void
}

export type Applier<Kind extends EventKind> = (body: EventBodies[Kind], context: ApplyContext) => void

export type Appliers = { readonly [Kind in EventKind]: Applier<Kind> }

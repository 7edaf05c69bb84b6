/** What every decision sees and says; `decide.ts` has their rules. */
import type { CollectiveId, Generation, LogEvent, RequestOf, ResultOf, TenantId, WriteName } from '@waggle/protocol'
import type { StateView } from '../state/overlay.ts'

export interface DecideContext {
  readonly view: StateView
  readonly tenant: TenantId
  /** Time of the record that the events will stand in. */
  readonly timeMs: number
  /** The idempotency key: ids of what is created are derived from it, so that a retry meets them. */
  readonly key: string
  readonly generation: Generation
  /** Whether a collective of that id lives here. */
  readonly isOfThisShard: (id: CollectiveId) => boolean
}

export interface Decision<Result> {
  /** In the order in which they take effect; none when nothing changes. */
  readonly events: readonly LogEvent[]
  readonly result: Result
}

/** @throws Fault when the command is refused */
export type Decider<Fields, Result> = (fields: Fields, context: DecideContext) => Decision<Result>

/** Results but for the sequence of the batch, which no decision knows. */
export type Deciders = { readonly [Name in WriteName]: Decider<RequestOf<Name>, Omit<ResultOf<Name>, 'sequence'>> }

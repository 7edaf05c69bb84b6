/**
 * `decide` turns a command into events and a result, or into a fault. It runs once, at the leader.
 *
 * D1  It sees the applied state and what is staged on top of it, and nothing else: no clock, no randomness, no I/O.
 * D2  It changes nothing: what it decided takes effect through `apply` alone.
 */
import type { Generation, LogEvent, RequestOf, ResultOf, TenantId, WriteName } from '@waggle/protocol'
import { collectiveDeciders } from '../memory/collective-commands.ts'
import { experienceDeciders } from '../memory/experience-commands.ts'
import type { StateView } from '../state/overlay.ts'
import { maintenanceDeciders, type MaintenanceCommands } from './maintenance.ts'

export interface DecideContext {
  readonly view: StateView
  readonly tenant: TenantId
  /** Time of the record that the events will stand in. */
  readonly timeMs: number
  /** The idempotency key: ids of what is created are derived from it, so that a retry meets them. */
  readonly key: string
  readonly generation: Generation
}

export interface Decision<Result> {
  /** In the order in which they take effect; none when nothing changes. */
  readonly events: readonly LogEvent[]
  readonly result: Result
}

/** @throws Fault when the command is refused */
export type Decider<Fields, Result> = (fields: Fields, context: DecideContext) => Decision<Result>

export type Deciders = { readonly [Name in WriteName]: Decider<RequestOf<Name>, ResultOf<Name>> }

const deciders: Deciders & {
  readonly [Name in keyof MaintenanceCommands]: Decider<MaintenanceCommands[Name], object>
} = { ...collectiveDeciders, ...experienceDeciders, ...maintenanceDeciders }

export type CommandName = keyof typeof deciders

/** @throws Fault when the command is refused */
export const decide = (name: CommandName, fields: unknown, context: DecideContext): Decision<unknown> =>
  (deciders[name] as Decider<unknown, unknown>)(fields, context)

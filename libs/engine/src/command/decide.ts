/**
 * `decide` turns a command into events and a result, or into a fault. It runs once, at the leader.
 *
 * D1  It sees the applied state and what is staged on top of it, and nothing else: no clock, no randomness, no I/O.
 * D2  It changes nothing: what it decided takes effect through `apply` alone.
 */
import { collectiveDeciders } from '../memory/collective-commands.ts'
import { experienceDeciders } from '../memory/experience-commands.ts'
import type { DecideContext, Decider, Deciders, Decision } from './decider.ts'
import { maintenanceDeciders, type MaintenanceCommands } from './maintenance.ts'

const deciders: Deciders & {
  readonly [Name in keyof MaintenanceCommands]: Decider<MaintenanceCommands[Name], object>
} = { ...collectiveDeciders, ...experienceDeciders, ...maintenanceDeciders }

export type CommandName = keyof typeof deciders

/** @throws Fault when the command is refused */
export const decide = (name: CommandName, fields: unknown, context: DecideContext): Decision<unknown> =>
  (deciders[name] as Decider<unknown, unknown>)(fields, context)

/**
 * `decide` turns a command into events and a result, or into a fault. It runs once, at the leader.
 *
 * D1  It sees the applied state and what is staged on top of it, and nothing else: no clock, no randomness, no I/O.
 * D2  It changes nothing: what it decided takes effect through `apply` alone.
 */
import { keyDeciders } from '../batch-store/key-commands.ts'
import { batchPruneDeciders, type BatchCommands } from '../batch-store/prune/batch-commands.ts'
import { pruneDeciders, type PruneCommands } from '../batch-store/prune/prune-commands.ts'
import { uploadDeciders, type UploadCommands } from '../batch-store/upload/upload-commands.ts'
import { checkpointDeciders, type CheckpointCommands } from '../checkpoint/checkpoint-commands.ts'
import { expiryDeciders, type ExpiryCommands } from '../expiry/expiry-commands.ts'
import { holdDeciders, type HoldCommands } from '../keeping/hold-commands.ts'
import { journalDeciders, type JournalCommands } from '../keeping/journal-commands.ts'
import { activityDeciders } from '../memory/activity/activity-commands.ts'
import { collectiveDeciders } from '../memory/collective/collective-commands.ts'
import { experienceDeciders } from '../memory/experience/experience-commands.ts'
import { insightDeciders } from '../memory/insight/insight-commands.ts'
import { relationDeciders } from '../memory/relation/relation-commands.ts'
import { restoreDeciders } from '../memory/restore-commands.ts'
import { pageDeciders } from '../page-store/page-commands.ts'
import { storageDeciders, type StorageCommands } from '../storage-port/storage-commands.ts'
import { payloadDeciders } from '../vector-store/payload-commands.ts'
import { vectorDeciders } from '../vector-store/vector-commands.ts'
import { abandonDeciders, cursorDeciders, type AbandonCommands } from '../watch/cursor-commands.ts'
import { batchDeciders } from './batch-commands.ts'
import type { DecideContext, Decider, Deciders, Decision } from './decider.ts'
import { maintenanceDeciders, type MaintenanceCommands } from './maintenance.ts'

/** What the shard asks of itself: no request has these names. */
type OwnCommands = MaintenanceCommands &
  HoldCommands &
  CheckpointCommands &
  JournalCommands &
  AbandonCommands &
  StorageCommands &
  UploadCommands &
  ExpiryCommands &
  PruneCommands &
  BatchCommands

const deciders: Deciders & { readonly [Name in keyof OwnCommands]: Decider<OwnCommands[Name], object> } = {
  ...collectiveDeciders,
  ...experienceDeciders,
  ...restoreDeciders,
  ...relationDeciders,
  ...insightDeciders,
  ...activityDeciders,
  ...cursorDeciders,
  ...batchDeciders,
  ...keyDeciders,
  ...uploadDeciders,
  ...pruneDeciders,
  ...batchPruneDeciders,
  ...vectorDeciders,
  ...payloadDeciders,
  ...pageDeciders,
  ...maintenanceDeciders,
  ...holdDeciders,
  ...checkpointDeciders,
  ...journalDeciders,
  ...abandonDeciders,
  ...storageDeciders,
  ...expiryDeciders,
}

export type CommandName = keyof typeof deciders

/** @throws Fault when the command is refused */
export const decide = (name: CommandName, fields: unknown, context: DecideContext): Decision<unknown> =>
  (deciders[name] as Decider<unknown, unknown>)(fields, context)

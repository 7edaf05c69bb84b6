/** What the storage port asks of the shard: commands of the engine's own, which no request has the name of. */
import { bulkDeciders } from './bulk-commands.ts'
import { linkDeciders } from './link-commands.ts'
import { recordDeciders } from './record-commands.ts'
import { syncDeciders } from './sync-commands.ts'

export const storageDeciders = { ...recordDeciders, ...linkDeciders, ...bulkDeciders, ...syncDeciders }

type StorageDeciders = typeof storageDeciders

export type StorageCommandName = keyof StorageDeciders

/** The fields of each command. */
export type StorageCommands = { readonly [Name in StorageCommandName]: Parameters<StorageDeciders[Name]>[0] }

/** What each command answers. */
export type StorageResults = { readonly [Name in StorageCommandName]: ReturnType<StorageDeciders[Name]>['result'] }

/** Decisions about keys. */
import type { Deciders, Decider } from '../command/decider.ts'

export interface UploadCommands {
  /** Drops uploads that nobody ended. */
  'maintenance.dropUploads': object
}

const notBuilt = (): never => {
  throw new Error('not built')
}

export const keyDeciders: Pick<Deciders, 'keys.put' | 'keys.stage' | 'keys.delete'> = {
  'keys.put': notBuilt,
  'keys.stage': notBuilt,
  'keys.delete': notBuilt,
}

export const uploadDeciders: { readonly [Name in keyof UploadCommands]: Decider<UploadCommands[Name], object> } = {
  'maintenance.dropUploads': notBuilt,
}

/** Decisions about prunes of keys and of their journal. */
import type { Decider, Deciders } from '../../command/decider.ts'

export interface PruneCommands {
  /** A step of a prune. */
  'maintenance.pruneKeys': object
}

const notBuilt = (): never => {
  throw new Error('not built')
}

type PruneDeciders = Pick<Deciders, 'keys.prune' | 'keys.setRetention'> & {
  readonly [Name in keyof PruneCommands]: Decider<PruneCommands[Name], object>
}

export const pruneDeciders: PruneDeciders = {
  'keys.prune': notBuilt,
  'keys.setRetention': notBuilt,
  'maintenance.pruneKeys': notBuilt,
}
